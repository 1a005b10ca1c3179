use crate::clock::{MINUTE_MS, SECOND_MS, What};
use crate::faults::Fault;
use crate::profile::Profile;
use crate::random::Random;
use crate::world::World;

/// How far a clock may be off the true time.
pub(crate) const CLOCK_OFF_MS: i64 = 25 * SECOND_MS;
/// Longest stand-still of a process.
const FREEZE_MS: i64 = 20 * MINUTE_MS;
/// How long a process that stood still beyond its time limit may go on.
const AFTER_FREEZE_MS: i64 = 30 * SECOND_MS;

/// Which function a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Callback,
    Send,
    Sweeper,
}

impl Function {
    /// Its time limit, as the template sets it.
    pub(crate) fn time_limit_ms(self) -> i64 {
        match self {
            Self::Callback => 20 * SECOND_MS,
            Self::Send => 60 * SECOND_MS,
            Self::Sweeper => 300 * SECOND_MS,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::Send => "send",
            Self::Sweeper => "sweeper",
        }
    }
}

/// A request to Giftishow that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    Send,
    Cancel,
}

/// A process: one container that handles one invocation after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worker {
    pub(crate) function: Function,
    /// How far its clock is ahead of the true time.
    pub(crate) ahead_ms: i64,
    pub(crate) random: Random,
    /// Counts up with every invocation, so that what was meant for an earlier one is known.
    pub(crate) invocation: u32,
    pub(crate) woken: bool,
    pub(crate) frozen: bool,
    /// The platform has given it up, and it stands still or goes on all the same.
    pub(crate) given_up: bool,
    pub(crate) ends_ms: i64,
    pub(crate) open: Option<Open>,
    /// Which of Bleepy's lists it answers.
    pub(crate) post: Option<usize>,
}

/// All processes of a history.
#[derive(Debug, Default)]
pub(crate) struct Workers {
    seed: u64,
    clocks_differ: bool,
    all: Vec<Worker>,
    /// Invocations so far, per function.
    invocations: [u32; 3],
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
        self.invocations = [0; 3];
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
            woken: false,
            frozen: false,
            given_up: false,
            ends_ms: 0,
            open: None,
            post: None,
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

    /// Which of Bleepy's lists a process answers.
    pub(crate) fn post_of(&self, worker: usize) -> Option<usize> {
        self.all[worker].post
    }

    /// Requests of one kind that wait for their answers, as far as the platform knows their processes.
    pub(crate) fn open(&self, kind: Open) -> usize {
        self.all.iter().filter(|worker| worker.open == Some(kind) && !worker.given_up).count()
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
    /// A process waits; unless it ends, stands still or uses up its time meanwhile, it goes on then.
    pub(crate) fn sleep(&mut self, worker: usize, ms: i64) {
        let Self { workers, faults, clock, trace, settings, .. } = self;
        let process = &mut workers.all[worker];
        process.woken = false;
        let invocation = process.invocation;
        let mut wakes_ms = clock.now_ms + ms;
        let may = settings.profile.may_disturb(process.function);
        let happens = faults.one_of(&[Fault::Crash, Fault::Freeze, Fault::ClockJump], &mut process.random);
        match happens.filter(|_| may) {
            Some(Fault::Crash) => {
                let after_ms = process.random.between(0, ms);
                return clock.after(after_ms, What::End { worker, invocation });
            }
            Some(Fault::Freeze) => {
                let frozen_ms = process.random.between(SECOND_MS, FREEZE_MS);
                process.frozen = true;
                wakes_ms += frozen_ms;
                let name = process.function.name();
                trace.line(clock.now_ms, || format!("{name} {worker} stands still for {frozen_ms} ms"));
            }
            Some(_) => process.ahead_ms = process.random.between(-CLOCK_OFF_MS, CLOCK_OFF_MS),
            None => {}
        }
        if wakes_ms >= process.ends_ms && !process.given_up {
            clock.at(process.ends_ms, What::TimeUp { worker, invocation });
            if !process.frozen {
                return;
            }
        }
        clock.at(wakes_ms, What::Wake { worker, invocation });
    }

    /// Whether the process goes on: it may have ended meanwhile. One that stood still beyond its time limit goes on for a
    /// while, or not at all.
    pub(crate) fn goes_on(&mut self, worker: usize, invocation: u32) -> bool {
        let Self { workers, clock, .. } = self;
        let process = &mut workers[worker];
        if process.invocation != invocation {
            return false;
        }
        process.woken = true;
        if std::mem::take(&mut process.frozen) && clock.now_ms >= process.ends_ms {
            let more_ms = process.random.between(-AFTER_FREEZE_MS, AFTER_FREEZE_MS).max(0);
            clock.after(more_ms, What::End { worker, invocation });
            return more_ms > 0;
        }
        true
    }
}
