use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use callback::{Access, Body, Call, Callback};
use lambda_runtime::LambdaEvent;
use payout::{Moment, SendHours, TrIdScheme};
use platform::{CouponSealer, Env, RewardCache};
use send::{BatchResponse, GoodsCache, Sender};
use serde_json::Value;
use sweeper::Sweeper;

use crate::clock::What;
use crate::deliveries::{self, Job};
use crate::faults::Fault;
use crate::judge::{Ends, Violation};
use crate::port::Port;
use crate::story::Story;
use crate::weakness::Weakness;
use crate::workers::{Function, Workers};
use crate::world::{Settings, Shared, World};

/// SHA-256 of "sim", the callback's token.
const DIGEST: &str = "507a9a8be3d145a86daa9644b28bf42a8dc0720d8baeabdf0406c393692bf082";
/// Defaults of the configuration.
const LEASE_MARGIN: Duration = Duration::from_secs(30);
const COUPONS_KEPT: Duration = Duration::from_hours(100 * 24);
/// When a person looks whether a repair was done.
const REPAIRED_AGAIN_MS: i64 = 10 * crate::clock::MINUTE_MS;
const PATH: &str = "/bleepy/sim";
/// One delivery of so many comes to `send` as JSON, to be read there as in the cloud.
const IN_JSON: u64 = 64;
/// More than this is no history but a circle.
const MOST_STEPS: u32 = 100_000;

type CallbackHere = Callback<Port, Port, Port>;
type SenderHere = Sender<Port>;
type SweeperHere = Sweeper<Port>;

/// How an invocation ended.
enum Ended {
    Callback(u16),
    Send(BatchResponse),
    Sweep,
    Repair,
    Order,
}

/// The production code of one process.
#[derive(Clone)]
enum Program {
    Callback(Rc<CallbackHere>),
    Send(Rc<SenderHere>),
    Sweeper(Rc<SweeperHere>),
    Person(Port),
}

/// A process: its program, what it is doing and what for.
struct Process {
    program: Option<Program>,
    running: Option<Pin<Box<dyn Future<Output = Ended>>>>,
    job: Option<Job>,
}

/// Runs histories, one after the other.
pub(crate) struct Engine {
    world: Shared,
    scheme: TrIdScheme,
    processes: Vec<Process>,
    idle: [Vec<usize>; 5],
    /// Processes of `send` and of the sweeper that the platform knows of.
    busy: [usize; 5],
}

impl Engine {
    pub(crate) fn new(settings: Settings, scheme: &TrIdScheme) -> Self {
        let world = Rc::new(RefCell::new(World::new(settings, scheme.clone())));
        let idle = [const { Vec::new() }; 5];
        Self { world, scheme: scheme.clone(), processes: Vec::new(), idle, busy: [0; 5] }
    }

    /// With the world. Never while a process runs.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.world.borrow_mut())
    }

    /// One history, to its end.
    pub(crate) fn run(&mut self, seed: u64, story: Option<&Story>) -> Result<Ends, Violation> {
        self.processes.clear();
        self.processes.push(Process { program: None, running: None, job: None });
        self.idle.iter_mut().for_each(Vec::clear);
        self.busy = [0; 5];
        self.with(|world| world.begin(seed, story));
        while let Some(what) = self.with(World::next) {
            self.happen(what);
            if let Some(violation) = self.world.borrow().judge.violation() {
                return Err(violation.clone());
            }
            if self.steps() > MOST_STEPS {
                return Err(Violation::Endless);
            }
        }
        self.world.borrow().judge_end()
    }

    /// Moments of the last history at which something happened.
    pub(crate) fn steps(&self) -> u32 {
        self.world.borrow().clock.steps
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Wake { worker, invocation, wait } => {
                if self.with(|world| world.goes_on(worker, invocation, wait)) {
                    self.go_on(worker);
                }
            }
            What::End { worker, invocation } => {
                if self.is_in(worker, invocation) {
                    self.with(|world| world.trace_worker(worker, "ends without a word"));
                    self.end(worker);
                }
            }
            What::TimeUp { worker, invocation } => self.time_up(worker, invocation),
            What::Post(post) => self.post(post),
            What::TryByHand => self.with(World::try_by_hand),
            What::Arrive(request) => self.with(|world| world.arrive(request)),
            What::Write(write) => self.with(|world| world.write_late(write)),
            What::Deliver => {}
            What::Redeliver(record) => self.with(|world| world.redeliver(record)),
            What::Use(coupon) => self.with(|world| world.use_coupon(coupon)),
            What::Backup => self.with(World::back_up),
            What::BackupGoesOn => self.with(World::back_up_some),
            What::Restore => self.restore(),
            What::Repair => self.repair(),
            What::Erase => self.with(World::erase),
            What::Operate => self.operate(),
            What::Calm => self.with(World::calm),
            What::Sweep => self.sweep(),
        }
        self.send_what_waits();
    }

    fn is_in(&self, worker: usize, invocation: u32) -> bool {
        self.world.borrow().workers[worker].invocation == invocation
    }

    /// A process for the next invocation of a function: one that is idle, or a new one.
    fn process(&mut self, function: Function) -> usize {
        let random = self.with(|world| world.workers.next_random(function));
        let worker = match self.idle[function as usize].pop() {
            Some(worker) => worker,
            None => self.start(function, random),
        };
        self.busy[function as usize] += 1;
        self.with(|world| world.begin_invocation(worker, random));
        worker
    }

    fn start(&mut self, function: Function, mut random: crate::random::Random) -> usize {
        let worker = self.with(|world| world.workers.start(function, &mut random));
        let port = || Port::new(Rc::clone(&self.world), worker);
        let (scheme, rules) = (self.scheme.clone(), self.world.borrow().rules);
        let program = match function {
            Function::Callback => Program::Callback(Rc::new(Callback {
                access: access(),
                scheme,
                rules,
                rewards: RewardCache::new(port()),
                payouts: port(),
                host: port(),
            })),
            Function::Send => Program::Send(Rc::new(Sender {
                line: port(),
                payouts: port(),
                situation: port(),
                rewards: RewardCache::new(port()),
                goods: GoodsCache::new(port()),
                recipients: port(),
                control: port(),
                coupons: port(),
                sealer: CouponSealer::new(port(), COUPONS_KEPT),
                rules,
                fuse: self.world.borrow().fuse,
                lease_margin: LEASE_MARGIN,
                recipient_wait: Duration::ZERO,
                send_hours: SendHours::default(),
                concurrency: self.world.borrow().settings.send_concurrency,
                host: port(),
            })),
            Function::Sweeper => Program::Sweeper(Rc::new(Sweeper {
                line: port(),
                payouts: port(),
                control: port(),
                time: port(),
                send: port(),
                scheme,
                rules,
                lease_margin: LEASE_MARGIN,
                host: port(),
            })),
            Function::Person | Function::Operate => Program::Person(port()),
        };
        debug_assert_eq!(worker, self.processes.len(), "a process for every worker");
        self.processes.push(Process { program: Some(program), running: None, job: None });
        worker
    }

    /// Bleepy posts a list.
    fn post(&mut self, post: usize) {
        if let Some(up_ms) = self.with(|world| world.is_down()) {
            return self.with(|world| world.clock.at(up_ms, What::Post(post)));
        }
        if self.with(|world| world.is_lost(post)) {
            return;
        }
        let worker = self.process(Function::Callback);
        let body = self.with(|world| {
            world.comes(post, worker);
            world.body(post)
        });
        let Some(Program::Callback(callback)) = self.processes[worker].program.clone() else { return };
        self.run_with(worker, async move {
            let body = Body::Plain(body.as_bytes());
            let call = Call { method: "POST", path: PATH, source_ip: None, request_id: None, content_type: None, body };
            Ended::Callback(callback::respond(&callback, &call).await.status_code)
        });
    }

    /// Hands what waits for `send` to its free processes.
    fn send_what_waits(&mut self) {
        while self.busy[Function::Send as usize] == 0 {
            let Some(job) = self.with(World::next_job) else { return };
            self.send(job);
        }
    }

    fn send(&mut self, job: Job) {
        let worker = self.process(Function::Send);
        let in_json = self.with(|world| world.random.once_in(IN_JSON));
        let batch = deliveries::event(&job, in_json);
        let context = self.context(worker);
        self.with(|world| world.trace_worker(worker, &job.to_string()));
        self.processes[worker].job = Some(job);
        let Some(Program::Send(sender)) = self.processes[worker].program.clone() else { return };
        self.run_with(worker, async move {
            match send::handle(&sender, LambdaEvent::new(batch, context)).await {
                Ok(response) => Ended::Send(response),
                Err(never) => match never {},
            }
        });
    }

    /// The schedule starts a sweep, if none is under way; rarely two.
    fn sweep(&mut self) {
        if self.busy[Function::Sweeper as usize] > 0 {
            return;
        }
        let two = self.with(|world| {
            let mut random = world.random;
            let two = world.faults.hit(Fault::TwoSweepers, &mut random);
            world.random = random;
            two
        });
        for _ in 0..=usize::from(two) {
            let worker = self.process(Function::Sweeper);
            let context = self.context(worker);
            self.with(|world| world.trace_worker(worker, "begins a sweep"));
            let Some(Program::Sweeper(sweeper)) = self.processes[worker].program.clone() else { return };
            self.run_with(worker, async move {
                // A sweep that fails is followed by the next.
                let _ = sweeper::handle(&sweeper, LambdaEvent::new(Value::Null, context)).await;
                Ended::Sweep
            });
        }
    }

    /// What the platform tells an invocation: when it ends.
    fn context(&self, worker: usize) -> lambda_runtime::Context {
        let world = self.world.borrow();
        let lie_ms = world.settings.weakness.map_or(0, Weakness::lie_ms);
        let mut context = lambda_runtime::Context::default();
        context.deadline = (world.workers[worker].ends_ms + lie_ms).unsigned_abs();
        context
    }

    fn run_with(&mut self, worker: usize, future: impl Future<Output = Ended> + 'static) {
        self.processes[worker].running = Some(Box::pin(future));
        self.go_on(worker);
    }

    /// Lets a process run until it waits again, or is done.
    fn go_on(&mut self, worker: usize) {
        let Some(mut running) = self.processes[worker].running.take() else { return };
        match running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => self.processes[worker].running = Some(running),
            Poll::Ready(ended) => self.done(worker, ended),
        }
    }

    /// An invocation has come to its end, and its process waits for the next.
    fn done(&mut self, worker: usize, ended: Ended) {
        let (function, given_up) = self.with(|world| {
            world.trace_worker(worker, "is done");
            let process = &mut world.workers[worker];
            process.end_invocation();
            process.frozen = false;
            (process.function, process.given_up)
        });
        if given_up {
            return self.gone(worker);
        }
        self.busy[function as usize] -= 1;
        self.idle[function as usize].push(worker);
        match ended {
            Ended::Callback(status) => self.answer(worker, Some(status)),
            Ended::Send(response) => {
                if let Some(Job::Batch(records)) = self.processes[worker].job.take() {
                    let done = deliveries::done(&response, records.len());
                    self.with(|world| world.batch_ended(records, done));
                }
            }
            Ended::Sweep | Ended::Repair | Ended::Order => {}
        }
    }

    fn answer(&mut self, worker: usize, status: Option<u16>) {
        self.with(|world| {
            if let Some(post) = world.workers[worker].post.take() {
                world.answered(worker, post, status);
            }
        });
    }

    /// The platform ends an invocation; a process that stands still just then may yet go on.
    fn time_up(&mut self, worker: usize, invocation: u32) {
        let given_up = self.world.borrow().workers[worker].given_up;
        if given_up || !self.is_in(worker, invocation) {
            return;
        }
        let frozen = self.world.borrow().workers[worker].frozen;
        self.with(|world| world.trace_worker(worker, "has used up its time"));
        if frozen {
            self.give_up(worker);
            self.with(|world| world.workers[worker].given_up = true);
        } else {
            self.end(worker);
        }
    }

    /// A process ends without a word.
    fn end(&mut self, worker: usize) {
        let given_up = self.with(|world| {
            let process = &mut world.workers[worker];
            process.end_invocation();
            process.given_up
        });
        if !given_up {
            self.give_up(worker);
        }
        self.gone(worker);
    }

    /// The platform counts on a process no more.
    fn give_up(&mut self, worker: usize) {
        let function = self.world.borrow().workers[worker].function;
        self.busy[function as usize] -= 1;
        if let Some(Job::Batch(records)) = self.processes[worker].job.take() {
            self.with(|world| world.batch_ended(records, 0));
        }
        self.answer(worker, None);
    }

    fn gone(&mut self, worker: usize) {
        let process = &mut self.processes[worker];
        process.running = None;
        process.program = None;
    }

    /// A person has the table repaired, as often as it takes.
    fn repair(&mut self) {
        if let Some(up_ms) = self.with(|world| world.is_down()) {
            return self.with(|world| world.clock.at(up_ms, What::Repair));
        }
        if self.world.borrow().repaired {
            return;
        }
        let worker = self.process(Function::Person);
        self.with(|world| world.trace_worker(worker, "repairs the table"));
        let Some(Program::Person(port)) = self.processes[worker].program.clone() else { return };
        let (scheme, rules, world) = (self.scheme.clone(), self.world.borrow().rules, Rc::clone(&self.world));
        // Whoever is interrupted, or learns that it failed, tries again.
        self.with(|world| world.clock.after(REPAIRED_AGAIN_MS, What::Repair));
        // Who has swapped the table knows what moment it shows.
        let taken_at = Some(Moment::from_millis(world.borrow().backup_ms));
        self.run_with(worker, async move {
            if platform::repair(&port, &port, &port, &port, &scheme, &rules, taken_at).await.is_ok() {
                world.borrow_mut().repaired = true;
            }
            Ended::Repair
        });
    }

    /// Somebody looks at a payout and does something about it; now and then two at once.
    fn operate(&mut self) {
        if let Some(up_ms) = self.with(|world| world.is_down()) {
            return self.with(|world| world.clock.at(up_ms, What::Operate));
        }
        let Some((task, twice)) = self.with(World::next_task) else { return };
        for _ in 0..=usize::from(twice) {
            let worker = self.process(Function::Operate);
            self.with(|world| world.trace_worker(worker, &task.to_string()));
            let Some(Program::Person(port)) = self.processes[worker].program.clone() else { return };
            let (task, scheme, rules) = (task.clone(), self.scheme.clone(), self.world.borrow().rules);
            self.run_with(worker, async move {
                port.carry_out(task, &scheme, &rules).await;
                Ended::Order
            });
        }
    }

    /// The table is put back, and everything starts anew a while later.
    fn restore(&mut self) {
        for worker in Workers::NOBODY + 1..self.processes.len() {
            if self.processes[worker].running.is_some() {
                self.end(worker);
            }
        }
        self.with(World::put_back);
    }
}

/// The callback's door, with its token.
#[expect(clippy::expect_used, reason = "a constant")]
fn access() -> Access {
    Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", DIGEST)])).expect("a digest")
}
