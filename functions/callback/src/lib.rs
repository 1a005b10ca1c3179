//! Lambda `callback`: Bleepy's POST becomes rows in the table `payouts`.
//!
//! One status answers the whole list, so: 200 ⇔ every entry is durably recorded, anything else ⇔ none is newly recorded.

mod access;
mod answer;
mod record;
mod slots;
mod wins;

use std::convert::Infallible;

use lambda_http::http::Method;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt, Response};
use payout::{Evidence, PayoutKey, RewardCode, Rules, TrIdScheme};
use platform::{FindPayouts, Host, Metric, ReadPayout, ReadRewards, RewardCache, StoreError, WritePayouts};

pub use access::Access;
use answer::Answer;
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

/// Answers one request of Bleepy. Never fails: whatever goes wrong has an answer in the contract.
pub async fn handle<R, P, H>(callback: &Callback<R, P, H>, request: Request) -> Result<Response<Body>, Infallible>
where
    R: ReadRewards,
    P: WritePayouts + ReadPayout + FindPayouts,
    H: Host,
{
    let answer = match answer(callback, &request).await {
        Ok(answer) => answer,
        Err(error) => {
            callback.host.count(Metric::CallbacksNotRecorded, 1);
            tracing::error!("A callback could not be recorded: {error}. Bleepy was told to try again.");
            Answer::TryAgain
        }
    };
    Ok(answer.into_response())
}

async fn answer<R, P, H>(callback: &Callback<R, P, H>, request: &Request) -> Result<Answer, StoreError>
where
    R: ReadRewards,
    P: WritePayouts + ReadPayout + FindPayouts,
    H: Host,
{
    let (from, request_id) = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.http.source_ip.as_deref(), context.request_id.as_deref())
        }
        _ => (None, None),
    };
    if request.method() != Method::POST || !callback.access.allows(request.uri().path(), from) {
        return Ok(Answer::NotFound);
    }
    let wins = match wins::parse(request.body()) {
        Ok(wins) => wins,
        Err(refusal) => return Ok(Answer::Refused(refusal)),
    };

    let stamp = callback.host.stamp(callback.host.new_owner(), Evidence::default());
    let codes = wins.iter().map(|win| win.code.clone()).collect::<Vec<_>>();
    let rewards = callback.rewards.rewards(&codes, stamp.at).await?;
    let active = |code: &RewardCode| rewards.get(code).filter(|reward| reward.active);
    let unknown: Vec<_> = wins.iter().enumerate().filter(|(_, win)| active(&win.code).is_none()).collect();
    if !unknown.is_empty() {
        let named = unknown.into_iter().map(|(index, win)| (index, win.code.clone()));
        return Ok(Answer::NoActiveReward(named.collect()));
    }

    // Without an id of the platform's, one of our own is as good: it need only differ from request to request.
    let request_id = request_id.unwrap_or(stamp.owner.as_str());
    let payouts = slots::payouts(callback, &wins, &rewards, request_id, stamp.at).await?;
    let recorded = record::record(callback, &payouts, &stamp).await?;
    Ok(Answer::Recorded(counted(&callback.host, payouts, recorded)))
}

fn counted<H: Host>(host: &H, payouts: Vec<PayoutKey>, recorded: Vec<Recorded>) -> Vec<(RewardCode, Recorded)> {
    let accepted = recorded.iter().filter(|entry| **entry == Recorded::Accepted).count();
    host.count(Metric::PayoutsAccepted, accepted);
    host.count(Metric::DuplicateCallbacks, recorded.len() - accepted);
    payouts.into_iter().map(|payout| payout.code).zip(recorded).collect()
}
