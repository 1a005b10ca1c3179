//! The end of an invocation: complete, held, or to be gone on with.

use catalog::{Counts, Held, Kind, Run, changes, counts};
use platform::{FindDue, Host, KeepPicture, ListRewards, Metric, StoreError, View};

use crate::ask::{Pause, Stop};
use crate::listings::ReadListings;
use crate::{Catalog, MOST_FAILURES, Running, Synced};

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    R: ListRewards,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// Shows readers what the run found.
    pub(crate) async fn complete(mut self) -> Result<Synced, StoreError> {
        let staged = self.known.values().any(|row| row.is_staged(self.committed));
        let (generation, view) =
            if staged { (self.committed + 1, View::Latest) } else { (self.committed, View::Committed) };
        let all = changes(self.known.iter().map(|(key, row)| (key.as_str(), row)), self.committed);
        let goods = counts(&all, Kind::Goods, self.seen.len());
        let brands = counts(&all, Kind::Brand, self.present(Kind::Brand));
        // People and metrics first: after the commit nobody would look at this run again.
        let rewards_at_risk = self.guard(generation, view).await?;
        let host = &self.sync.host;
        host.count(Metric::CatalogGoodsNew, goods.new);
        host.count(Metric::CatalogGoodsChanged, goods.changed);
        host.count(Metric::CatalogGoodsWithdrawn, goods.withdrawn);
        let run = Run { goods, brands, rewards_at_risk, ..self.run(generation, None) }.with(all);
        self.sync.catalog.finish(&run, staged, self.saved).await?;
        tracing::info!(
            requests = run.tally.requests,
            pages = run.tally.pages,
            listed = goods.listed,
            new = goods.new,
            changed = goods.changed,
            repriced = goods.repriced,
            withdrawn = goods.withdrawn,
            unlisted = goods.unlisted,
            repeated = run.tally.repeated,
            undescribed = run.tally.undescribed,
            brands = brands.listed,
            rewards_at_risk,
            generation,
            duration_ms = duration_ms(&run),
            "The catalogue is up to date."
        );
        Ok(Synced::Complete { tally: run.tally, goods, brands, rewards_at_risk })
    }

    /// Gives the run up. Readers see what they saw before, and what is sold is checked against that.
    pub(crate) async fn hold(mut self, held: Held) -> Result<Synced, StoreError> {
        let why = held.to_string();
        self.sync.host.count(Metric::CatalogHeld, 1);
        tracing::error!("A run of the catalogue is held: {why}. Everybody sees the run before it.");
        let rewards_at_risk = self.guard(self.committed, View::Committed).await?;
        let run = Run { rewards_at_risk, ..self.run(self.committed, Some(held)) };
        self.sync.catalog.finish(&run, false, self.saved).await?;
        Ok(Synced::Held { why, tally: run.tally })
    }

    /// Leaves the rest to the next invocation.
    pub(crate) async fn pause(self, why: Pause) -> Result<Synced, StoreError> {
        self.leave(why.as_str().to_owned()).await
    }

    /// The same, because Giftishow did not answer; not for ever.
    pub(crate) async fn unanswered(mut self, what: String) -> Result<Synced, StoreError> {
        self.place.tally.failures += 1;
        if self.place.tally.failures >= MOST_FAILURES {
            return self.hold(Held::Unanswered { what }).await;
        }
        self.leave(format!("Giftishow did not answer for {what}")).await
    }

    async fn leave(mut self, why: String) -> Result<Synced, StoreError> {
        self.note_time();
        match self.save().await {
            Ok(()) => {}
            Err(Stop::Store(error)) => return Err(error),
            Err(_) => {}
        }
        let (next, tally) = (self.place.next, self.place.tally);
        tracing::warn!(requests = tally.requests, next = ?next, "The catalogue is read on later: {why}.");
        Ok(Synced::Unfinished { why, next, tally })
    }

    fn run(&mut self, generation: u64, held: Option<Held>) -> Run {
        self.note_time();
        Run {
            started_at: self.place.started_at,
            finished_at: self.sync.host.now(),
            held,
            generation,
            tally: self.place.tally,
            goods: Counts { listed: self.seen.len(), ..Counts::default() },
            brands: Counts::default(),
            rewards_at_risk: 0,
            changes: Vec::new(),
            left_out: 0,
        }
    }

    /// How many of a kind stand in their list, once the run is complete.
    fn present(&self, kind: Kind) -> usize {
        let own = self.known.iter().filter(|(key, _)| Kind::of_key(key).is_some_and(|(one, _)| one == kind));
        own.filter(|(_, row)| row.latest.presence == catalog::Presence::Listed).count()
    }

    fn note_time(&mut self) {
        let worked = self.sync.host.now().since(self.started).as_millis();
        self.place.tally.worked_ms += u64::try_from(worked).unwrap_or(u64::MAX);
    }
}

fn duration_ms(run: &Run) -> u64 {
    u64::try_from(run.finished_at.since(run.started_at).as_millis()).unwrap_or(u64::MAX)
}
