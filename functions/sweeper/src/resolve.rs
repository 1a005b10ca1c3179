use std::time::Duration;

use giftishow::{Answer, CancelOutcome, TrId};
use payout::{Attempt, CouponStanding, Effect, Event, Evidence, LineFault, Moment, Stamp, State, transition};
use platform::{Due, FindDue, Metric, ReadPayout, Refusal, StoreError, WritePayouts, Written, new_owner, now, settle};

use crate::{CancelCoupon, Sweeper};

/// Time kept at the end of an invocation for writing.
const TIME_TO_SETTLE: Duration = Duration::from_secs(5);
/// Ids tried for the next attempt; one collision in 2^80 is one too many to believe in, three are a broken scheme.
const MOST_SALTS: u8 = 3;

impl<L, P, W> Sweeper<L, P, W>
where
    L: CancelCoupon,
    P: FindDue + ReadPayout + WritePayouts,
{
    /// Whether one more row, with a cancel and a look-up, fits into this invocation.
    pub(crate) fn has_time(&self, deadline: Moment) -> bool {
        now().after(self.rules.send_timeout.saturating_mul(2)).after(TIME_TO_SETTLE) <= deadline
    }

    /// Drives one open row on; tells whether it was written.
    pub(crate) async fn drive(&self, due: &Due) -> Result<bool, StoreError> {
        let Some(mut row) = self.payouts.attempt(&due.tr_id).await? else {
            tracing::error!(tr_id = due.tr_id.as_str(), "A due row is gone; rows of payouts must never be removed.");
            return Ok(false);
        };
        // The index may lag behind the table.
        if !row.is_due(now()) {
            return Ok(false);
        }
        if row.state == State::Sending {
            match self.write(&row, Event::LeaseExpired, Evidence::default(), now()).await? {
                Some(unknown) => row = unknown,
                None => return Ok(false),
            }
        }
        if row.state != State::Unknown {
            return Ok(false);
        }
        let Ok(tr_id) = TrId::parse(row.tr_id.as_str()) else {
            tracing::error!(tr_id = row.tr_id.as_str(), "A row's tr_id cannot be asked for; a person must look at it.");
            return Ok(false);
        };
        let started = now();
        let (event, evidence) = self.end(&row, &tr_id).await;
        Ok(self.write(&row, event, evidence, started).await?.is_some())
    }

    /// Asks Giftishow to end an unknown send, and says what its answer means.
    async fn end(&self, row: &Attempt, tr_id: &TrId) -> (Event, Evidence) {
        if !row.is_cancellable(now(), &self.rules) {
            let (standing, evidence) = self.look_up(tr_id).await;
            return (Event::NotCancellable { standing, next: self.next_id(row, 0) }, evidence);
        }
        // Rule 1 counts from here, not from when the answer is read.
        let cancel_started_at = now();
        let Answer { outcome, evidence } = self.line.cancel(tr_id).await;
        let evidence = line::evidence(&evidence);
        match outcome {
            CancelOutcome::Cancelled => (Event::Cancelled { next: self.next_id(row, 0) }, evidence),
            CancelOutcome::AlreadyUsed => (Event::AlreadyUsed, evidence),
            CancelOutcome::NotFound => {
                let counts = row.not_found_counts(cancel_started_at, &self.rules);
                let second_opinion = if counts { self.look_up(tr_id).await.0 } else { CouponStanding::Unanswered };
                (Event::NotFound { cancel_started_at, second_opinion, next: self.next_id(row, 0) }, evidence)
            }
            CancelOutcome::NotCancellable => {
                let (standing, _) = self.look_up(tr_id).await;
                (Event::NotCancellable { standing, next: self.next_id(row, 0) }, evidence)
            }
            CancelOutcome::LineRefused(fault) => {
                refused(line::fault(fault));
                (Event::CancelUnanswered, evidence)
            }
            CancelOutcome::Unanswered => (Event::CancelUnanswered, evidence),
        }
    }

    async fn look_up(&self, tr_id: &TrId) -> (CouponStanding, Evidence) {
        let Answer { outcome, evidence } = self.line.look_up(tr_id).await;
        (line::standing(&outcome), line::evidence(&evidence))
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
            let stamp = Stamp { owner: new_owner(), at: now(), evidence: evidence.clone() };
            let settled = match transition(row, event.clone(), &stamp, &self.rules) {
                Ok(settled) => settled,
                Err(illegal) => {
                    tracing::error!(tr_id = row.tr_id.as_str(), "{illegal}.");
                    return Ok(None);
                }
            };
            match settle(&self.payouts, row, &settled, stamp.at.since(started)).await? {
                Written::Done => return Ok(Some(settled.after)),
                Written::Refused(refusals) if next_id_is_taken(&refusals, &settled.effects) => {
                    event = with_next(event, self.next_id(row, salt));
                }
                Written::Refused(_) => {
                    tracing::info!(tr_id = row.tr_id.as_str(), "A row was changed by somebody else meanwhile.");
                    return Ok(None);
                }
            }
        }
        tracing::error!(
            tr_id = row.tr_id.as_str(),
            "No free tr_id was found for the next attempt; a person must look."
        );
        Ok(None)
    }
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

fn refused(fault: LineFault) {
    Metric::LineRefused.count(1);
    tracing::error!("Giftishow takes no cancel from us: {}.", fault.name());
}
