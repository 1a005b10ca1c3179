//! The table `control`; its key is `name`.
//!
//! | row | holds |
//! | --- | --- |
//! | `line` | whether anything is sent at present |
//! | `count/<counter>` | what the caps have counted |
//! | `buried/<tr_id>` | an attempt of which nothing lives: if the table of payouts is restored, it must not be sent again |
//! | `heartbeat` | the number that the last sweep wrote into both tables, and which sweep is under way |
//! | `lost` | the time from which rows of payouts may be missing |
//! | `resend/<tr_id>` | when the message of a coupon was sent again, for two days |
//! | `money/<Korean day>` | the balance on the morning of that day, what the rows said of it, and the top-ups that a person confirmed |
//! | `namespace` | the prefix and the namespace that all tr_ids are made with |

mod buried;
mod counters;
mod heartbeat;
mod line;
mod lost;
mod money;
mod pin;
mod resends;
mod situation;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::TrId;

use crate::aws::Aws;
use crate::error::StoreError;

pub use buried::FindBuried;
pub use counters::DrawCounters;
pub use heartbeat::{Beat, Beats, Heartbeat, KeepTime};
pub(crate) use heartbeat::{HEARTBEAT, beat_of};
pub use line::{ControlLine, tell_line};
pub(crate) use lost::{LOST, lost_of};
pub use lost::{Lost, MarkLost};
pub use money::{ConfirmTopUp, KeepMoney, OpenDay, ReadMoney, Snapshot, ToppedUp, lasts_days, money_view};
pub use pin::PinScheme;
pub use resends::LimitResends;
pub use situation::{ReadSituation, Situation, SituationTables};

/// The table `control`.
pub struct ControlTable {
    client: Client,
    name: String,
}

impl ControlTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

pub(crate) fn key(name: String) -> HashMap<String, AttributeValue> {
    HashMap::from([("name".to_owned(), AttributeValue::S(name))])
}

/// The row of a buried attempt.
pub(crate) fn buried(tr_id: &TrId) -> String {
    format!("buried/{tr_id}")
}

fn malformed(error: &serde_dynamo::Error) -> StoreError {
    StoreError::malformed("control", "line", error)
}
