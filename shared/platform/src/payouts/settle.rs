use std::time::Duration;

use payout::{Alarm, Attempt, Effect, State, Transition};

use super::{Write, WritePayouts, Written};
use crate::error::StoreError;
use crate::telemetry::{Metric, log_transition};

/// Writes a transition with everything that belongs to it in one go, and tells of it once it is durable. `took` is how long
/// what led to it took.
pub async fn settle<P: WritePayouts>(
    payouts: &P,
    before: &Attempt,
    transition: &Transition,
    took: Duration,
) -> Result<Written, StoreError> {
    let mut writes = vec![Write::Change { before: before.clone(), after: transition.after.clone() }];
    for effect in &transition.effects {
        if let Effect::StartAttempt(next) = effect {
            writes.push(Write::Put(next.as_ref().clone()));
        }
    }
    let written = payouts.write(&writes).await?;
    if written == Written::Done {
        tell(before, transition, took);
    }
    Ok(written)
}

fn tell(before: &Attempt, transition: &Transition, took: Duration) {
    let after = &transition.after;
    log_transition(before, after, took);
    if before.state != after.state
        && let Some(metric) = metric(after.state)
    {
        metric.count(1);
    }
    let tr_id = after.tr_id.as_str();
    for effect in &transition.effects {
        match effect {
            Effect::StartAttempt(next) => {
                tracing::info!(tr_id = next.tr_id.as_str(), attempt = next.attempt, "The next attempt was started.");
            }
            Effect::Alarm(Alarm::Failed) => {
                tracing::error!(
                    tr_id,
                    code = after.last_code,
                    "A payout failed; mend what was refused, then re-open it."
                );
            }
            Effect::Alarm(Alarm::Review) => {
                tracing::error!(tr_id, code = after.last_code, "A payout needs a person's decision.");
            }
            Effect::LineRefused(fault) => {
                Metric::LineRefused.count(1);
                tracing::error!(tr_id, code = after.last_code, "Giftishow takes nothing from us: {}.", fault.name());
            }
        }
    }
}

fn metric(state: State) -> Option<Metric> {
    match state {
        State::Accepted | State::Sending => None,
        State::Unknown => Some(Metric::AttemptsUnknown),
        State::Sent => Some(Metric::PayoutsSent),
        State::Failed => Some(Metric::PayoutsFailed),
        State::Dead => Some(Metric::AttemptsDead),
        State::Review => Some(Metric::PayoutsInReview),
    }
}
