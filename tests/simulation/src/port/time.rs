use std::collections::HashSet;

use payout::{Counter, Moment, Owner, TrId};
use platform::{Beat, Beats, DrawCounters, FindBuried, KeepTime, Lost, MarkLost, ReadSituation, Situation, StoreError};

use super::{Port, unavailable};
use crate::clock::SECOND_MS;
use crate::faults::Fault;
use crate::store::Tables;
use crate::world::World;

impl ReadSituation for Port {
    async fn situation(&self, tr_ids: &[TrId]) -> Result<Situation, StoreError> {
        let seen = |world: &World| {
            let buried: HashSet<TrId> = tr_ids.iter().filter(|tr_id| world.tables.is_buried(tr_id)).cloned().collect();
            Situation { line: world.tables.line().clone(), beats: world.tables.beats(), buried }
        };
        self.reading("BatchGetItem", seen).await
    }
}

impl FindBuried for Port {
    async fn buried(&self, tr_ids: &[TrId]) -> Result<HashSet<TrId>, StoreError> {
        let buried = |world: &World| tr_ids.iter().filter(|tr_id| world.tables.is_buried(tr_id)).cloned().collect();
        self.reading("BatchGetItem", buried).await
    }
}

impl KeepTime for Port {
    async fn beats(&self) -> Result<Beats, StoreError> {
        self.reading("BatchGetItem", |world| world.tables.beats()).await
    }

    async fn beat(&self, beat: Beat, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        self.writing("UpdateItem", |tables| tables.beat(beat, sweep, until)).await
    }

    async fn hold(&self, sweep: &Owner, until: Moment) -> Result<bool, StoreError> {
        self.writing("UpdateItem", |tables| tables.hold(sweep, until)).await
    }

    async fn heal(&self, beat: Beat) -> Result<(), StoreError> {
        self.writing("UpdateItem", |tables| tables.heal(beat)).await
    }
}

impl MarkLost for Port {
    async fn mark_lost(&self, lost: Lost) -> Result<(), StoreError> {
        self.writing("PutItem", |tables| tables.mark_lost(lost)).await
    }
}

impl DrawCounters for Port {
    async fn draw(&self, counter: &Counter, wanted: u64) -> Result<u64, StoreError> {
        self.writing("UpdateItem", |tables| tables.draw(counter, wanted)).await
    }

    /// Tried once: what is done twice would take back what others have drawn.
    async fn give_back(&self, counter: &Counter, unused: u64) -> Result<(), StoreError> {
        let (there, back, fault) = self.request(&[Fault::Throttled, Fault::RequestLost, Fault::AnswerLost]);
        self.wait(there).await;
        let given = self.put_down_in("UpdateItem", fault, |tables| tables.give_back(counter, unused));
        self.wait(back).await;
        given
    }
}

impl Port {
    /// A write of one row of the table of control, or of the heartbeat: it may be done twice, by the SDK.
    async fn writing<T>(
        &self,
        operation: &'static str,
        mut act: impl FnMut(&mut Tables) -> T,
    ) -> Result<T, StoreError> {
        let faults = [Fault::Throttled, Fault::RequestLost, Fault::AnswerLost, Fault::WrittenTwice];
        let (there, back, fault) = self.request(&faults);
        self.wait(there).await;
        if fault == Some(Fault::WrittenTwice) {
            drop(self.put_down_in(operation, None, &mut act));
            let again_ms = self.with(|_, random| random.between(50, SECOND_MS));
            self.wait(again_ms).await;
        }
        let fault = fault.filter(|fault| *fault != Fault::WrittenTwice);
        let written = self.put_down_in(operation, fault, act);
        self.wait(back).await;
        written
    }

    fn put_down_in<T>(
        &self,
        operation: &'static str,
        fault: Option<Fault>,
        act: impl FnOnce(&mut Tables) -> T,
    ) -> Result<T, StoreError> {
        if let Some(fault) = fault {
            self.trace(|| format!("{operation}: {}", fault.name()));
        }
        let mut world = self.world.borrow_mut();
        match fault {
            None => Ok(act(&mut world.tables)),
            Some(fault) => {
                if fault == Fault::AnswerLost {
                    act(&mut world.tables);
                }
                Err(unavailable(operation, fault))
            }
        }
    }
}
