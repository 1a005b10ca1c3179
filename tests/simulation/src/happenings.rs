//! What the world does by itself.

use std::fmt;

use payout::Moment;

use crate::clock::{MINUTE_MS, What};
use crate::deliveries::Job;
use crate::random::Random;
use crate::world::World;

/// Putting a table back takes at most so long.
const LONGEST_DOWN_MS: i64 = 15 * MINUTE_MS;
/// A person has it repaired within so long.
const LONGEST_UNREPAIRED_MS: i64 = 30 * MINUTE_MS;

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
        self.tables.catch_up(Moment::from_millis(self.clock.now_ms));
        self.backup = self.tables.rows().to_vec();
        self.backup_beat = self.tables.beats().payouts;
        self.backup_ms = self.clock.now_ms;
        self.trace.line(self.clock.now_ms, || "operator   backs the table up".to_owned());
    }

    /// A backup is as old as it says, but for some rows.
    pub(crate) fn back_up_some(&mut self) {
        for row in self.tables.rows().iter().filter(|row| row.due_shard % 2 == 1) {
            match self.backup.iter_mut().find(|kept| kept.tr_id == row.tr_id) {
                Some(kept) => kept.clone_from(row),
                None => self.backup.push(row.clone()),
            }
        }
        self.trace.line(self.clock.now_ms, || "operator   is still backing the table up".to_owned());
    }

    pub(crate) fn put_back(&mut self) {
        let backup = std::mem::take(&mut self.backup);
        for row in self.tables.rows() {
            let Some(kept) = backup.iter().find(|kept| kept.tr_id == row.tr_id) else {
                self.judge.lost.push(row.clone());
                continue;
            };
            let times = row.duplicates.saturating_sub(kept.duplicates);
            if let (true, Some(pair), Some(at)) = (times > 0, self.judge.pair_of(row), row.last_duplicate_at) {
                self.judge.unnoted.push((pair, times, at));
            }
        }
        self.tables.catch_up(Moment::from_millis(self.clock.now_ms));
        self.tables.put_back(backup, self.backup_beat);
        self.judge.put_back_ms = Some(self.clock.now_ms);
        self.late_writes.iter_mut().for_each(Vec::clear);
        self.drop_deliveries();
        self.windows.down_until_ms = self.clock.now_ms + self.random.between(0, LONGEST_DOWN_MS);
        let repaired_ms = self.windows.down_until_ms + self.random.between(0, LONGEST_UNREPAIRED_MS);
        self.clock.at(repaired_ms, What::Repair);
        self.due_again();
        self.trace.line(self.clock.now_ms, || "operator   PUTS THE TABLE BACK".to_owned());
    }

    /// R20: who a payout was for is blanked in every row that is done with.
    pub(crate) fn erase(&mut self) {
        self.tables.erase();
        self.trace.line(self.clock.now_ms, || "operator   erases who was paid so far".to_owned());
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
