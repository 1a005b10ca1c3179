use payout::{Attempt, State, TrId};

use crate::profile::Profile;

/// How long things take, in virtual time, where nothing else than they are late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slowest {
    /// From when an attempt became unknown until its first cancel left (R7), in milliseconds.
    pub cancel_ms: i64,
    /// From when an attempt was claimed until it was finished, or to be sent again (R8), in milliseconds.
    pub end_ms: i64,
}

/// Takes the time. Only where a pass line asks for it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Since when; `None` once a cancel has left.
    unknown: Vec<(TrId, Option<i64>)>,
    claimed: Vec<(TrId, i64)>,
    pub(crate) slowest: Slowest,
}

impl Pace {
    pub(crate) fn begin(&mut self) {
        self.unknown.clear();
        self.claimed.clear();
    }

    /// A row was written.
    pub(crate) fn row(&mut self, row: &Attempt, profile: Profile, now_ms: i64) {
        if !matches!(profile, Profile::Unknown | Profile::Crashes) {
            return;
        }
        match row.state {
            State::Sending => {
                if !self.claimed.iter().any(|(tr_id, _)| *tr_id == row.tr_id) {
                    self.claimed.push((row.tr_id.clone(), now_ms));
                }
            }
            State::Unknown => {
                if !self.unknown.iter().any(|(tr_id, _)| *tr_id == row.tr_id) {
                    self.unknown.push((row.tr_id.clone(), Some(now_ms)));
                }
            }
            _ => {
                let Some(place) = self.claimed.iter().position(|(tr_id, _)| *tr_id == row.tr_id) else { return };
                let (_, since_ms) = self.claimed.swap_remove(place);
                self.slowest.end_ms = self.slowest.end_ms.max(now_ms - since_ms);
            }
        }
    }

    /// A cancel leaves.
    pub(crate) fn cancel(&mut self, tr_id: &str, now_ms: i64) {
        let unknown = self.unknown.iter_mut().find(|(unknown, _)| unknown.as_str() == tr_id);
        if let Some(since_ms) = unknown.and_then(|(_, since_ms)| since_ms.take()) {
            self.slowest.cancel_ms = self.slowest.cancel_ms.max(now_ms - since_ms);
        }
    }
}
