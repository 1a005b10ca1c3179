use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, TrId};

use super::PayoutsTable;
use super::expression::Item;
use crate::error::StoreError;

/// A row as the index `attention` shows it: since when it waits for a person, and its key.
pub type Waiting = (Moment, TrId);

/// Lists what waits for a person, the longest waiting first.
pub trait ListAttention {
    /// At most `most` rows of one partition (0 to 3) after this one. Fewer than `most` are the last. The index may lag behind
    /// the table: read each row before acting on it.
    fn waiting(
        &self,
        shard: u8,
        after: Option<&Waiting>,
        most: u16,
    ) -> impl Future<Output = Result<Vec<Waiting>, StoreError>>;
}

impl ListAttention for PayoutsTable {
    async fn waiting(&self, shard: u8, after: Option<&Waiting>, most: u16) -> Result<Vec<Waiting>, StoreError> {
        let partition = || AttributeValue::N(shard.to_string());
        let mut page = after.map(|(since, tr_id)| {
            HashMap::from([
                ("attention".to_owned(), partition()),
                ("state_since".to_owned(), AttributeValue::S(since.to_string())),
                ("tr_id".to_owned(), AttributeValue::S(tr_id.as_str().to_owned())),
            ])
        });
        let mut found = Vec::new();
        loop {
            let left = usize::from(most) - found.len();
            let request = self.client.query().table_name(&self.name).index_name("attention");
            let answer = request
                .key_condition_expression("attention = :shard")
                .expression_attribute_values(":shard", partition())
                .limit(i32::try_from(left).unwrap_or(i32::MAX))
                .set_exclusive_start_key(page)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                found.push(waiting_of(&item).ok_or_else(malformed)?);
            }
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() || found.len() >= usize::from(most) {
                return Ok(found);
            }
        }
    }
}

fn waiting_of(item: &Item) -> Option<Waiting> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    Some((text("state_since")?.parse().ok()?, TrId::try_from(text("tr_id")?.clone()).ok()?))
}

fn malformed() -> StoreError {
    StoreError::Malformed { table: "payouts", why: "the index attention shows a row without a key".to_owned() }
}
