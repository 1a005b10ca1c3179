use payout::{Attempt, TrId};
use platform::{FindPayouts, ReadPayout, StoreError};

use super::Port;

impl ReadPayout for Port {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        self.reading("GetItem", |world| world.tables.attempt(tr_id).cloned()).await
    }
}

impl FindPayouts for Port {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Vec<Attempt>, StoreError> {
        let find = |tr_id: &TrId| self.world.borrow().tables.attempt(tr_id).cloned();
        self.reading("BatchGetItem", |_| tr_ids.iter().filter_map(find).collect()).await
    }
}
