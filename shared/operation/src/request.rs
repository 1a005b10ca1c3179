use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::caller::Person;
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::refusal::Refusal;

/// Version of what is written here. An `operate` that does not know an operation says its own, so that a front end can tell
/// which of the two is older.
pub const PROTOCOL: u32 = 1;

/// Names an order: the same order twice is one, whichever answer was lost. 16 to 64 of `A-Z a-z 0-9 -`; made by whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId(String);

/// Why a text is no [`OrderId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an order's id must have 16 to 64 ASCII letters, digits or hyphens")]
pub struct OrderIdError;

impl OrderId {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrderId {
    type Error = OrderIdError;
    fn try_from(text: String) -> Result<Self, OrderIdError> {
        let fits = (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits { Ok(Self(text)) } else { Err(OrderIdError) }
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> Self {
        id.0
    }
}

/// What is asked through the function URL, as a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// [`PROTOCOL`] of whoever asks.
    pub protocol: u32,
    /// Names it.
    pub id: OrderId,
    /// Whether only to tell what it would do. Otherwise the same request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Why; some operations must not be asked without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What.
    pub operation: Operation,
}

/// What the back office asks through Invoke: the same, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromBackoffice {
    /// Whom it has signed in.
    pub person: Person,
    /// What they ask.
    pub request: Request,
}

/// The answer to a [`Request`]: `{"protocol":1,"done":{…}}` or `{"protocol":1,"refused":{…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// [`PROTOCOL`] of whoever answers.
    pub protocol: u32,
    /// What came of it.
    #[serde(flatten)]
    pub answer: Answer,
}

/// Either half of a [`Reply`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was done, or found.
    Done(Box<Outcome>),
    /// It was not, and nothing has changed.
    Refused(Refusal),
}

impl Reply {
    /// Wraps what came of a request.
    pub fn new(result: Result<Outcome, Refusal>) -> Self {
        let answer = match result {
            Ok(outcome) => Answer::Done(Box::new(outcome)),
            Err(refusal) => Answer::Refused(refusal),
        };
        Self { protocol: PROTOCOL, answer }
    }

    /// What came of it.
    pub fn into_result(self) -> Result<Outcome, Refusal> {
        match self.answer {
            Answer::Done(outcome) => Ok(*outcome),
            Answer::Refused(refusal) => Err(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_its_answer_are_plain_json() {
        let id = OrderId::try_from("0123456789abcdef".to_owned()).unwrap();
        let request = Request { protocol: 1, id, dry_run: false, reason: None, operation: Operation::Balance };
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(json, r#"{"protocol":1,"id":"0123456789abcdef","operation":"balance"}"#);
        assert_eq!(serde_json::from_str::<Request>(&json).unwrap(), request);
        let refused = Reply::new(Err(Refusal::NoReason));
        let json = serde_json::to_string(&refused).unwrap();
        assert_eq!(json, r#"{"protocol":1,"refused":"no_reason"}"#);
        assert_eq!(serde_json::from_str::<Reply>(&json).unwrap(), refused);
        assert!(OrderId::try_from("short".to_owned()).is_err());
    }
}
