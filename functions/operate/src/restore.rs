//! What a restored table asks for.

use std::time::Duration;

use operation::{Outcome, Refusal};
use payout::{Krw, Moment, TrId};
use platform::{Host as _, KeepTime as _, Repaired, begin_repair, copy_page, end_repair, mark_missing, repair_page};

use crate::order::{Ending, Order, unavailable};
use crate::{Given, OpenRestored as _, Operate};

/// Time kept at the end of an invocation for one more page and the answer.
const TIME_FOR_A_PAGE: Duration = Duration::from_secs(20);

type Opened<G> =
    (<<G as Given>::Restored as crate::OpenRestored>::Rows, <<G as Given>::Restored as crate::OpenRestored>::Time);

impl<G: Given> Operate<G> {
    pub(crate) fn restored_table(&self, table: &str) -> Result<Opened<G>, Refusal> {
        let wrong = || {
            let why = format!("must be a restored copy, with a name that begins with {}", self.restored.names());
            Refusal::bad_input("table", why)
        };
        self.restored.open(table).ok_or_else(wrong)
    }

    /// As many pages as the time suffices for.
    pub(crate) async fn restore_copy(
        &self,
        order: &Order<'_>,
        table: &str,
        after: Option<&TrId>,
    ) -> Result<Outcome, Refusal> {
        let (rows, time) = self.restored_table(table)?;
        self.intend(order).await?;
        // The moment that the copy shows; without a heartbeat nothing of the past is relied on.
        let beats = time.beats().await.map_err(|error| unavailable(&error))?;
        let taken_at = beats.payouts.map_or(Moment::from_millis(0), |beat| beat.at);
        mark_missing(&self.host, &self.control, taken_at).await.map_err(|error| unavailable(&error))?;
        let (mut copied, mut there, mut position) = (0, 0, after.cloned());
        loop {
            let page = copy_page(&self.host, &rows, &self.payouts, position.as_ref(), &self.rules).await;
            let (page, next) = page.map_err(|error| unavailable(&error))?;
            copied += page.copied;
            there += page.there;
            position = next;
            if position.is_none() || self.host.now().after(TIME_FOR_A_PAGE) >= order.deadline {
                break;
            }
        }
        let result = format!("{copied} copied, {there} there");
        match &position {
            None => self.did(order, result).await,
            Some(next) => drop(self.record(order, &format!("copied/{next}"), Ending::done(result, Krw(0))).await?),
        }
        Ok(Outcome::Copied { copied, there, next: position })
    }

    /// As many pages as the time suffices for. Until the last one the table stands still as it did.
    pub(crate) async fn restore_repair(
        &self,
        order: &Order<'_>,
        taken_at: Option<Moment>,
        after: Option<&TrId>,
    ) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        let (host, payouts, control, rules) = (&self.host, &self.payouts, &self.control, &self.rules);
        let is_copy = begin_repair(host, &self.time, control, rules, taken_at).await;
        let is_copy = is_copy.map_err(|error| unavailable(&error))?;
        let (mut repaired, mut position) = (Repaired::default(), after.cloned());
        loop {
            let page = repair_page(host, payouts, control, &self.scheme, rules, is_copy, position.as_ref()).await;
            let (page, next) = page.map_err(|error| unavailable(&error))?;
            repaired.add(page);
            position = next;
            if position.is_none() || host.now().after(TIME_FOR_A_PAGE) >= order.deadline {
                break;
            }
        }
        let Repaired { successors, looked_up_first, for_a_person } = repaired;
        let result = format!("{successors} next attempts, {looked_up_first} looked up first");
        match &position {
            None => {
                let ended = end_repair(host, &self.time, control, rules, is_copy).await;
                ended.map_err(|error| unavailable(&error))?;
                self.did(order, result).await;
            }
            Some(next) => drop(self.record(order, &format!("repaired/{next}"), Ending::done(result, Krw(0))).await?),
        }
        Ok(Outcome::Repaired { successors, looked_up_first, for_a_person, next: position })
    }
}
