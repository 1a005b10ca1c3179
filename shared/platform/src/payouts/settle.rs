use std::time::Duration;

use payout::{Alarm, Attempt, Effect, State, Transition};

use super::{Write, WritePayouts, Written, write_again};
use crate::error::StoreError;
use crate::host::Host;
use crate::telemetry::{Metric, log_transition};

/// Writes a transition with everything that belongs to it in one go, and tells of it once it is durable. `took` is how long
/// what led to it took. `more` is written with it, after the row itself, which is the first of the list.
///
/// A person is called before the write: the written row may be final, and then nobody would ever look at it again. A crash
/// in between calls twice, never not at all.
pub async fn settle<H: Host, P: WritePayouts>(
    host: &H,
    payouts: &P,
    before: &Attempt,
    transition: &Transition,
    more: Vec<Write>,
    took: Duration,
) -> Result<Written, StoreError> {
    call_a_person(host, transition);
    write_settled(host, payouts, before, transition, more, took).await
}

/// The second half of [`settle`], for a write that is tried again: a person is called once.
pub async fn write_settled<H: Host, P: WritePayouts>(
    host: &H,
    payouts: &P,
    before: &Attempt,
    transition: &Transition,
    more: Vec<Write>,
    took: Duration,
) -> Result<Written, StoreError> {
    let mut writes = vec![Write::Change { before: before.clone(), after: transition.after.clone() }];
    for effect in &transition.effects {
        match effect {
            Effect::StartAttempt(next) => writes.push(Write::Put(next.as_ref().clone())),
            Effect::Bury(tr_id) => writes.push(Write::Bury(tr_id.clone())),
            Effect::Alarm(_) | Effect::LineRefused(_) => {}
        }
    }
    writes.extend(more);
    let written = write_again(host, payouts, &writes).await?;
    if written == Written::Done {
        tell(host, before, transition, took);
    }
    Ok(written)
}

fn tell<H: Host>(host: &H, before: &Attempt, transition: &Transition, took: Duration) {
    let after = &transition.after;
    log_transition(before, after, took);
    if before.state != after.state
        && let Some(metric) = metric(after.state)
    {
        host.count(metric, 1);
    }
    for effect in &transition.effects {
        if let Effect::StartAttempt(next) = effect {
            tracing::info!(tr_id = next.tr_id.as_str(), attempt = next.attempt, "The next attempt was started.");
        }
    }
}

/// The first half of [`settle`].
pub fn call_a_person<H: Host>(host: &H, transition: &Transition) {
    let row = &transition.after;
    let (tr_id, code) = (row.tr_id.as_str(), row.last_code.as_deref());
    for effect in &transition.effects {
        match effect {
            Effect::StartAttempt(_) | Effect::Bury(_) => {}
            Effect::Alarm(Alarm::Failed) => {
                host.count(Metric::PayoutsFailed, 1);
                tracing::error!(tr_id, code, "A payout failed; mend what was refused, then re-open it.");
            }
            Effect::Alarm(Alarm::Review) => {
                host.count(Metric::PayoutsInReview, 1);
                tracing::error!(tr_id, code, "A payout needs a person's decision.");
            }
            Effect::Alarm(Alarm::Stuck) => {
                host.count(Metric::AttemptsStuck, 1);
                let (state, tries) = (row.state.as_str(), row.tries);
                tracing::error!(
                    tr_id,
                    code,
                    state,
                    tries,
                    "An attempt has been tried for long to no effect; it goes on."
                );
            }
            Effect::Alarm(Alarm::Capped) => {
                host.count(Metric::PayoutsCapped, 1);
                let cap = row.last_event.as_str();
                tracing::error!(
                    tr_id,
                    code = row.code.as_str(),
                    cap,
                    "A payout waits: a cap is reached, or a price above it."
                );
            }
            Effect::Alarm(Alarm::LateIssuance) => {
                host.count(Metric::LateIssuance, 1);
                tracing::error!(tr_id, "A coupon came after GRACE_SECONDS and was cancelled; the grace is too short.");
            }
            Effect::Alarm(Alarm::OrderFailed) => {
                host.count(Metric::OrdersFailed, 1);
                tracing::error!(
                    tr_id,
                    code,
                    "A coupon that a person wanted cancelled was used, or cannot be cancelled."
                );
            }
            Effect::Alarm(Alarm::PaidTwice) => {
                host.count(Metric::PayoutsPaidTwice, 1);
                tracing::error!(tr_id, code, "A coupon came too late to be cancelled; the winner may have two.");
            }
            Effect::LineRefused(fault) => {
                host.count(Metric::LineRefused, 1);
                tracing::error!(tr_id, code, "Giftishow takes nothing from us: {}.", fault.name());
            }
        }
    }
}

fn metric(state: State) -> Option<Metric> {
    match state {
        // Failures and reviews are counted where a person is called.
        State::Accepted | State::Sending | State::Failed | State::Review | State::Closed => None,
        State::HandedOver => Some(Metric::PayoutsHandedOver),
        State::Unknown => Some(Metric::AttemptsUnknown),
        State::Sent => Some(Metric::PayoutsSent),
        State::Dead => Some(Metric::AttemptsDead),
    }
}
