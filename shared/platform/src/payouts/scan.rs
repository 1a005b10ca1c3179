use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Attempt, TrId};

use super::{PayoutsTable, attempt_of};
use crate::control::HEARTBEAT;
use crate::error::StoreError;

/// Goes through all rows, a page at a time.
pub trait ScanPayouts {
    /// The rows that follow this position, in no order that means anything, and the position of the next page, if there may be
    /// one. The heartbeat is no row.
    fn page(&self, after: Option<&TrId>) -> impl Future<Output = Result<(Vec<Attempt>, Option<TrId>), StoreError>>;
}

impl ScanPayouts for PayoutsTable {
    async fn page(&self, after: Option<&TrId>) -> Result<(Vec<Attempt>, Option<TrId>), StoreError> {
        let key = |tr_id: &TrId| HashMap::from([("tr_id".to_owned(), AttributeValue::S(tr_id.as_str().to_owned()))]);
        let request = self.client.scan().table_name(&self.name).consistent_read(true);
        let answer = request
            .set_exclusive_start_key(after.map(key))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("Scan", &error))?;
        let is_attempt =
            |item: &super::Item| item.get("tr_id").and_then(|id| id.as_s().ok()).is_none_or(|id| id != HEARTBEAT);
        let rows = answer.items.unwrap_or_default().into_iter().filter(is_attempt).map(attempt_of);
        let next = answer.last_evaluated_key.and_then(|key| {
            let id = key.get("tr_id")?.as_s().ok()?.clone();
            TrId::try_from(id).ok()
        });
        Ok((rows.collect::<Result<_, _>>()?, next))
    }
}
