//! What the world does by itself.

use std::fmt;

use crate::clock::MINUTE_MS;
use crate::deliveries::Job;
use crate::random::Random;
use crate::world::World;

/// Putting a table back takes a while.
const DOWN_MS: i64 = 15 * MINUTE_MS;

impl World {
    pub(crate) fn trace_worker(&mut self, worker: usize, text: &str) {
        let Self { trace, workers, clock, .. } = self;
        trace.line(clock.now_ms, || format!("{:<10} {text}", workers.name(worker)));
    }

    /// A process takes an invocation.
    pub(crate) fn begin_invocation(&mut self, worker: usize, random: Random) {
        let now_ms = self.clock.now_ms;
        let process = &mut self.workers[worker];
        process.random = random;
        process.invocation += 1;
        process.ends_ms = now_ms + process.function.time_limit_ms();
        process.post = None;
        self.trace.mix(now_ms.unsigned_abs() ^ worker as u64);
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&mut self) {
        self.faults.end();
        self.windows = self.windows.calm();
        self.trace.line(self.clock.now_ms, || "world      nothing goes wrong from here on".to_owned());
    }

    pub(crate) fn back_up(&mut self) {
        self.backup = self.tables.rows().to_vec();
        self.trace.line(self.clock.now_ms, || "operator   backs the table up".to_owned());
    }

    pub(crate) fn put_back(&mut self) {
        self.tables.put_back(std::mem::take(&mut self.backup));
        self.late_writes.iter_mut().for_each(Vec::clear);
        self.drop_deliveries();
        self.judge.restored = true;
        self.windows.down_until_ms = self.clock.now_ms + DOWN_MS;
        self.due_again();
        self.trace.line(self.clock.now_ms, || "operator   PUTS THE TABLE BACK".to_owned());
    }

    /// Until when nothing of ours runs, if it does not.
    pub(crate) fn is_down(&self) -> Option<i64> {
        (self.clock.now_ms < self.windows.down_until_ms).then_some(self.windows.down_until_ms)
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(records) => write!(f, "is handed {} records of the stream", records.len()),
            Self::Wake(rows) => write!(f, "is woken for {} rows", rows.len()),
        }
    }
}
