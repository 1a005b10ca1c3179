use aws_sdk_dynamodb::types::AttributeValue;
use payout::Moment;

use super::{ControlTable, key};
use crate::error::StoreError;
use crate::payouts::Item;

/// The row of what is lost.
pub(crate) const LOST: &str = "lost";

/// A time from which rows of payouts may be missing: a table was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its beginning.
    pub from: Moment,
    /// Its end.
    pub until: Moment,
}

/// Remembers from which time rows may be missing.
pub trait MarkLost {
    /// Remembers it, besides what is remembered already.
    fn mark_lost(&self, lost: Lost) -> impl Future<Output = Result<(), StoreError>>;
}

impl MarkLost for ControlTable {
    async fn mark_lost(&self, lost: Lost) -> Result<(), StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request.set_key(Some(key(LOST.to_owned()))).send().await;
        let before = answer.map_err(|error| StoreError::unavailable("GetItem", &error))?.item;
        let before = before.as_ref().map(lost_of).transpose()?.unwrap_or(lost);
        let lost = Lost { from: lost.from.min(before.from), until: lost.until.max(before.until) };
        let mut item = key(LOST.to_owned());
        item.insert("from".to_owned(), AttributeValue::S(lost.from.to_string()));
        item.insert("until".to_owned(), AttributeValue::S(lost.until.to_string()));
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await;
        put.map(drop).map_err(|error| StoreError::unavailable("PutItem", &error))
    }
}

/// What the row holds.
pub(crate) fn lost_of(item: &Item) -> Result<Lost, StoreError> {
    let moment = |name: &str| item.get(name)?.as_s().ok()?.parse().ok();
    let lost = moment("from").zip(moment("until")).map(|(from, until)| Lost { from, until });
    lost.ok_or_else(|| StoreError::Malformed { table: "control", why: "the row lost holds no time".into() })
}
