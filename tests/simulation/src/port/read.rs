use payout::{Attempt, TrId};
use platform::{Attention, CountAttention, FindPayouts, Found, ReadPayout, ScanPayouts, StoreError};

use super::Port;
use crate::world::World;

impl ReadPayout for Port {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        self.reading("GetItem", |world| world.tables.attempt(tr_id).cloned()).await
    }
}

impl FindPayouts for Port {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        let find = |world: &World| {
            let rows = tr_ids.iter().filter_map(|tr_id| world.tables.attempt(tr_id).cloned()).collect();
            Found { rows, lost: world.tables.lost() }.with_beats(&world.tables.beats())
        };
        self.reading("BatchGetItem", find).await
    }
}

impl ScanPayouts for Port {
    async fn page(&self, _after: Option<&TrId>) -> Result<(Vec<Attempt>, Option<TrId>), StoreError> {
        self.reading("Scan", |world| (world.tables.rows().to_vec(), None)).await
    }
}

impl CountAttention for Port {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        // Four queries in a row, of which nothing depends on the other.
        if shard > 0 {
            return Ok(self.world.borrow().tables.attention(shard));
        }
        self.reading("Query", |world| world.tables.attention(shard)).await
    }
}
