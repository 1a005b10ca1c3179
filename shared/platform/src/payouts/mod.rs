//! The table `payouts`: every write is conditional (rule 6), every read of one row is consistent.

mod again;
mod attention;
mod expression;
mod find_due;
mod list;
mod read;
mod scan;
mod settle;
mod transact;
mod write;

use aws_sdk_dynamodb::Client;
use payout::{Attempt, Moment, PayoutId, State, TrId};

use crate::aws::Aws;
use crate::coupons::SealedCoupon;
use crate::error::StoreError;

pub use again::write_again;
pub use attention::{Attention, CountAttention};
pub(crate) use expression::Item;
pub use find_due::{Due, FindDue};
pub use list::{ListPayouts, Listed, NoPlace, Place};
pub use read::{FindPayouts, Found, ReadPayout};
pub use scan::ScanPayouts;
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

    /// For a function that buries or looks back: with the table `control`.
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
    /// Counts how often a callback named the payout again, on condition that the row is there and waits for a person just
    /// as much as when it was read: it might have to be re-opened instead, or the note might be seen by nobody.
    NoteDuplicate {
        /// The row.
        tr_id: TrId,
        /// How often.
        times: u32,
        /// When the callback came.
        at: Moment,
        /// Where it stood when it was read.
        seen: State,
    },
    /// Nothing is written, on condition that this payout has no row under this tr_id.
    Absent {
        /// The id of its first attempt.
        tr_id: TrId,
        /// Whose it would be.
        payout_id: PayoutId,
    },
    /// Remembers that nothing of a tr_id lives.
    Bury(TrId),
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

/// A row as the SDK hands it over. One that cannot be read is named by its tr_id.
fn attempt_of(item: Item) -> Result<Attempt, StoreError> {
    let tr_id = item.get("tr_id").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    serde_dynamo::from_item(item).map_err(|error| StoreError::malformed("payouts", &tr_id, &error))
}
