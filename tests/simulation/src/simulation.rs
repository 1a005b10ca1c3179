use payout::{TrIdError, TrIdScheme};

use crate::engine::Engine;
use crate::faults::{Fault, Hit, Hits};
use crate::judge::{Ends, Violation};
use crate::pace::Slowest;
use crate::random::Random;
use crate::story::Story;
use crate::world::Settings;

/// Orders in which faults are left out, to find the fewest that are needed.
const MOST_ORDERS: usize = 24;
/// So many steps of histories, some seconds, are enough for it.
const MOST_STEPS: u64 = 1_000_000;

/// Runs histories and counts what came of them.
pub struct Simulation {
    engine: Engine,
}

/// A history that broke a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The promise.
    pub violation: Violation,
}

/// What came of many histories.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many.
    pub histories: u64,
    /// Moments at which something happened.
    pub steps: u64,
    /// How promised payouts ended.
    pub ends: Ends,
    /// What took longest.
    pub slowest: Slowest,
    /// Times that each fault happened.
    pub hits: Hits,
    /// Histories that broke a promise; the first ones.
    pub failures: Vec<Failure>,
}

/// One history, with everything that happened in it.
#[derive(Clone, Debug)]
pub struct Replay {
    /// How it ended.
    pub result: Result<Ends, Violation>,
    /// What happened, a line each.
    pub lines: Vec<String>,
    /// The same for the same history, and for no other.
    pub digest: u64,
    /// The faults that happened, in their order.
    pub faults: Vec<Fault>,
}

impl Simulation {
    /// Sets it up.
    pub fn new(settings: Settings) -> Result<Self, TrIdError> {
        Ok(Self { engine: Engine::new(settings, &TrIdScheme::new("bg", "simulation")?) })
    }

    /// Runs the histories of these seeds, until `most_failures` have broken a promise.
    pub fn run(&mut self, seeds: std::ops::Range<u64>, most_failures: usize) -> Tally {
        let mut tally = Tally::default();
        self.engine.with(|world| {
            world.faults.hits = [0; Fault::ALL.len()];
            world.pace.slowest = Slowest::default();
        });
        for seed in seeds {
            tally.histories += 1;
            match self.engine.run(seed, None) {
                Ok(ends) => tally.ends.add(ends),
                Err(violation) => tally.failures.push(Failure { seed, violation }),
            }
            tally.steps += u64::from(self.engine.steps());
            if tally.failures.len() >= most_failures {
                break;
            }
        }
        (tally.hits, tally.slowest) = self.engine.with(|world| (world.faults.hits, world.pace.slowest));
        tally
    }

    /// Runs a history that is told, and tells what happened.
    pub fn tell(&mut self, story: &Story) -> (Result<Ends, Violation>, Vec<String>) {
        self.engine.with(|world| world.trace.keep_lines());
        let result = self.engine.run(0, Some(story));
        (result, self.engine.with(|world| world.trace.take_lines()))
    }

    /// Runs one history again and tells what happened. `kept` are the numbers of the only faults that may happen, as the
    /// history without it counts them from 0.
    pub fn replay(&mut self, seed: u64, kept: Option<&[usize]>) -> Replay {
        let places = kept.map(|kept| {
            let all = self.list(seed, None).1;
            kept.iter().filter_map(|number| Some(all.get(*number)?.place)).collect()
        });
        self.engine.with(|world| world.trace.keep_lines());
        let (result, hits) = self.list(seed, places);
        self.engine.with(|world| Replay {
            result,
            lines: world.trace.take_lines(),
            digest: world.trace.digest(),
            faults: hits.iter().map(|hit| hit.fault).collect(),
        })
    }

    fn list(&mut self, seed: u64, kept: Option<Vec<u64>>) -> (Result<Ends, Violation>, Vec<Hit>) {
        self.engine.with(|world| world.faults.list(kept));
        let result = self.engine.run(seed, None);
        (result, self.engine.with(|world| world.faults.listed()))
    }

    /// The numbers of the fewest faults that can be found with which the history still breaks the same promise.
    ///
    /// A fault that is left out moves what comes after it, so which ones can go depends on the order in which they are
    /// tried: several are.
    pub fn shrink(&mut self, seed: u64) -> Vec<usize> {
        let (broken, all) = self.list(seed, None);
        let mut fewest: Vec<usize> = (0..all.len()).collect();
        let mut random = Random::of(seed, 2);
        let mut steps = 0;
        for _ in 0..MOST_ORDERS {
            let mut order: Vec<usize> = (0..all.len()).collect();
            for place in (1..order.len()).rev() {
                order.swap(place, random.index(place + 1));
            }
            let kept = self.shrink_in(seed, &broken, &all, order, &mut steps);
            if kept.len() < fewest.len() {
                fewest = kept;
            }
            if steps > MOST_STEPS {
                break;
            }
        }
        fewest.sort_unstable();
        fewest
    }

    /// Leaves out halves, then quarters, then single ones, as long as the history fails without them.
    fn shrink_in(
        &mut self,
        seed: u64,
        broken: &Result<Ends, Violation>,
        all: &[Hit],
        mut kept: Vec<usize>,
        steps: &mut u64,
    ) -> Vec<usize> {
        let mut chunk = kept.len().div_ceil(2);
        while chunk > 0 {
            let before = kept.len();
            let mut from = 0;
            while from < kept.len() {
                let until = (from + chunk).min(kept.len());
                let fewer = [&kept[..from], &kept[until..]].concat();
                let places = fewer.iter().map(|number| all[*number].place).collect();
                let fails =
                    self.list(seed, Some(places)).0.is_err_and(|violation| broken.as_ref().err() == Some(&violation));
                *steps += u64::from(self.engine.steps());
                if fails {
                    kept = fewer;
                } else {
                    from = until;
                }
            }
            chunk = if chunk == 1 && kept.len() == before { 0 } else { chunk.div_ceil(2) };
        }
        kept
    }
}

impl Default for Tally {
    fn default() -> Self {
        let (ends, hits) = (Ends::default(), [0; Fault::ALL.len()]);
        Self { histories: 0, steps: 0, ends, slowest: Slowest::default(), hits, failures: Vec::new() }
    }
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.ends.add(other.ends);
        self.slowest.cancel_ms = self.slowest.cancel_ms.max(other.slowest.cancel_ms);
        self.slowest.end_ms = self.slowest.end_ms.max(other.slowest.end_ms);
        for (hits, more) in self.hits.iter_mut().zip(other.hits) {
            *hits += more;
        }
        self.failures.extend(other.failures);
    }
}

impl Ends {
    pub(crate) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.sent_later += other.sent_later;
        self.failed += other.failed;
        self.review += other.review;
        self.held += other.held;
        self.alone += other.alone;
        self.closed += other.closed;
        self.answered += other.answered;
        self.not_answered += other.not_answered;
    }
}
