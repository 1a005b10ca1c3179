use payout::{Krw, Moment};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::operation::Kind;
use crate::request::OrderId;

/// How an order ended, as far as the audit knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// About to happen outside of the tables: if nothing follows, nobody knows whether it did.
    Intended,
    /// It was done.
    Done,
    /// It waits for a second person.
    Waits,
    /// It was refused.
    Refused,
    /// Giftishow did not say whether it was done.
    Unknown,
}

impl Ended {
    /// As the audit writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Waits => "waits",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the audit: who, when, from where, about whom, what, why, and how it ended. Never changed or deleted; an order
/// that goes on has several. No phone number, no PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The order.
    pub order: OrderId,
    /// When, on the clock of `operate`.
    pub at: Moment,
    /// Who.
    pub caller: Caller,
    /// What.
    pub operation: Kind,
    /// About whom or what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Why, in the caller's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How it ended.
    pub ended: Ended,
    /// What it came to, in a few words: a count, a refusal's name, a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The most that it can cost.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub cost: Krw,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_nothing(cost: &Krw) -> bool {
    *cost == Krw(0)
}
