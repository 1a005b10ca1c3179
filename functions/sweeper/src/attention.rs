use payout::SHARDS;
use platform::{CountAttention as _, Host as _, Metric};

use crate::{Given, Sweeper};

impl<G: Given> Sweeper<G> {
    /// Says what waits for a person: a gauge that stays up until the last row is dealt with.
    pub(crate) async fn tell_what_waits_for_a_person(&self) {
        let (mut rows, mut oldest) = (0, None);
        for shard in 0..SHARDS {
            match self.payouts.attention(shard).await {
                Ok(found) => {
                    rows += found.rows;
                    oldest = [oldest, found.oldest].into_iter().flatten().min();
                }
                // The gauge keeps what it said last.
                Err(error) => return tracing::warn!("What waits for a person could not be read: {error}."),
            }
        }
        let hours = oldest.map_or(0, |since| self.host.now().since(since).as_secs() / 3_600);
        self.host.gauge(Metric::OpenForPerson, rows);
        self.host.gauge(Metric::OldestOpenHours, hours);
    }
}
