//! The table `payouts`: every write is conditional (rule 6), every read of one row is consistent.

mod expression;
mod find_due;
mod read;
mod settle;
mod write;

use aws_sdk_dynamodb::Client;
use payout::{Attempt, Moment, TrId};

use crate::aws::Aws;
use crate::error::StoreError;

pub use find_due::{Due, FindDue};
pub use read::ReadPayout;
pub use settle::settle;
pub use write::WritePayouts;

/// The table `payouts`.
pub struct PayoutsTable {
    client: Client,
    name: String,
}

impl PayoutsTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

/// One conditional write of one row.
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
    /// The row as it is; `None` if it is gone.
    pub current: Option<Attempt>,
}

/// A row as the SDK hands it over.
fn attempt_of(
    item: std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>,
) -> Result<Attempt, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Malformed { table: "payouts", why: error.to_string() })
}
