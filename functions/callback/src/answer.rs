use lambda_http::http::StatusCode;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::{Body, Response};
use payout::RewardCode;
use serde_json::{Value, json};

use crate::record::Recorded;
use crate::wins::Refusal;

/// The answers of the callback's contract. Entries are named by index and code, never by more.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200: every entry is durable, now or earlier.
    Recorded(Vec<(RewardCode, Recorded)>),
    /// 400 or 413.
    Refused(Refusal),
    /// 404.
    NotFound,
    /// 422: these entries have no active reward; nothing of the list was recorded.
    NoActiveReward(Vec<(usize, RewardCode)>),
    /// 503: could not be recorded just now.
    TryAgain,
}

impl Answer {
    pub(crate) fn into_response(self) -> Response<Body> {
        let (status, body) = match self {
            Self::Recorded(entries) => (StatusCode::OK, recorded(&entries)),
            Self::Refused(Refusal::TooLarge) => {
                (StatusCode::PAYLOAD_TOO_LARGE, error("too_large", "the body must not exceed 64 KiB"))
            }
            Self::Refused(Refusal::Malformed { message, index }) => {
                let mut body = error("malformed", &message);
                if let Some(index) = index {
                    body["entries"] = json!([{ "index": index }]);
                }
                (StatusCode::BAD_REQUEST, body)
            }
            Self::NotFound => (StatusCode::NOT_FOUND, error("not_found", "there is nothing here")),
            Self::NoActiveReward(entries) => (StatusCode::UNPROCESSABLE_ENTITY, no_active_reward(&entries)),
            Self::TryAgain => (
                StatusCode::SERVICE_UNAVAILABLE,
                error("try_again", "the list could not be recorded just now; trying again is safe"),
            ),
        };
        let mut response = Response::new(Body::Text(body.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, lambda_http::http::HeaderValue::from_static("application/json"));
        response
    }
}

fn error(reason: &str, message: &str) -> Value {
    json!({ "error": reason, "message": message })
}

fn recorded(entries: &[(RewardCode, Recorded)]) -> Value {
    let entry = |(index, (code, recorded)): (usize, &(RewardCode, Recorded))| json!({ "index": index, "code": code, "status": recorded.as_str() });
    json!({ "entries": entries.iter().enumerate().map(entry).collect::<Vec<_>>() })
}

fn no_active_reward(entries: &[(usize, RewardCode)]) -> Value {
    let message = "these codes have no active reward; nothing of the list was recorded";
    let mut body = error("no_active_reward", message);
    body["entries"] = entries.iter().map(|(index, code)| json!({ "index": index, "code": code })).collect();
    body
}
