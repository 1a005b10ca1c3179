use std::time::Duration;

use giftishow::{Answer, CancelOutcome, TransactionId};
use payout::{Attempt, CouponStanding, Effect, Event, Evidence, Moment, State, Transition, transition};
use platform::{Due, Host as _, ReadPayout as _, Refusal, StoreError, Written, settle};

use crate::lease::Lease;
use crate::{CancelCoupon as _, Given, Sweeper};

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

impl<G: Given> Sweeper<G> {
    /// Whether one more row, with a cancel and a look-up, fits into this invocation.
    fn has_time(&self, deadline: Moment) -> bool {
        self.host.now().after(self.rules.send_timeout.saturating_mul(2)).after(TIME_TO_SETTLE) <= deadline
    }

    /// Drives one open row on.
    pub(crate) async fn drive(&self, due: &Due, lease: &Lease, deadline: Moment) -> Result<Driven, StoreError> {
        if !self.has_time(deadline) {
            return Ok(Driven::Stop);
        }
        if !self.holds(lease).await? {
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
        let tr_id = TransactionId::parse(row.tr_id.as_str()).map_err(|error| unwritable(&error.to_string()))?;
        let started = self.host.now();
        let Ended { event, evidence, answered } = match row.state {
            State::Unknown => self.end(&row, &tr_id).await,
            State::Dead | State::Review | State::Closed => self.audit(&row, &tr_id).await,
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
    async fn end(&self, row: &Attempt, tr_id: &TransactionId) -> Ended {
        let next = row.next_id(&self.scheme, 0);
        if row.restored_at.is_some()
            && let Some(ended) = self.find_restored(row, tr_id).await
        {
            return ended;
        }
        if !row.is_cancellable(self.host.now(), &self.rules) {
            let (standing, evidence) = self.look_up(row, tr_id).await;
            return Ended { event: Event::NotCancellable { standing, next }, evidence, answered: true };
        }
        // Rule 1 counts from here, not from when the answer is read.
        let cancel_started_at = self.host.now();
        let Answer { outcome, evidence } = self.line.cancel(tr_id).await;
        let answered = !evidence.lacks_whole_answer();
        let mut evidence = line::evidence(&evidence);
        let event = match outcome {
            CancelOutcome::Cancelled => Event::Cancelled { next },
            CancelOutcome::AlreadyUsed => Event::AlreadyUsed,
            CancelOutcome::NotFound => {
                let mut second_opinion = CouponStanding::Unanswered;
                if row.not_found_counts(cancel_started_at, &self.rules) {
                    (second_opinion, evidence) = self.look_up(row, tr_id).await;
                }
                Event::NotFound { cancel_started_at, second_opinion, next }
            }
            CancelOutcome::NotCancellable => {
                let standing;
                (standing, evidence) = self.look_up(row, tr_id).await;
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

    /// What a restored table holds as open may have come to its end since: it is looked up before it is cancelled. `None` if
    /// there is nothing at Giftishow, so that rule 1 decides.
    async fn find_restored(&self, row: &Attempt, tr_id: &TransactionId) -> Option<Ended> {
        let (standing, evidence) = self.look_up(row, tr_id).await;
        if standing == CouponStanding::Absent {
            return None;
        }
        let event = Event::FoundAfterRestore { standing, next: row.next_id(&self.scheme, 0) };
        Some(Ended { event, evidence, answered: true })
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
            let took = stamp.at.since(started);
            let refusals = match settle(&self.host, &self.payouts, row, &settled, Vec::new(), took).await? {
                Written::Done => return Ok(Some(settled.after)),
                Written::Refused(refusals) => refusals,
            };
            match next_in_the_way(&refusals, row) {
                // A restored table held half of the transaction that made it.
                Some(next) if next.payout_id == row.payout_id => return self.adopt(row, settled, took).await,
                // The id belongs to another payout.
                Some(_) => event = with_next(event, row.next_id(&self.scheme, salt)),
                None => {
                    tracing::info!(tr_id = row.tr_id.as_str(), "A row was changed by somebody else meanwhile.");
                    return Ok(None);
                }
            }
        }
        Err(unwritable("no free tr_id was found for its next attempt"))
    }

    /// The next attempt is there already: only that it is, and that this one is dead, is written.
    async fn adopt(&self, row: &Attempt, settled: Transition, took: Duration) -> Result<Option<Attempt>, StoreError> {
        let effects = settled.effects.into_iter().filter(|effect| !matches!(effect, Effect::StartAttempt(_))).collect();
        let settled = Transition { effects, ..settled };
        match settle(&self.host, &self.payouts, row, &settled, Vec::new(), took).await? {
            Written::Done => {
                tracing::info!(tr_id = row.tr_id.as_str(), "Its next attempt was there already, and is its own.");
                Ok(Some(settled.after))
            }
            Written::Refused(_) => Ok(None),
        }
    }
}

fn unwritable(why: &str) -> StoreError {
    StoreError::Malformed { table: "payouts", why: why.to_owned() }
}

/// The row that has the next attempt's id, if nothing but that stood in the way.
fn next_in_the_way<'a>(refusals: &'a [Refusal], row: &Attempt) -> Option<&'a Attempt> {
    match refusals {
        [Refusal { index, current: Some(other) }] if *index > 0 && other.tr_id != row.tr_id => Some(other),
        _ => None,
    }
}

fn with_next(event: Event, next: payout::NextId) -> Event {
    match event {
        Event::Cancelled { .. } => Event::Cancelled { next },
        Event::NotFound { cancel_started_at, second_opinion, .. } => {
            Event::NotFound { cancel_started_at, second_opinion, next }
        }
        Event::NotCancellable { standing, .. } => Event::NotCancellable { standing, next },
        Event::FoundAfterRestore { standing, .. } => Event::FoundAfterRestore { standing, next },
        other => other,
    }
}
