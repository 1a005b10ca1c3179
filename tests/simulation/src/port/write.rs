use platform::{StoreError, Write, WritePayouts, Written};

use super::{Port, unavailable};
use crate::clock::{MINUTE_MS, SECOND_MS, What};
use crate::faults::Fault;
use crate::weakness::Weakness;

/// How much later than its caller gives up a write may be done.
const LATER_MS: i64 = 20 * MINUTE_MS;

/// The same for what a callback writes.
const LATER_OF_A_CALLBACK_MS: i64 = 30 * SECOND_MS;

impl WritePayouts for Port {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let weakness = self.world.borrow().settings.weakness;
        match weakness {
            Some(Weakness::Transactions) if matches!(writes, [Write::Put(_), _, ..]) => {}
            Some(Weakness::DurableWrite) if matches!(writes, [Write::Put(_)]) => {
                let mut world = self.world.borrow_mut();
                world.late_writes.push(writes.to_vec());
                let index = world.late_writes.len() - 1;
                world.clock.after(1, What::Write(index));
                return Ok(Written::Done);
            }
            _ => return self.write_once(writes).await,
        }
        for one in writes {
            self.write_once(std::slice::from_ref(one)).await?;
        }
        Ok(Written::Done)
    }
}

impl Port {
    async fn write_once(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let operation = if writes.len() > 1 { "TransactWriteItems" } else { "UpdateItem" };
        let (there, back, fault) = self.request(&[
            Fault::Throttled,
            Fault::RequestLost,
            Fault::AnswerLost,
            Fault::WriteLate,
            Fault::WrittenTwice,
            Fault::Conflict,
        ]);
        self.wait(there).await;
        if let Some(fault) = fault {
            self.trace(|| format!("{operation}: {}", fault.name()));
        }
        let written = match fault {
            None => Ok(self.put_down(writes)),
            Some(Fault::Conflict) if writes.len() == 1 => Ok(self.put_down(writes)),
            Some(Fault::WrittenTwice) => {
                let first = self.put_down(writes);
                let again_ms = self.with(|_, random| random.between(50, SECOND_MS));
                self.wait(again_ms).await;
                // A transaction has a token by which the table knows it again.
                Ok(if first == Written::Done && writes.len() > 1 { first } else { self.put_down(writes) })
            }
            Some(fault) => {
                match fault {
                    Fault::AnswerLost => drop(self.put_down(writes)),
                    Fault::WriteLate => self.put_down_later(writes),
                    _ => {}
                }
                Err(unavailable(operation, fault))
            }
        };
        self.wait(back).await;
        written
    }

    fn put_down(&self, writes: &[Write]) -> Written {
        self.world.borrow_mut().write(self.worker, writes)
    }

    fn put_down_later(&self, writes: &[Write]) {
        self.with(|world, random| {
            let longest = random.one(&[5 * SECOND_MS, 2 * MINUTE_MS, 2 * MINUTE_MS, LATER_MS]);
            // Of a request of 15 s at most, whose process is ended after 20 s.
            let longest = if world.workers.post_of(self.worker).is_some() {
                longest.min(LATER_OF_A_CALLBACK_MS)
            } else {
                longest
            };
            let after_ms = random.between(3 * SECOND_MS, longest);
            world.late_writes.push(writes.to_vec());
            world.clock.after(after_ms, What::Write(world.late_writes.len() - 1));
        });
    }
}
