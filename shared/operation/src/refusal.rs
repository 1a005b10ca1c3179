use payout::{Moment, State, TrId};
use serde::{Deserialize, Serialize};

use crate::operation::Kind;
use crate::role::Role;
use crate::way::WhyNot;

/// Why an order was not carried out. Nothing has changed, unless it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The caller's roles do not allow it.
    NotAllowed {
        /// What.
        operation: Kind,
        /// Those that they have.
        roles: Vec<Role>,
    },
    /// It must say why.
    NoReason,
    /// There is no such payout, reward, registration or order.
    NotFound {
        /// What was looked for, in one word: `payout`, `reward`, `recipient`, `coupon`, `order`, `table`.
        what: String,
    },
    /// A rule forbids it.
    NotPossible {
        /// The attempt.
        tr_id: TrId,
        /// Where it stands.
        state: State,
        /// Why not.
        why: WhyNot,
    },
    /// Somebody else has changed it meanwhile: look again.
    ChangedMeanwhile {
        /// What.
        what: String,
    },
    /// There are not as many as was expected.
    NotAsExpected {
        /// As many as there are.
        found: u64,
        /// As many as were expected.
        expected: u64,
    },
    /// A value is wrong.
    BadInput {
        /// Which field.
        field: String,
        /// What is wrong with it, and what it must be. Never a phone number.
        why: String,
    },
    /// A reward is wrong in itself, or by the catalogue.
    RewardWrong {
        /// What is wrong, in one sentence each.
        problems: Vec<String>,
    },
    /// The same id was used for another order.
    OrderDiffers,
    /// An order needs another person than the one who gave it.
    SamePerson,
    /// The order does not wait for anybody.
    NotWaiting,
    /// The order has waited for a second person for too long.
    Expired {
        /// Since when.
        asked_at: Moment,
    },
    /// A payout of this person is under way: it must come to its end first.
    StillOpen {
        /// Those.
        tr_ids: Vec<TrId>,
    },
    /// Something that was needed did not answer. Trying again is safe.
    Unavailable {
        /// What.
        what: String,
    },
    /// The request cannot be read: front end and `operate` are of different versions, or it is malformed.
    Unreadable {
        /// What is wrong with it; never a value.
        why: String,
    },
}

impl Refusal {
    /// A value is wrong.
    #[expect(clippy::needless_pass_by_value, reason = "callers say what they have at hand")]
    pub fn bad_input(field: &str, why: impl ToString) -> Self {
        Self::BadInput { field: field.to_owned(), why: why.to_string() }
    }

    /// Its name, as the audit writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "not_allowed",
            Self::NoReason => "no_reason",
            Self::NotFound { .. } => "not_found",
            Self::NotPossible { .. } => "not_possible",
            Self::ChangedMeanwhile { .. } => "changed_meanwhile",
            Self::NotAsExpected { .. } => "not_as_expected",
            Self::BadInput { .. } => "bad_input",
            Self::RewardWrong { .. } => "reward_wrong",
            Self::OrderDiffers => "order_differs",
            Self::SamePerson => "same_person",
            Self::NotWaiting => "not_waiting",
            Self::Expired { .. } => "expired",
            Self::StillOpen { .. } => "still_open",
            Self::Unavailable { .. } => "unavailable",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}
