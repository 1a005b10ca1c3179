use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, TrId};

use super::PayoutsTable;
use crate::error::StoreError;

/// Finds the rows that wait for the sweeper.
pub trait FindDue {
    /// The rows of one partition (0 to 3) that were due at `now`, the longest due first, at most `most`. The index may lag
    /// behind the table: read each row before acting on it.
    fn due(&self, shard: u8, now: Moment, most: i32) -> impl Future<Output = Result<DuePayouts, StoreError>>;
}

/// What one query of the index `due` found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DuePayouts {
    /// The rows, the longest due first.
    pub tr_ids: Vec<TrId>,
    /// Keys that are not tr_ids: such rows cannot be driven and a person must look at them.
    pub unreadable: usize,
}

impl FindDue for PayoutsTable {
    async fn due(&self, shard: u8, now: Moment, most: i32) -> Result<DuePayouts, StoreError> {
        let request = self.client.query().table_name(&self.name).index_name("due").limit(most);
        let answer = request
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", AttributeValue::N(shard.to_string()))
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Query", &error))?;
        let mut found = DuePayouts::default();
        for mut item in answer.items.unwrap_or_default() {
            match item.remove("tr_id") {
                Some(AttributeValue::S(text)) => match TrId::try_from(text) {
                    Ok(tr_id) => found.tr_ids.push(tr_id),
                    Err(_) => found.unreadable += 1,
                },
                _ => found.unreadable += 1,
            }
        }
        Ok(found)
    }
}
