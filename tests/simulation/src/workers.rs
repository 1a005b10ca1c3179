use std::task::Waker;

use crate::clock::{MINUTE_MS, SECOND_MS, What};
use crate::faults::Fault;
use crate::profile::Profile;
use crate::random::Random;
use crate::world::World;

/// How far a clock may be off the true time.
pub(crate) const CLOCK_OFF_MS: i64 = 25 * SECOND_MS;
/// Longest stand-still of a process. One that answers Bleepy ends with its time limit or a little later: Lambda ends it
/// then, and the table takes no request that was signed more than five minutes ago.
const FREEZE_MS: i64 = 20 * MINUTE_MS;
/// A request to Giftishow has so much time.
const ANSWERED_MS: i64 = 15 * SECOND_MS;
/// How long a process that stood still beyond its time limit may go on.
const AFTER_FREEZE_MS: i64 = 30 * SECOND_MS;

/// Which function a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Callback,
    Send,
    Sweeper,
    Person,
    Operate,
}

impl Function {
    /// Its time limit, as the template sets it.
    pub(crate) fn time_limit_ms(self) -> i64 {
        match self {
            Self::Callback => 20 * SECOND_MS,
            Self::Send => 60 * SECOND_MS,
            Self::Sweeper => 300 * SECOND_MS,
            Self::Person | Self::Operate => 3_600 * SECOND_MS,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Send => "send",
            Self::Sweeper => "sweeper",
            Self::Person => "person",
            Self::Operate => "operator",
        }
    }
}

/// A request to Giftishow that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    Send,
    Cancel,
}

/// Something that a process waits for; of several things that it does at once, each waits for its own.
#[derive(Clone, Debug)]
struct Wait {
    number: u32,
    is_over: bool,
    waker: Option<Waker>,
}

/// A process: one container that handles one invocation after the other.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(crate) function: Function,
    /// How far its clock is ahead of the true time.
    pub(crate) ahead_ms: i64,
    pub(crate) random: Random,
    /// Counts up with every invocation, so that what was meant for an earlier one is known.
    pub(crate) invocation: u32,
    waits: Vec<Wait>,
    waited: u32,
    pub(crate) frozen: bool,
    frozen_until_ms: i64,
    /// The platform has given it up, and it stands still or goes on all the same.
    pub(crate) given_up: bool,
    pub(crate) ends_ms: i64,
    /// Requests to Giftishow that wait for their answers, of each kind.
    pub(crate) open: [usize; 2],
    /// When the last of them left.
    pub(crate) asked_ms: i64,
    /// Which of Bleepy's lists it answers.
    pub(crate) post: Option<usize>,
    /// When that came, by its clock.
    pub(crate) post_came_ms: i64,
}

impl Worker {
    /// Whether what was waited for is over; else who shall be told when it is.
    pub(crate) fn is_over(&mut self, number: u32, waker: &Waker) -> bool {
        let Some(place) = self.waits.iter().position(|wait| wait.number == number) else { return true };
        let is_over = self.waits[place].is_over;
        if is_over {
            self.waits.swap_remove(place);
        } else {
            self.waits[place].waker = Some(waker.clone());
        }
        is_over
    }

    fn begin_wait(&mut self) -> u32 {
        self.waited += 1;
        self.waits.push(Wait { number: self.waited, is_over: false, waker: None });
        self.waited
    }

    fn end_wait(&mut self, number: u32) {
        if let Some(wait) = self.waits.iter_mut().find(|wait| wait.number == number) {
            wait.is_over = true;
            if let Some(waker) = wait.waker.take() {
                waker.wake();
            }
        }
    }

    /// It waits for nothing any more.
    pub(crate) fn end_invocation(&mut self) {
        self.invocation += 1;
        self.waits.clear();
        self.open = [0; 2];
    }
}

/// All processes of a history.
#[derive(Debug, Default)]
pub(crate) struct Workers {
    seed: u64,
    clocks_differ: bool,
    all: Vec<Worker>,
    /// Invocations so far, per function.
    invocations: [u32; 5],
    sweeper: Option<usize>,
}

impl std::ops::Index<usize> for Workers {
    type Output = Worker;
    fn index(&self, worker: usize) -> &Worker {
        &self.all[worker]
    }
}

impl std::ops::IndexMut<usize> for Workers {
    fn index_mut(&mut self, worker: usize) -> &mut Worker {
        &mut self.all[worker]
    }
}

impl Workers {
    /// The table itself, when it gets to a write whose process has ended: the first of all workers, which never runs.
    pub(crate) const NOBODY: usize = 0;

    pub(crate) fn begin(&mut self, seed: u64, profile: Profile) {
        self.seed = seed;
        self.clocks_differ = profile.faults().has(Fault::ClockJump);
        self.all.clear();
        self.invocations = [0; 5];
        self.sweeper = None;
        self.start(Function::Callback, &mut Random::of(seed, 1));
    }

    /// A new process, with a clock of its own.
    pub(crate) fn start(&mut self, function: Function, random: &mut Random) -> usize {
        let ahead_ms = random.one(&[0, 0, CLOCK_OFF_MS, -CLOCK_OFF_MS, 3]) * i64::from(self.clocks_differ);
        self.all.push(Worker {
            function,
            ahead_ms,
            random: *random,
            invocation: 0,
            waits: Vec::new(),
            waited: 0,
            frozen: false,
            frozen_until_ms: 0,
            given_up: false,
            ends_ms: 0,
            open: [0; 2],
            asked_ms: 0,
            post: None,
            post_came_ms: 0,
        });
        let worker = self.all.len() - 1;
        if function == Function::Sweeper {
            self.sweeper = Some(worker);
        }
        worker
    }

    /// The stream of the next invocation of a function.
    pub(crate) fn next_random(&mut self, function: Function) -> Random {
        let number = &mut self.invocations[function as usize];
        *number += 1;
        Random::of(self.seed, (function as u32 + 1) << 24 | *number)
    }

    /// How far the sweeper's clock is ahead.
    pub(crate) fn sweeper_ahead_ms(&self) -> i64 {
        self.sweeper.map_or(0, |worker| self.all[worker].ahead_ms)
    }

    /// Whether somebody writes who decides about payouts.
    pub(crate) fn is_a_person(&self, worker: usize) -> bool {
        self.all[worker].function == Function::Operate
    }

    /// Which of Bleepy's lists a process answers.
    pub(crate) fn post_of(&self, worker: usize) -> Option<usize> {
        self.all[worker].post
    }

    /// Requests of one kind that are in flight, as far as the platform knows their processes. What a process that stands still
    /// waits for is over when a request's time is.
    pub(crate) fn open(&self, kind: Open, now_ms: i64) -> usize {
        let counts = |worker: &&Worker| !(worker.given_up || worker.frozen && now_ms - worker.asked_ms > ANSWERED_MS);
        self.all.iter().filter(counts).map(|worker| worker.open[kind as usize]).sum()
    }

    /// As traces name it.
    pub(crate) fn name(&self, worker: usize) -> String {
        match worker {
            Self::NOBODY => "table".to_owned(),
            _ => format!("{} {worker}", self.all[worker].function.name()),
        }
    }
}

impl World {
    /// A process waits; unless it ends, stands still or uses up its time meanwhile, it goes on then. `None` if that is over
    /// at once, since nobody else does anything until then.
    pub(crate) fn sleep(&mut self, worker: usize, ms: i64) -> Option<u32> {
        let Self { workers, faults, clock, trace, settings, .. } = self;
        let process = &mut workers.all[worker];
        let invocation = process.invocation;
        let mut wakes_ms = clock.now_ms + ms;
        let may = settings.profile.may_disturb(process.function);
        let happens = faults.one_of(&[Fault::Crash, Fault::Freeze, Fault::ClockJump], &mut process.random);
        match happens.filter(|_| may) {
            Some(Fault::Crash) => {
                let after_ms = process.random.between(0, ms);
                clock.after(after_ms, What::End { worker, invocation });
                return Some(process.begin_wait());
            }
            Some(Fault::Freeze) => {
                let frozen_ms = process.random.between(SECOND_MS, FREEZE_MS);
                process.frozen = true;
                wakes_ms += frozen_ms;
                if process.function == Function::Callback {
                    wakes_ms = wakes_ms.min(process.ends_ms.max(clock.now_ms + 1));
                }
                process.frozen_until_ms = wakes_ms.max(process.frozen_until_ms);
                let name = process.function.name();
                trace.line(clock.now_ms, || format!("{name} {worker} stands still for {frozen_ms} ms"));
            }
            Some(_) => process.ahead_ms = process.random.between(-CLOCK_OFF_MS, CLOCK_OFF_MS),
            None => {}
        }
        if wakes_ms >= process.ends_ms && !process.given_up {
            clock.at(process.ends_ms, What::TimeUp { worker, invocation });
            if !process.frozen {
                return Some(process.begin_wait());
            }
        } else if self.is_alone_until(worker, wakes_ms) {
            self.clock.pass(wakes_ms);
            return None;
        }
        let wait = self.workers[worker].begin_wait();
        self.clock.at(wakes_ms, What::Wake { worker, invocation, wait });
        Some(wait)
    }

    /// Whether nothing happens until then but what this process does, and that one after the other.
    fn is_alone_until(&self, worker: usize, until_ms: i64) -> bool {
        let process = &self.workers[worker];
        let does_one_thing = process.function != Function::Send || self.settings.send_concurrency == 1;
        does_one_thing
            && !process.frozen
            && !process.given_up
            && !self.has_a_job()
            && self.nothing_happens_until(until_ms)
    }

    /// Whether the process goes on: it may have ended meanwhile, or stand still. One that stood still beyond its time limit
    /// goes on for a while, or not at all.
    pub(crate) fn goes_on(&mut self, worker: usize, invocation: u32, wait: u32) -> bool {
        let Self { workers, clock, .. } = self;
        let process = &mut workers[worker];
        if process.invocation != invocation {
            return false;
        }
        if process.frozen && clock.now_ms < process.frozen_until_ms {
            clock.at(process.frozen_until_ms, What::Wake { worker, invocation, wait });
            return false;
        }
        process.end_wait(wait);
        if std::mem::take(&mut process.frozen) && clock.now_ms >= process.ends_ms {
            let more_ms = process.random.between(-AFTER_FREEZE_MS, AFTER_FREEZE_MS).max(0);
            clock.after(more_ms, What::End { worker, invocation });
            return more_ms > 0;
        }
        true
    }
}
