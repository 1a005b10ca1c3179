use aws_sdk_dynamodb::types::AttributeValue;
use payout::Moment;

use super::PayoutsTable;
use crate::error::StoreError;

/// What waits for a person in one partition of the index `attention`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// How many rows.
    pub rows: u64,
    /// Since when the oldest does.
    pub oldest: Option<Moment>,
}

/// Counts what waits for a person.
pub trait CountAttention {
    /// The rows of one partition (0 to 3). The index may lag behind the table.
    fn attention(&self, shard: u8) -> impl Future<Output = Result<Attention, StoreError>>;
}

impl CountAttention for PayoutsTable {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        let mut found = Attention::default();
        let mut page = None;
        loop {
            let request = self.client.query().table_name(&self.name).index_name("attention");
            let answer = request
                .key_condition_expression("attention = :shard")
                .expression_attribute_values(":shard", AttributeValue::N(shard.to_string()))
                .projection_expression("state_since")
                .set_exclusive_start_key(page)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Query", &error))?;
            let rows = answer.items.unwrap_or_default();
            found.rows += rows.len() as u64;
            if found.oldest.is_none() {
                found.oldest = rows.first().and_then(|row| row.get("state_since")?.as_s().ok()?.parse().ok());
            }
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() {
                return Ok(found);
            }
        }
    }
}
