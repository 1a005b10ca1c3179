use std::collections::HashSet;

use payout::TrId;

use super::{ControlTable, buried};
use crate::batch_get::batch_get;
use crate::error::StoreError;

/// Finds attempts of which nothing lives, whatever the table of payouts says.
pub trait FindBuried {
    /// Which of these were buried (consistent reads, one request for 100 of them).
    fn buried(&self, tr_ids: &[TrId]) -> impl Future<Output = Result<HashSet<TrId>, StoreError>>;
}

impl FindBuried for ControlTable {
    async fn buried(&self, tr_ids: &[TrId]) -> Result<HashSet<TrId>, StoreError> {
        let names: Vec<String> = tr_ids.iter().map(buried).collect();
        let items = batch_get(&self.client, &self.name, "name", names.iter().map(String::as_str)).await?;
        let found: HashSet<&String> =
            items.iter().filter_map(|item| item.get("name").and_then(|name| name.as_s().ok())).collect();
        Ok(tr_ids.iter().zip(&names).filter(|(_, name)| found.contains(name)).map(|(tr_id, _)| tr_id.clone()).collect())
    }
}
