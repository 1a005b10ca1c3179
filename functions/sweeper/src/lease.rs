use std::cell::Cell;

use payout::{LineEvent, Moment, Owner};
use platform::{Beat, Host as _, KeepTime as _, Metric, StoreError, tell_line};

use crate::{Given, Sweeper};

/// The proof that no other sweep is under way (rule 9), as long as it is held.
#[derive(Debug)]
pub(crate) struct Lease {
    sweep: Owner,
    until: Cell<Moment>,
}

impl<G: Given> Sweeper<G> {
    /// Writes the heartbeat and takes the lease. `None` if nothing may be swept: another sweep is under way, or the table of
    /// payouts is an older copy of itself. What the heartbeat shows is looked at before it is written, which would heal it.
    pub(crate) async fn begin(&self) -> Result<Option<Lease>, StoreError> {
        let beats = self.time.beats().await?;
        if beats.are_of_an_older_table() {
            self.host.count(Metric::TableRestored, 1);
            tracing::error!(
                "The table of payouts is an older copy of itself: nothing is sent or cancelled until it is repaired."
            );
            tell_line(&self.host, &self.control, &self.rules, LineEvent::TableIsOlder).await?;
            return Ok(None);
        }
        let (sweep, at) = (self.host.new_owner(), self.host.now());
        let until = self.next_end();
        if !self.time.beat(Beat { number: beats.next(), at }, &sweep, until).await? {
            tracing::info!("Another sweep is under way, or ended without a word just now.");
            return Ok(None);
        }
        Ok(Some(Lease { sweep, until: Cell::new(until) }))
    }

    /// Whether this sweep is still the only one, for as long as driving one more row takes.
    pub(crate) async fn holds(&self, lease: &Lease) -> Result<bool, StoreError> {
        let until = self.next_end();
        if lease.until.get().after(self.lease_margin) > until {
            return Ok(true);
        }
        let held = self.time.hold(&lease.sweep, until).await?;
        lease.until.set(until);
        Ok(held)
    }

    /// Lets the next sweep begin at once. Best effort: it ends by itself.
    pub(crate) async fn let_go(&self, lease: &Lease) {
        if let Err(error) = self.time.hold(&lease.sweep, Moment::from_millis(0)).await {
            tracing::warn!("That a sweep is over could not be written: {error}.");
        }
    }

    /// When a row that is begun now is driven, at the latest: a cancel, two look-ups, and the margin twice, so that it need not
    /// be made longer for every row.
    fn next_end(&self) -> Moment {
        let margin = self.lease_margin.saturating_mul(2);
        self.host.now().after(self.rules.send_timeout.saturating_mul(3)).after(margin)
    }
}
