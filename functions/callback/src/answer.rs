use payout::RewardCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::record::Recorded;
use crate::refusal::Refusal;

/// A response as API Gateway's payload format 2.0 has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The status.
    pub status_code: u16,
    headers: Headers,
    /// JSON.
    pub body: String,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize)]
struct Headers {
    #[serde(rename = "content-type")]
    content_type: &'static str,
}

/// The answers of the callback's contract. Entries are named by index and code, never by more.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200: every entry is durable, now or earlier.
    Recorded(Vec<(RewardCode, Recorded)>),
    /// 400, 404 or 413, behind the token.
    Refused(Refusal),
    /// 404, before the token.
    NotFound,
    /// 503: could not be recorded just now.
    TryAgain,
}

impl Answer {
    pub(crate) fn into_response(self) -> Response {
        let (status_code, body) = match self {
            Self::Recorded(entries) => (200, recorded(&entries)),
            Self::Refused(refusal) => (refusal.status(), refused(refusal)),
            Self::NotFound => (404, not_found()),
            Self::TryAgain => {
                (503, error("try_again", "the list could not be recorded just now; trying again is safe"))
            }
        };
        let headers = Headers { content_type: "application/json" };
        Response { status_code, headers, body: body.to_string(), is_base64_encoded: false }
    }
}

fn refused(refusal: Refusal) -> Value {
    match refusal {
        // As a stranger is answered.
        Refusal::Address | Refusal::Method => not_found(),
        Refusal::TooLarge => error("too_large", "the body must not exceed 64 KiB"),
        Refusal::Malformed { message, index } => {
            let mut body = error("malformed", &message);
            if let Some(index) = index {
                body["entries"] = json!([{ "index": index }]);
            }
            body
        }
    }
}

fn not_found() -> Value {
    error("not_found", "there is nothing here")
}

fn error(reason: &str, message: &str) -> Value {
    json!({ "error": reason, "message": message })
}

fn recorded(entries: &[(RewardCode, Recorded)]) -> Value {
    let entry = |(index, (code, recorded)): (usize, &(RewardCode, Recorded))| json!({ "index": index, "code": code, "status": recorded.as_str() });
    json!({ "entries": entries.iter().enumerate().map(entry).collect::<Vec<_>>() })
}
