//! The table `payouts`: every write is conditional (rule 6), every read of one row is consistent.

mod expression;
mod find_due;
mod read;
mod settle;
mod transact;
mod write;

use aws_sdk_dynamodb::Client;
use payout::{Attempt, Count, Moment, TrId};

use crate::aws::Aws;
use crate::coupons::SealedCoupon;
use crate::error::StoreError;

pub(crate) use expression::Item;
pub use find_due::{Due, FindDue};
pub use read::{FindPayouts, ReadPayout};
pub use settle::{call_a_person, settle, write_settled};
pub use write::WritePayouts;

/// The table `payouts`, and the tables that are written in one transaction with it.
pub struct PayoutsTable {
    client: Client,
    name: String,
    control: Option<String>,
    coupons: Option<String>,
}

impl PayoutsTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name, control: None, coupons: None }
    }

    /// For a function that claims or buries: with the table `control`.
    #[must_use]
    pub fn with_control(self, name: String) -> Self {
        Self { control: Some(name), ..self }
    }

    /// For a function that keeps coupons: with the table `coupons`.
    #[must_use]
    pub fn with_coupons(self, name: String) -> Self {
        Self { coupons: Some(name), ..self }
    }
}

/// One conditional write of one row, or one condition.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "lists are short, and the small variant is the rare one")]
pub enum Write {
    /// A new attempt, on condition that its tr_id is free.
    Put(Attempt),
    /// A changed attempt, on condition that the state and the owner are still those of `before`.
    Change {
        /// The row as it was read.
        before: Attempt,
        /// The row as it shall be.
        after: Attempt,
    },
    /// Counts one more callback that named the payout, on condition that the row is there and not failed (a failed one
    /// must be re-opened instead).
    NoteDuplicate {
        /// The row.
        tr_id: TrId,
        /// When the callback came.
        at: Moment,
    },
    /// Rule 8: nothing is written, on condition that the line is open.
    LineIsOpen,
    /// Adds to the counter of a cap, on condition that the cap is kept.
    Count(Count),
    /// Remembers that Giftishow never heard of a tr_id.
    Bury(TrId),
    /// Nothing is written, on condition that the tr_id was never buried.
    NotBuried(TrId),
    /// Keeps a coupon.
    KeepCoupon(SealedCoupon),
}

/// What became of a list of writes: all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// All are durable; also if an earlier try of our own had won already.
    Done,
    /// None was written: these conditions failed.
    Refused(Vec<Refusal>),
}

/// A condition that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which write of the list.
    pub index: usize,
    /// The attempt's row as it is; `None` if it is gone, or if the write was not about an attempt.
    pub current: Option<Attempt>,
}

/// A row as the SDK hands it over.
fn attempt_of(
    item: std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>,
) -> Result<Attempt, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Malformed { table: "payouts", why: error.to_string() })
}
