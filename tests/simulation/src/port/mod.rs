//! What the functions are given in place of the outside world. Each capability is an await point at which the world decides
//! what happens and when; none of them decides anything about payouts.

mod control;
mod coupons;
mod due;
mod goods;
mod host;
mod line;
mod operate;
mod read;
mod recipients;
mod rewards;
mod secret;
mod time;
mod wake;
mod write;

use std::future::poll_fn;
use std::task::{Poll, Waker};

use platform::StoreError;

use crate::clock::SECOND_MS;
use crate::faults::Fault;
use crate::random::Random;
use crate::world::{Shared, World};

impl send::Given for Port {
    type Giftishow = Self;
    type Payouts = Self;
    type Situation = Self;
    type Control = Self;
    type Coupons = Self;
    type Rewards = Self;
    type Goods = Self;
    type Recipients = Self;
    type Secret = Self;
    type Host = Self;
}

impl sweeper::Given for Port {
    type Giftishow = Self;
    type Payouts = Self;
    type Control = Self;
    type Time = Self;
    type Send = Self;
    type Host = Self;
}

/// Every capability of one process.
#[derive(Clone)]
pub(crate) struct Port {
    world: Shared,
    worker: usize,
}

impl Port {
    pub(crate) fn new(world: Shared, worker: usize) -> Self {
        Self { world, worker }
    }

    /// With the world, and this process's own randomness. Never across an await.
    fn with<T>(&self, act: impl FnOnce(&mut World, &mut Random) -> T) -> T {
        let mut world = self.world.borrow_mut();
        let mut random = world.workers[self.worker].random;
        let result = act(&mut world, &mut random);
        world.workers[self.worker].random = random;
        result
    }

    /// Time passes, and others act. The one place at which a process waits, ends or stands still.
    async fn wait(&self, ms: i64) {
        if ms == 0 {
            return;
        }
        let Some(wait) = self.world.borrow_mut().sleep(self.worker, ms) else { return };
        let is_over = |waker: &Waker| self.world.borrow_mut().workers[self.worker].is_over(wait, waker);
        poll_fn(|context| if is_over(context.waker()) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn trace(&self, text: impl FnOnce() -> String) {
        let mut world = self.world.borrow_mut();
        let World { trace, workers, clock, .. } = &mut *world;
        trace.line(clock.now_ms, || format!("{:<10} {}", workers.name(self.worker), text()));
    }

    /// What every request to a table may meet: the time until the table gets to it, and how it fails.
    fn request(&self, faults: &[Fault]) -> (i64, i64, Option<Fault>) {
        self.with(|world, random| {
            let fault = world.faults.one_of(faults, random);
            let bits = random.next();
            let there = 1 + (bits & 7).cast_signed();
            let back = match fault {
                // The SDK gives up after 3 s.
                Some(Fault::RequestLost | Fault::AnswerLost | Fault::WriteLate) => 3 * SECOND_MS - there,
                // Usually at once: every wait takes its time in the simulation, too.
                _ if bits >> 8 & 3 != 0 => 0,
                _ => 1 + (bits >> 16 & 15).cast_signed(),
            };
            (there, back, fault)
        })
    }

    /// A read: what `read` sees when the table gets to it.
    async fn reading<T>(&self, operation: &'static str, read: impl FnOnce(&World) -> T) -> Result<T, StoreError> {
        let (there, back, fault) = self.request(&[Fault::Throttled, Fault::RequestLost]);
        self.wait(there).await;
        let seen = match fault {
            None => Ok(read(&self.world.borrow())),
            Some(fault) => {
                self.trace(|| format!("{operation}: {}", fault.name()));
                Err(unavailable(operation, fault))
            }
        };
        self.wait(back).await;
        seen
    }
}

fn unavailable(operation: &'static str, fault: Fault) -> StoreError {
    let code = if fault == Fault::Conflict { "TransactionConflict" } else { fault.name() };
    StoreError::Unavailable { operation, code: code.to_owned() }
}
