use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Owner, Reward, RewardCode};

use crate::error::{StoreError, without_values};
use crate::payouts::Item;
use crate::rewards::RewardsTable;

/// A reward as its row has it, with or without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardRow {
    /// The row; or its code and what cannot be read, never a value.
    pub reward: Result<Reward, (String, String)>,
    /// Who wrote it last; `None` if it was written by hand.
    pub written_by: Option<Owner>,
}

/// Reads the rows of rewards as they are.
pub trait ReadRewardRows {
    /// One (a consistent read); `None` if there is none.
    fn reward_row(&self, code: &RewardCode) -> impl Future<Output = Result<Option<RewardRow>, StoreError>>;
    /// All of them, in no order.
    fn reward_rows(&self) -> impl Future<Output = Result<Vec<RewardRow>, StoreError>>;
}

/// Writes rewards.
pub trait WriteRewards {
    /// Writes one, on condition that nobody has written it since `before` was read. Whether nobody had, or an earlier try of
    /// the same owner had won: each write has an owner of its own.
    fn put_reward(
        &self,
        reward: &Reward,
        before: Option<&RewardRow>,
        owner: &Owner,
    ) -> impl Future<Output = Result<bool, StoreError>>;
}

/// Attribute that says who wrote the row.
const WRITTEN_BY: &str = "written_by";

fn row_of(item: Item) -> RewardRow {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let (code, written_by) = (text("code").unwrap_or_default(), text(WRITTEN_BY).map(Owner::new));
    let reward = serde_dynamo::from_item(item).map_err(|error: serde_dynamo::Error| (code, without_values(&error)));
    RewardRow { reward, written_by }
}

impl ReadRewardRows for RewardsTable {
    async fn reward_row(&self, code: &RewardCode) -> Result<Option<RewardRow>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let request = request.key("code", AttributeValue::S(code.as_str().to_owned()));
        let answer = request.send().await.map_err(|error| StoreError::unavailable("GetItem", &error))?;
        Ok(answer.item.map(row_of))
    }

    async fn reward_rows(&self) -> Result<Vec<RewardRow>, StoreError> {
        let mut rows = Vec::new();
        let mut page = None;
        loop {
            let request = self.client.scan().table_name(&self.name).set_exclusive_start_key(page);
            let answer = request.send().await.map_err(|error| StoreError::unavailable("Scan", &error))?;
            rows.extend(answer.items.unwrap_or_default().into_iter().map(row_of));
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() {
                return Ok(rows);
            }
        }
    }
}

impl WriteRewards for RewardsTable {
    async fn put_reward(&self, reward: &Reward, before: Option<&RewardRow>, owner: &Owner) -> Result<bool, StoreError> {
        let code = reward.code.as_str();
        let item = serde_dynamo::to_item(reward).map_err(|error| StoreError::malformed("rewards", code, &error))?;
        // A limit that there is none of is an absent attribute.
        let mut item: Item = item;
        item.retain(|_, value| !value.is_null());
        item.insert(WRITTEN_BY.to_owned(), AttributeValue::S(owner.as_str().to_owned()));
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request.expression_attribute_values(":owner", AttributeValue::S(owner.as_str().to_owned()));
        let request = match before.map(|row| row.written_by.as_ref()) {
            None => request.condition_expression("attribute_not_exists(code) OR written_by = :owner"),
            Some(None) => request.condition_expression(
                "(attribute_exists(code) AND attribute_not_exists(written_by)) OR written_by = :owner",
            ),
            Some(Some(by)) => request
                .condition_expression("written_by = :by OR written_by = :owner")
                .expression_attribute_values(":by", AttributeValue::S(by.as_str().to_owned())),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}
