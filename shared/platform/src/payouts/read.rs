use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Attempt, TrId};

use super::{PayoutsTable, attempt_of};
use crate::batch_get::batch_get;
use crate::error::StoreError;

/// Reads one row.
pub trait ReadPayout {
    /// The row as it is now (a consistent read), or `None` if there is none.
    fn attempt(&self, tr_id: &TrId) -> impl Future<Output = Result<Option<Attempt>, StoreError>>;
}

/// Finds several rows at once.
pub trait FindPayouts {
    /// The rows that there are, in no order (a consistent read). At most 100 ids a request.
    fn find(&self, tr_ids: &[TrId]) -> impl Future<Output = Result<Vec<Attempt>, StoreError>>;
}

impl ReadPayout for PayoutsTable {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request
            .key("tr_id", AttributeValue::S(tr_id.as_str().to_owned()))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("GetItem", &error))?;
        answer.item.map(attempt_of).transpose()
    }
}

impl FindPayouts for PayoutsTable {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Vec<Attempt>, StoreError> {
        let keys = tr_ids.iter().map(|tr_id| ("tr_id", tr_id.as_str()));
        let items = batch_get(&self.client, &self.name, keys).await?;
        items.into_iter().map(attempt_of).collect()
    }
}
