use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use payout::Counter;

use super::{ControlTable, key};
use crate::error::StoreError;
use crate::payouts::Item;

/// Rounds of "as much as there is room for" while others draw, too.
const MOST_ROUNDS: usize = 3;

/// Draws on the counters of the caps, for a whole batch at once.
pub trait DrawCounters {
    /// Counts `wanted`, or as much of it as there is room for; how much was counted. One conditional write, a second one if
    /// not all of it fits. What was counted without an answer stays counted: a cap may be early, never late.
    fn draw(&self, counter: &Counter, wanted: u64) -> impl Future<Output = Result<u64, StoreError>>;
    /// Takes back what was drawn and not used. Tried once: a second time would take back what others have drawn.
    fn give_back(&self, counter: &Counter, unused: u64) -> impl Future<Output = Result<(), StoreError>>;
}

impl DrawCounters for ControlTable {
    async fn draw(&self, counter: &Counter, wanted: u64) -> Result<u64, StoreError> {
        let mut wanted = wanted.min(counter.most);
        for _ in 0..MOST_ROUNDS {
            if wanted == 0 {
                return Ok(0);
            }
            match self.count(counter, wanted).await? {
                None => return Ok(wanted),
                Some(full) => wanted = wanted.min(counter.most.saturating_sub(full)),
            }
        }
        Err(StoreError::Unavailable { operation: "UpdateItem", code: "the counter kept changing".into() })
    }

    async fn give_back(&self, counter: &Counter, unused: u64) -> Result<(), StoreError> {
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let request = self.client.update_item().table_name(&self.name).set_key(Some(row(counter)));
        let request = request
            .update_expression("SET #counted = #counted - :unused")
            .condition_expression("#counted >= :unused")
            .expression_attribute_names("#counted", "counted")
            .expression_attribute_values(":unused", AttributeValue::N(unused.to_string()));
        request
            .customize()
            .config_override(once)
            .send()
            .await
            .map_err(|error| StoreError::unavailable("UpdateItem", &error))?;
        Ok(())
    }
}

impl ControlTable {
    /// Adds to the counter if there is room for all of it; else what it stands at.
    async fn count(&self, counter: &Counter, by: u64) -> Result<Option<u64>, StoreError> {
        let number = |number: u64| AttributeValue::N(number.to_string());
        let request = self.client.update_item().table_name(&self.name).set_key(Some(row(counter)));
        let request = request
            .update_expression("ADD #counted :by SET expires_at = :expires_at")
            .condition_expression("attribute_not_exists(#counted) OR #counted <= :room")
            .expression_attribute_names("#counted", "counted")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":room", number(counter.most.saturating_sub(by)))
            .expression_attribute_values(":expires_at", AttributeValue::N(counter.expires_at.as_seconds().to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(failed) = error.into_err() else {
                    return Ok(Some(counter.most));
                };
                Ok(Some(failed.item.as_ref().and_then(counted).unwrap_or(counter.most)))
            }
            Err(error) => Err(StoreError::unavailable("UpdateItem", &error)),
        }
    }
}

fn row(counter: &Counter) -> Item {
    key(format!("count/{}", counter.name))
}

fn counted(item: &Item) -> Option<u64> {
    item.get("counted")?.as_n().ok()?.parse().ok()
}
