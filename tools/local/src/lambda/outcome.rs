//! How an invocation ends.

use hyper::body::Bytes;
use serde_json::{Value, json};

/// How an invocation that was admitted ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The function answered.
    Answered(Bytes),
    /// The function reported an error, crashed or ran out of time; `errorType` and `errorMessage`.
    Failed(Bytes),
}

impl Outcome {
    pub(super) fn failed(kind: &str, message: &str) -> Self {
        let body = json!({ "errorType": kind, "errorMessage": message });
        Self::Failed(Bytes::from(body.to_string()))
    }

    /// The function's answer as JSON, if it answered with JSON.
    pub fn answer(&self) -> Option<Value> {
        match self {
            Self::Answered(body) => serde_json::from_slice(body).ok(),
            Self::Failed(_) => None,
        }
    }

    /// Whether the function failed.
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    /// The body, whichever way it ended.
    pub fn body(&self) -> &Bytes {
        match self {
            Self::Answered(body) | Self::Failed(body) => body,
        }
    }

    /// What the error says; empty if the function answered.
    pub fn error(&self) -> String {
        match self {
            Self::Answered(_) => String::new(),
            Self::Failed(body) => {
                let body: Value = serde_json::from_slice(body).unwrap_or_default();
                format!(
                    "{}: {}",
                    body["errorType"].as_str().unwrap_or("Unknown"),
                    body["errorMessage"].as_str().unwrap_or_default()
                )
            }
        }
    }
}

/// What to do when a function has no free worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Wait for one.
    Wait,
    /// Refuse, if the template limits the function's concurrency; else wait.
    RefuseIfReserved,
}

/// Why an invocation was not even started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// All reserved concurrency is in use.
    Throttled,
    /// The stack is going down.
    Stopping,
}
