use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// When every history begins, in milliseconds since the epoch: ten minutes before the end of a Korean week.
pub(crate) const START_MS: i64 = 29_922_650 * MINUTE_MS;
pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// Korea is so much ahead of UTC.
pub(crate) const KST_MS: i64 = 9 * HOUR_MS;

/// What happens at a moment. Numbers are places in lists of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// What a process waits for is over, if it is still in this invocation.
    Wake { worker: usize, invocation: u32, wait: u32 },
    /// A process ends, likewise.
    End { worker: usize, invocation: u32 },
    /// The platform ends a process for its time limit, likewise.
    TimeUp { worker: usize, invocation: u32 },
    /// Bleepy posts a list.
    Post(usize),
    /// People at Bleepy try again what has not gone well.
    TryByHand,
    /// Giftishow gets to a request.
    Arrive(usize),
    /// The table gets to a write.
    Write(usize),
    /// The stream has something.
    Deliver,
    /// A record that was delayed comes.
    Redeliver(usize),
    /// A winner uses a coupon.
    Use(usize),
    /// Somebody takes a backup of the table.
    Backup,
    /// It takes so long that some rows are in it as they are now.
    BackupGoesOn,
    /// It is put back.
    Restore,
    /// A person has it repaired.
    Repair,
    /// A user asks to be forgotten.
    Erase,
    /// Somebody does something about a payout.
    Operate,
    /// From now on nothing goes wrong.
    Calm,
    /// The schedule starts a sweep.
    Sweep,
}

struct Entry {
    at_ms: i64,
    number: u32,
    what: What,
}

impl Entry {
    fn key(&self) -> (i64, u32) {
        (self.at_ms, self.number)
    }
}

impl Ord for Entry {
    /// The earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

/// True time, and what is to come. It jumps from one to the next.
pub(crate) struct Clock {
    pub(crate) now_ms: i64,
    to_come: BinaryHeap<Entry>,
    number: u32,
    /// Moments at which something has happened.
    pub(crate) steps: u32,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { now_ms: START_MS, to_come: BinaryHeap::with_capacity(64), number: 0, steps: 0 }
    }

    pub(crate) fn begin(&mut self) {
        self.now_ms = START_MS;
        self.to_come.clear();
        self.number = 0;
        self.steps = 0;
    }

    pub(crate) fn after(&mut self, ms: i64, what: What) {
        self.at(self.now_ms + ms, what);
    }

    pub(crate) fn at(&mut self, at_ms: i64, what: What) {
        self.number += 1;
        self.to_come.push(Entry { at_ms: at_ms.max(self.now_ms), number: self.number, what });
    }

    /// When the next of it happens.
    pub(crate) fn next_at(&self) -> Option<i64> {
        self.to_come.peek().map(|entry| entry.at_ms)
    }

    /// Goes there.
    pub(crate) fn next(&mut self) -> Option<What> {
        let entry = self.to_come.pop()?;
        self.pass(entry.at_ms);
        Some(entry.what)
    }

    /// It is so late now.
    pub(crate) fn pass(&mut self, at_ms: i64) {
        self.now_ms = at_ms;
        self.steps += 1;
    }
}
