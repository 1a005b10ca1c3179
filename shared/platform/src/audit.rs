//! The table `audit`: who did what. Its key is `order` and `step`; nothing in it is ever changed or deleted.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, day_shard};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::error::StoreError;
use crate::payouts::Item;

/// Its key is new: nobody overwrites a record.
pub(crate) const IS_NEW: &str = "attribute_not_exists(#order)";
/// `order` is a word of DynamoDB's own.
pub(crate) const ORDER: (&str, &str) = ("#order", "order");

/// One record: a step of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// The order's id.
    pub order: String,
    /// Which step of it: `done`, `waits`, `intended`, a row's tr_id.
    pub step: String,
    /// The Korean day (`2026-11-22`); partition of the index `by_day`.
    pub day: String,
    /// Moment, order and step: what both indexes are sorted by.
    pub at_order: String,
    /// About whom or what; partition of the index `about`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// When it may be deleted, in seconds since the epoch; the table's TTL.
    pub expires_at: i64,
    /// What is recorded, as JSON. No phone number, no PIN.
    pub record: serde_json::Value,
}

impl AuditLine {
    /// A record of this step of this order, made at this moment, kept until another.
    pub fn new(order: &str, step: &str, at: Moment, keep_until: Moment, record: serde_json::Value) -> Self {
        Self {
            order: order.to_owned(),
            step: step.to_owned(),
            day: day_shard(at, 0).trim_end_matches("/0").to_owned(),
            at_order: format!("{at}/{order}/{step}"),
            about: None,
            expires_at: keep_until.as_seconds(),
            record,
        }
    }

    /// Found by whom or what it is about, too.
    #[must_use]
    pub fn about(self, about: Option<String>) -> Self {
        Self { about: about.filter(|about| !about.is_empty()), ..self }
    }

    pub(crate) fn item(&self) -> Result<Item, StoreError> {
        serde_dynamo::to_item(self).map_err(|error| StoreError::malformed("audit", &self.order, &error))
    }
}

/// Records who did what.
pub trait WriteAudit {
    /// Adds a record; `false` if this step of the order is recorded already.
    fn record(&self, line: &AuditLine) -> impl Future<Output = Result<bool, StoreError>>;
}

/// Reads who did what.
pub trait ReadAudit {
    /// All steps of an order (a consistent read).
    fn of_order(&self, order: &str) -> impl Future<Output = Result<Vec<AuditLine>, StoreError>>;
    /// The latest records about somebody or something, oldest first. The index may lag behind.
    fn about(&self, about: &str, most: u8) -> impl Future<Output = Result<Vec<AuditLine>, StoreError>>;
    /// Records of a Korean day, newest first, before this place (an `at_order`). Fewer than `most` are the last.
    fn of_day(
        &self,
        day: &str,
        before: Option<&str>,
        most: u8,
    ) -> impl Future<Output = Result<Vec<AuditLine>, StoreError>>;
}

/// The table `audit`.
pub struct AuditTable {
    client: Client,
    name: String,
}

impl AuditTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

impl WriteAudit for AuditTable {
    async fn record(&self, line: &AuditLine) -> Result<bool, StoreError> {
        let request = self.client.put_item().table_name(&self.name).set_item(Some(line.item()?));
        let request = request.condition_expression(IS_NEW).expression_attribute_names(ORDER.0, ORDER.1);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

impl ReadAudit for AuditTable {
    async fn of_order(&self, order: &str) -> Result<Vec<AuditLine>, StoreError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query
            .key_condition_expression("#order = :order")
            .expression_attribute_names(ORDER.0, ORDER.1)
            .expression_attribute_values(":order", AttributeValue::S(order.to_owned()));
        lines(query, None).await
    }

    async fn about(&self, about: &str, most: u8) -> Result<Vec<AuditLine>, StoreError> {
        let mut lines = self.newest(("about", "about"), about, None, most).await?;
        lines.reverse();
        Ok(lines)
    }

    async fn of_day(&self, day: &str, before: Option<&str>, most: u8) -> Result<Vec<AuditLine>, StoreError> {
        self.newest(("by_day", "day"), day, before, most).await
    }
}

impl AuditTable {
    async fn newest(
        &self,
        (index, key): (&str, &str),
        value: &str,
        before: Option<&str>,
        most: u8,
    ) -> Result<Vec<AuditLine>, StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut values = HashMap::from([(":key".to_owned(), text(value))]);
        values.extend(before.map(|place| (":before".to_owned(), text(place))));
        let sooner = if before.is_some() { " AND at_order < :before" } else { "" };
        let query = self.client.query().table_name(&self.name).index_name(index).scan_index_forward(false);
        let query = query
            .key_condition_expression(format!("#key = :key{sooner}"))
            .expression_attribute_names("#key", key)
            .set_expression_attribute_values(Some(values));
        lines(query, Some(most)).await
    }
}

/// What a query finds, however many answers it takes; at most so many.
async fn lines(query: QueryFluentBuilder, most: Option<u8>) -> Result<Vec<AuditLine>, StoreError> {
    let (mut lines, mut page) = (Vec::new(), None);
    loop {
        let left = most.map(|most| usize::from(most) - lines.len());
        let limit = left.map(|left| i32::try_from(left).unwrap_or(i32::MAX));
        let answer = query.clone().set_limit(limit).set_exclusive_start_key(page).send().await;
        let answer = answer.map_err(|error| StoreError::unavailable("Query", &error))?;
        lines.extend(lines_of(answer.items)?);
        page = answer.last_evaluated_key.filter(|key| !key.is_empty());
        if page.is_none() || most.is_some_and(|most| lines.len() >= usize::from(most)) {
            return Ok(lines);
        }
    }
}

fn lines_of(items: Option<Vec<Item>>) -> Result<Vec<AuditLine>, StoreError> {
    let line = |item: Item| {
        let order = item.get("order").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
        serde_dynamo::from_item(item).map_err(|error| StoreError::malformed("audit", &order, &error))
    };
    items.unwrap_or_default().into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        let at: Moment = "2026-11-22T15:30:00.000Z".parse().unwrap();
        let record = serde_json::json!({ "audit": { "cost": 5_000, "who": "anna", "roles": ["cs"], "reason": null } });
        let line = AuditLine::new("0123456789abcdef", "done", at, at.after(std::time::Duration::from_mins(1)), record);
        let line = line.about(Some("bg_1".to_owned()));
        assert_eq!((line.day.as_str(), line.expires_at), ("2026-11-23", at.as_seconds() + 60));
        assert_eq!(line.at_order, "2026-11-22T15:30:00.000Z/0123456789abcdef/done");
        assert_eq!(lines_of(Some(vec![line.item().unwrap()])).unwrap(), [line]);
    }
}
