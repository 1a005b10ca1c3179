//! A table that was restored, or swapped for its copy.

use std::ops::Bound;
use std::time::Duration;

use operation::{Operation, Outcome, Refusal};
use payout::{Attempt, LineEvent, Moment, Owner, Rules, TrId};
use platform::{Beat, Beats, Host as _, KeepTime, ScanPayouts, StoreError};

use super::world::World;
use crate::OpenRestored;

impl OpenRestored for &World {
    type Rows = Self;
    type Time = Self;
    fn open(&self, table: &str) -> Option<(Self, Self)> {
        table.starts_with("payouts-restored").then_some((*self, *self))
    }
    fn names(&self) -> String {
        "payouts-restored".to_owned()
    }
}

/// One row a page.
impl ScanPayouts for &World {
    async fn page(&self, after: Option<&TrId>) -> Result<(Vec<Attempt>, Option<TrId>), StoreError> {
        self.now.set(self.now.get() + self.page_ms.get());
        let rows = self.rows.borrow();
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let row = rows.range::<TrId, _>((begin, Bound::Unbounded)).next();
        Ok((row.map(|(_, row)| row.clone()).into_iter().collect(), row.map(|(tr_id, _)| tr_id.clone())))
    }
}

impl KeepTime for &World {
    async fn beats(&self) -> Result<Beats, StoreError> {
        let beat = Some(Beat { number: 7, at: self.now() });
        Ok(Beats { payouts: beat, control: beat })
    }
    async fn beat(&self, _beat: Beat, _sweep: &Owner, _until: Moment) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn hold(&self, _sweep: &Owner, _until: Moment) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn heal(&self, _beat: Beat) -> Result<(), StoreError> {
        Ok(())
    }
}

#[test]
fn a_copy_is_read_only_under_a_name_that_says_that_it_is_one() {
    let world = World::new();
    let copy = |table: &str| world.does(Operation::RestoreCopy { table: table.into(), after: None });
    assert!(matches!(copy("payouts"), Err(Refusal::BadInput { field, .. }) if field == "table"));
    world.sent("anna");
    assert_eq!(copy("payouts-restored-1"), Ok(Outcome::Copied { copied: 0, there: 1, next: None }));
}

#[test]
fn a_repair_that_takes_longer_than_an_invocation_goes_on_where_it_was_and_opens_the_line_at_its_end() {
    let world = World::new();
    for name in ["anna", "bert", "carl", "dora", "emil"] {
        world.sent(name);
    }
    let noticed = world.now().before(Duration::from_hours(1));
    let paused = world.line.borrow().after(LineEvent::TableIsOlder, noticed, &Rules::default()).unwrap();
    world.line.replace(paused);
    world.page_ms.set(15_000);
    let mut after = None;
    for is_last in [false, true] {
        assert!(!world.line.borrow().is_open(), "nothing is sent before all of it is repaired");
        let repaired = world.does(Operation::RestoreRepair { taken_at: None, after });
        let Ok(Outcome::Repaired { next, .. }) = repaired else { panic!("{repaired:?}") };
        assert_eq!(next.is_none(), is_last, "{next:?}");
        after = next;
    }
    assert!(world.line.borrow().is_open());
}
