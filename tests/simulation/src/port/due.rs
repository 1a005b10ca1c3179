use payout::{Moment, State};
use platform::{Due, FindDue, StoreError};

use super::Port;
use crate::faults::Fault;

impl FindDue for Port {
    async fn due(&self, shard: u8, now: Moment, _most: usize) -> Result<Vec<Due>, StoreError> {
        // Four queries in a row: little can happen between them.
        if shard > 0 && self.with(|_, random| !random.once_in(4)) {
            return Ok(self.world.borrow().tables.due(shard, now));
        }
        let mut found = self.reading("Query", |world| world.tables.due(shard, now)).await?;
        self.with(|world, random| match world.faults.one_of(&[Fault::IndexStale, Fault::IndexBlind], random) {
            Some(Fault::IndexStale) => {
                let rows = world.tables.rows().iter().filter(|row| row.due_shard == shard);
                let state = if random.once_in(2) { State::Accepted } else { State::Unknown };
                found = rows.map(|row| Due { tr_id: row.tr_id.clone(), state, due_at: now }).collect();
            }
            Some(_) => found.clear(),
            None => {}
        });
        Ok(found)
    }
}
