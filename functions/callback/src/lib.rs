//! Lambda `callback`: Bleepy's POST becomes rows in the table `payouts`.
//!
//! One status answers the whole list, so: 200 ⇔ every entry is durably recorded, anything else ⇔ none is newly recorded.

mod access;
mod answer;
mod call;
mod entries;
mod event;
mod record;
mod refusal;
mod shape;
#[cfg(test)]
mod tests;
mod wins;

use std::convert::Infallible;

use lambda_runtime::LambdaEvent;
use payout::{Evidence, Rules, TrIdScheme};
use platform::{FindPayouts, Host, Metric, ReadPayout, ReadRewards, RewardCache, StoreError, WritePayouts};
use serde_json::value::RawValue;

pub use access::Access;
use answer::Answer;
pub use answer::Response;
pub use call::{Body, Call};
use entries::List;
use event::Event;
use record::Recorded;

/// What the function is given: made once at start.
pub struct Callback<R, P, H> {
    /// Who may call.
    pub access: Access,
    /// How tr_ids are made.
    pub scheme: TrIdScheme,
    /// The rules of payouts.
    pub rules: Rules,
    /// What codes stand for.
    pub rewards: RewardCache<R>,
    /// Where wins are recorded.
    pub payouts: P,
    /// The machine.
    pub host: H,
}

/// Answers one event of API Gateway. Never fails, whatever the event holds.
pub async fn handle<R, P, H>(
    callback: &Callback<R, P, H>,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<Response, Infallible>
where
    R: ReadRewards,
    P: WritePayouts + ReadPayout + FindPayouts,
    H: Host,
{
    let event = Event::read(&event.payload);
    Ok(respond(callback, &event.call()).await)
}

/// Answers one call of Bleepy. Never fails: whatever goes wrong has an answer in the contract.
pub async fn respond<R, P, H>(callback: &Callback<R, P, H>, call: &Call<'_>) -> Response
where
    R: ReadRewards,
    P: WritePayouts + ReadPayout + FindPayouts,
    H: Host,
{
    let answer = match answer(callback, call).await {
        Ok(answer) => answer,
        Err(error) => {
            callback.host.count(Metric::CallbacksNotRecorded, 1);
            tracing::error!("A callback could not be recorded: {error}. Bleepy was told to try again.");
            Answer::TryAgain
        }
    };
    answer.into_response()
}

async fn answer<R, P, H>(callback: &Callback<R, P, H>, call: &Call<'_>) -> Result<Answer, StoreError>
where
    R: ReadRewards,
    P: WritePayouts + ReadPayout + FindPayouts,
    H: Host,
{
    if !callback.access.knows(call.path) {
        return Ok(Answer::NotFound);
    }
    let wins = match call.wins(&callback.access) {
        Ok(wins) => wins,
        Err(refusal) => {
            refusal.tell(&callback.host, call);
            return Ok(Answer::Refused(refusal));
        }
    };

    let stamp = callback.host.stamp(callback.host.new_owner(), Evidence::default());
    let codes = wins.iter().map(|win| win.code.clone()).collect::<Vec<_>>();
    let rewards = callback.rewards.rewards(&codes, stamp.at).await?;
    // Without an id of the platform's, one of our own is as good: it need only differ from request to request.
    let request_id = call.request_id.unwrap_or(stamp.owner.as_str());
    let list = List { wins: &wins, rewards: &rewards, request_id, at: stamp.at };
    let entries = entries::entries(&list, &callback.scheme, &callback.payouts).await?;
    let recorded = record::record(callback, entries, &stamp).await?;
    count(&callback.host, &recorded);
    Ok(Answer::Recorded(codes.into_iter().zip(recorded).collect()))
}

fn count<H: Host>(host: &H, recorded: &[Recorded]) {
    let times = |of| recorded.iter().filter(|entry| **entry == of).count();
    host.count(Metric::PayoutsAccepted, times(Recorded::Accepted));
    host.count(Metric::DuplicateCallbacks, times(Recorded::Duplicate));
    host.count(Metric::PayoutsHeld, times(Recorded::Held));
}
