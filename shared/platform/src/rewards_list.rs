use payout::Reward;

use crate::error::StoreError;
use crate::rewards::{RewardsTable, usable};

/// Lists what is sold.
pub trait ListRewards {
    /// All rewards with a usable row, switched on or not. A row with a mistake is logged and left out.
    fn list_rewards(&self) -> impl Future<Output = Result<Vec<Reward>, StoreError>>;
}

impl ListRewards for RewardsTable {
    async fn list_rewards(&self) -> Result<Vec<Reward>, StoreError> {
        let mut rewards = Vec::new();
        let mut page = None;
        loop {
            let request = self.client.scan().table_name(&self.name).set_exclusive_start_key(page);
            let answer = request.send().await.map_err(|error| StoreError::unavailable("Scan", &error))?;
            rewards.extend(answer.items.unwrap_or_default().into_iter().filter_map(usable));
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() {
                return Ok(rewards);
            }
        }
    }
}
