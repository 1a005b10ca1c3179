//! The other face: looking at the books and steering the fake. Not part of the real service.

use hyper::{Method, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::catalogue::PlannedChange;
use crate::config::SimCredentials;
use crate::script::ScriptedFault;
use crate::server::{Reply, empty, json, plain};
use crate::state::Shared;
use crate::vendor::ControlError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balance {
    /// Won.
    amount: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_seconds: i64,
}

/// Answers everything outside `/bizApi`.
pub(crate) fn handle(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> Reply {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let done = match (method.as_str(), segments.as_slice()) {
        ("GET", ["_ledger"]) => return ledger(shared),
        ("POST", ["_faults"]) => read(body).map(|faults: Vec<ScriptedFault>| {
            shared.change(|state| faults.into_iter().for_each(|fault| state.script.push(fault)));
        }),
        ("DELETE", ["_faults"]) => {
            shared.change(|state| state.script.clear());
            Ok(())
        }
        ("POST", ["_coupons", tr_id, "use"]) => use_coupon(shared, tr_id),
        ("POST", ["_balance"]) => {
            read(body).map(|Balance { amount }| shared.change(|state| state.vendor.set_balance(amount)))
        }
        ("POST", ["_clock"]) => read(body).map(|Clock { advance_seconds }| {
            shared.change(|state| state.advance_clock(SignedDuration::from_secs(advance_seconds)));
        }),
        ("POST", ["_catalogue"]) => change_catalogue(shared, body),
        ("POST", ["_credentials"]) => read(body).map(|credentials: SimCredentials| {
            shared.change(|state| state.vendor.set_credentials(credentials));
        }),
        _ => return plain(StatusCode::NOT_FOUND, "nothing is served here"),
    };
    match done {
        Ok(()) => empty(StatusCode::NO_CONTENT),
        Err(refused) => refused,
    }
}

fn ledger(shared: &Shared) -> Reply {
    match serde_json::to_value(shared.read(crate::state::State::ledger)) {
        Ok(ledger) => json(StatusCode::OK, &ledger),
        Err(error) => failed(StatusCode::INTERNAL_SERVER_ERROR, &error),
    }
}

#[expect(clippy::result_large_err, reason = "the error is the reply, made once per request")]
fn use_coupon(shared: &Shared, tr_id: &str) -> Result<(), Reply> {
    let used = shared.change(|state| {
        let now = state.now();
        state.vendor.use_coupon(tr_id, now)
    });
    used.map_err(|error| {
        let status = if error == ControlError::NotLive { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
        failed(status, &error)
    })
}

/// In order, up to the first that cannot be done.
#[expect(clippy::result_large_err, reason = "the error is the reply, made once per request")]
fn change_catalogue(shared: &Shared, body: &[u8]) -> Result<(), Reply> {
    let planned: Vec<PlannedChange> = read(body)?;
    let changed = shared.change(|state| {
        planned.into_iter().try_for_each(|PlannedChange { change, after_page }| match after_page {
            None => state.vendor.change_catalogue(change),
            Some(page) => {
                state.vendor.plan_change(page, change);
                Ok(())
            }
        })
    });
    changed.map_err(|error| failed(StatusCode::NOT_FOUND, &error))
}

#[expect(clippy::result_large_err, reason = "the error is the reply, made once per request")]
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Reply> {
    serde_json::from_slice(body).map_err(|error| failed(StatusCode::BAD_REQUEST, &error))
}

fn failed(status: StatusCode, error: &dyn std::error::Error) -> Reply {
    json(status, &json!({ "error": error.to_string() }))
}
