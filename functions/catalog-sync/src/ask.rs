//! Asking Giftishow: one request at a time, with a gap, and never in the way of a send.

use std::time::Duration;

use catalog::Held;
use giftishow::{AccountFault, Answer};
use payout::{SHARDS, State};
use platform::{FindDue, Host, KeepPicture, Metric, StoreError};

use crate::listings::{Heard, ReadListings, Trouble};
use crate::{Catalog, Running};

/// Tries of one request, each after a longer pause.
const TRIES: u32 = 3;
/// The longest that one request takes: the client's own limit for the catalogue.
const LONGEST_REQUEST: Duration = Duration::from_mins(1);
/// Time kept at the end of an invocation for the rewards, the history and the place.
const TIME_TO_SETTLE: Duration = Duration::from_secs(30);
/// How long nobody looks again whether sends are waiting.
const QUEUE_KNOWN_FOR: Duration = Duration::from_secs(10);
/// A row that is accepted and due within this time waits for its send.
const SEND_IS_NEAR: Duration = Duration::from_secs(30);

/// Why a run does not go on in this invocation.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It goes on in the next one.
    Pause(Pause),
    /// Giftishow did not answer this, after several tries.
    Unanswered(String),
    /// It is not to be believed.
    Held(Held),
    /// A table could not be read or written.
    Store(StoreError),
}

/// Why a run goes on later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// The invocation's time is up.
    OutOfTime,
    /// Sends are waiting, and they go first.
    SendsQueued,
}

impl Pause {
    /// For the log and the answer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::OutOfTime => "the time of this invocation is up",
            Self::SendsQueued => "sends are waiting",
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// Asks until there is an answer, a few times. `what` names the question, for logs.
    pub(crate) async fn ask<O: Heard>(
        &mut self,
        what: &str,
        question: impl AsyncFn(&L) -> Answer<O>,
    ) -> Result<O, Stop> {
        for attempt in 0..TRIES {
            self.wait_for_turn(attempt).await?;
            self.place.tally.requests += 1;
            let Answer { outcome, evidence } = question(&self.sync.line).await;
            let Some(trouble) = outcome.trouble() else { return Ok(outcome) };
            let evidence = line::evidence(&evidence);
            let (code, http_status) = (evidence.code, evidence.http_status);
            tracing::warn!(attempt = attempt + 1, code, http_status, "Giftishow did not answer for {what}.");
            if let Trouble::Refused(fault) = trouble {
                self.refused(fault).await;
            }
        }
        Err(Stop::Unanswered(what.to_owned()))
    }

    async fn refused(&self, fault: AccountFault) {
        self.sync.host.count(Metric::LineRefused, 1);
        tracing::error!("Giftishow takes no question about its catalogue from us: {}.", line::fault(fault).name());
        if fault == AccountFault::Credentials {
            self.sync.line.read_credentials_again().await;
        }
    }

    /// Whether this much time is left, and some to settle.
    pub(crate) fn needs(&self, time: Duration) -> Result<(), Stop> {
        let fits = self.sync.host.now().after(time).after(TIME_TO_SETTLE) <= self.deadline;
        if fits { Ok(()) } else { Err(Stop::Pause(Pause::OutOfTime)) }
    }

    /// Keeps the distance to the request before, four times longer after each try that failed.
    pub(crate) async fn wait_for_turn(&mut self, attempt: u32) -> Result<(), Stop> {
        self.needs(LONGEST_REQUEST)?;
        if self.are_sends_queued().await? {
            return Err(Stop::Pause(Pause::SendsQueued));
        }
        let gap = self.sync.manners.gap.saturating_mul(4_u32.saturating_pow(attempt));
        if std::mem::replace(&mut self.asked, true) && !gap.is_zero() {
            self.sync.host.sleep(gap).await;
        }
        Ok(())
    }

    /// Whether anything of `payouts` is due or about to be sent.
    async fn are_sends_queued(&mut self) -> Result<bool, Stop> {
        let now = self.sync.host.now();
        if self.queue_seen_at.is_some_and(|at| now.since(at) < QUEUE_KNOWN_FOR) {
            return Ok(false);
        }
        for shard in 0..SHARDS {
            let near = self.sync.payouts.due(shard, now.after(SEND_IS_NEAR), 1).await?;
            if near.iter().any(|row| row.state == State::Accepted || row.due_at <= now) {
                return Ok(true);
            }
        }
        self.queue_seen_at = Some(now);
        Ok(false)
    }
}
