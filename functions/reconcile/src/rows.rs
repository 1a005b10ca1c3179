use std::collections::BTreeMap;

use payout::{Attempt, Moment, SHARDS, State};
use platform::{FindDue as _, Host as _, ListPayouts as _, OpenDay, ReadPayout as _, StoreError};

use crate::{Given, Reconcile};

/// Rows of one page.
const PAGE: u8 = 100;
/// Rows that are under way, at most so many of one partition are counted.
const MOST_UNDER_WAY: usize = 1_000;

impl<G: Given> Reconcile<G> {
    /// All rows that were recorded on a Korean day.
    pub(crate) async fn rows_of(&self, day: &str) -> Result<Vec<Attempt>, StoreError> {
        let mut rows = Vec::new();
        for shard in 0..SHARDS {
            let mut after = None;
            loop {
                let (page, next) = self.payouts.of_day(day, shard, after.as_ref(), PAGE).await?;
                rows.extend(page);
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(rows)
    }

    /// Of each of these days, the rows that may have moved since it was remembered: all, or the few that could.
    pub(crate) async fn rows_of_days(
        &self,
        days: &[String],
        before: &BTreeMap<String, OpenDay>,
    ) -> Result<BTreeMap<String, Vec<Attempt>>, StoreError> {
        let mut all = BTreeMap::new();
        for day in days {
            let few = before.get(day).and_then(|open| open.rows.as_ref());
            let rows = match few {
                None => self.rows_of(day).await?,
                Some(few) => {
                    let mut rows = Vec::new();
                    for tr_id in few.keys() {
                        rows.extend(self.payouts.attempt(tr_id).await?);
                    }
                    rows
                }
            };
            all.insert(day.clone(), rows);
        }
        Ok(all)
    }

    /// How many attempts are being sent or are unknown: their money may be on its way.
    pub(crate) async fn under_way(&self) -> Result<usize, StoreError> {
        let ever = Moment::from_millis(i64::MAX);
        let mut under_way = 0;
        for shard in 0..SHARDS {
            let due = self.payouts.due(shard, ever, MOST_UNDER_WAY).await?;
            under_way += due.iter().filter(|row| matches!(row.state, State::Sending | State::Unknown)).count();
        }
        tracing::debug!(under_way, now = self.host.now().to_string(), "Attempts under way were counted.");
        Ok(under_way)
    }
}
