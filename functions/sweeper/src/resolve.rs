use std::time::Duration;

use giftishow::{Answer, CancelOutcome, TrId, TransportFault};
use payout::{Attempt, CouponStanding, Effect, Event, Evidence, Moment, State, transition};
use platform::{ControlLine, Due, FindDue, Host, ReadPayout, Refusal, StoreError, WritePayouts, Written, settle};

use crate::{CancelCoupon, Sweeper};

/// Time kept at the end of an invocation for reading, the secret and writing.
const TIME_TO_SETTLE: Duration = Duration::from_secs(15);
/// Ids tried for the next attempt; one collision in 2^80 is one too many to believe in, three are a broken scheme.
const MOST_SALTS: u8 = 3;

/// What came of driving one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driven {
    /// It was written.
    Settled,
    /// It wanted nothing, or somebody else has changed it meanwhile.
    LeftAlone,
    /// Nothing more may be asked of Giftishow in this sweep.
    Stop,
}

/// What came of asking Giftishow to end an attempt.
pub(crate) struct Ended {
    /// What its answer means.
    pub(crate) event: Event,
    /// The ground for it.
    pub(crate) evidence: Evidence,
    /// Whether a cancel that was sent was answered at all.
    pub(crate) answered: bool,
}

impl<L, P, C, W, H> Sweeper<L, P, C, W, H>
where
    L: CancelCoupon,
    P: FindDue + ReadPayout + WritePayouts,
    C: ControlLine,
    H: Host,
{
    /// Whether one more row, with a cancel and a look-up, fits into this invocation.
    fn has_time(&self, deadline: Moment) -> bool {
        self.host.now().after(self.rules.send_timeout.saturating_mul(2)).after(TIME_TO_SETTLE) <= deadline
    }

    /// Drives one open row on.
    pub(crate) async fn drive(&self, due: &Due, deadline: Moment) -> Result<Driven, StoreError> {
        if !self.has_time(deadline) {
            return Ok(Driven::Stop);
        }
        let Some(mut row) = self.payouts.attempt(&due.tr_id).await? else {
            return Err(unwritable("it is gone"));
        };
        // The index may lag behind the table.
        if !row.is_due(self.host.now()) {
            return Ok(Driven::LeftAlone);
        }
        if row.state == State::Sending {
            match self.write(&row, Event::LeaseExpired, Evidence::default(), self.host.now()).await? {
                Some(unknown) => row = unknown,
                None => return Ok(Driven::LeftAlone),
            }
        }
        let tr_id = TrId::parse(row.tr_id.as_str()).map_err(|error| unwritable(&error.to_string()))?;
        let started = self.host.now();
        let Ended { event, evidence, answered } = match row.state {
            State::Unknown => self.end(&row, &tr_id).await,
            State::Dead | State::Review => self.audit(&row, &tr_id).await,
            _ => return Ok(Driven::LeftAlone),
        };
        let written = self.write(&row, event, evidence, started).await;
        if !answered {
            // The next cancel only after the answer to this one (specification 6), and this one may still be at work.
            if let Err(error) = written {
                self.not_driven(due, &error);
            }
            return Ok(Driven::Stop);
        }
        Ok(if written?.is_some() { Driven::Settled } else { Driven::LeftAlone })
    }

    /// Asks Giftishow to end an unknown send.
    async fn end(&self, row: &Attempt, tr_id: &TrId) -> Ended {
        let next = self.next_id(row, 0);
        if !row.is_cancellable(self.host.now(), &self.rules) {
            let (standing, evidence) = self.look_up(tr_id).await;
            return Ended { event: Event::NotCancellable { standing, next }, evidence, answered: true };
        }
        // Rule 1 counts from here, not from when the answer is read.
        let cancel_started_at = self.host.now();
        let Answer { outcome, evidence } = self.line.cancel(tr_id).await;
        let answered = evidence.transport != Some(TransportFault::Deadline);
        let mut evidence = line::evidence(&evidence);
        let event = match outcome {
            CancelOutcome::Cancelled => Event::Cancelled { next },
            CancelOutcome::AlreadyUsed => Event::AlreadyUsed,
            CancelOutcome::NotFound => {
                let mut second_opinion = CouponStanding::Unanswered;
                if row.not_found_counts(cancel_started_at, &self.rules) {
                    (second_opinion, evidence) = self.look_up(tr_id).await;
                }
                Event::NotFound { cancel_started_at, second_opinion, next }
            }
            CancelOutcome::NotCancellable => {
                let standing;
                (standing, evidence) = self.look_up(tr_id).await;
                Event::NotCancellable { standing, next }
            }
            CancelOutcome::LineRefused(fault) => {
                self.refused(fault).await;
                Event::CancelUnanswered
            }
            CancelOutcome::Unanswered => Event::CancelUnanswered,
        };
        Ended { event, evidence, answered }
    }

    fn next_id(&self, row: &Attempt, salt: u8) -> payout::NextId {
        let tr_id = self.scheme.tr_id(&row.payout(), row.attempt.saturating_add(1), salt);
        payout::NextId { tr_id, salt }
    }

    /// Writes what the event makes of the row; the row as it is then, or `None` if somebody else has changed it meanwhile.
    async fn write(
        &self,
        row: &Attempt,
        event: Event,
        evidence: Evidence,
        started: Moment,
    ) -> Result<Option<Attempt>, StoreError> {
        let mut event = event;
        for salt in 1..=MOST_SALTS {
            let stamp = self.host.stamp(self.host.new_owner(), evidence.clone());
            let settled = match transition(row, event.clone(), &stamp, &self.rules) {
                Ok(settled) => settled,
                Err(illegal) => {
                    tracing::error!(tr_id = row.tr_id.as_str(), "{illegal}.");
                    return Ok(None);
                }
            };
            match settle(&self.host, &self.payouts, row, &settled, Vec::new(), stamp.at.since(started)).await? {
                Written::Done => return Ok(Some(settled.after)),
                Written::Refused(refusals) if next_id_is_taken(&refusals, &settled.effects) => {
                    event = with_next(event, self.next_id(row, salt));
                }
                Written::Refused(refusals) if refusals.iter().all(|refusal| refusal.index > 0) => {
                    return Err(unwritable("its next attempt is there already, and it does not name it"));
                }
                Written::Refused(_) => {
                    tracing::info!(tr_id = row.tr_id.as_str(), "A row was changed by somebody else meanwhile.");
                    return Ok(None);
                }
            }
        }
        Err(unwritable("no free tr_id was found for its next attempt"))
    }
}

fn unwritable(why: &str) -> StoreError {
    StoreError::Malformed { table: "payouts", why: why.to_owned() }
}

/// Whether nothing but the next attempt's id stood in the way, because it belongs to another payout.
fn next_id_is_taken(refusals: &[Refusal], effects: &[Effect]) -> bool {
    let next = effects.iter().find_map(|effect| match effect {
        Effect::StartAttempt(next) => Some(next),
        _ => None,
    });
    let taken = |row: &Attempt| next.is_some_and(|next| next.tr_id == row.tr_id && next.payout() != row.payout());
    matches!(refusals, [Refusal { current: Some(row), .. }] if taken(row))
}

fn with_next(event: Event, next: payout::NextId) -> Event {
    match event {
        Event::Cancelled { .. } => Event::Cancelled { next },
        Event::NotFound { cancel_started_at, second_opinion, .. } => {
            Event::NotFound { cancel_started_at, second_opinion, next }
        }
        Event::NotCancellable { standing, .. } => Event::NotCancellable { standing, next },
        other => other,
    }
}
