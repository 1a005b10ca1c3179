//! One function: admission, its processes, its time limit.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use rustix::process::Signal;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::outcome::{Admission, Outcome, Refused};
use super::worker::{Event, Worker};
use crate::binaries::Program;
use crate::logs::Logs;
use crate::template::{FunctionSettings, REGION};

/// Generous: a laptop under load starts a process more slowly than Lambda.
const INIT_LIMIT: Duration = Duration::from_secs(30);

/// A function and its processes.
pub struct Function {
    settings: FunctionSettings,
    program: Program,
    /// Environment of every process, its Runtime API excepted.
    env: Mutex<BTreeMap<String, String>>,
    /// Base URL of the Runtime API of all functions.
    runtime_api: String,
    logs: Logs,
    slots: Arc<Semaphore>,
    concurrency: usize,
    workers: Mutex<Workers>,
    invocations: AtomicU64,
    stopping: AtomicBool,
    frozen: AtomicBool,
}

#[derive(Default)]
struct Workers {
    idle: Vec<Arc<Worker>>,
    all: Vec<Arc<Worker>>,
    started: u64,
}

impl Function {
    pub(crate) fn new(
        settings: FunctionSettings,
        program: Program,
        env: BTreeMap<String, String>,
        runtime_api: &str,
        processes: usize,
        logs: &Logs,
    ) -> Arc<Self> {
        let concurrency = settings.reserved_concurrency.unwrap_or(processes).max(1);
        Arc::new(Self {
            program,
            env: Mutex::new(env),
            runtime_api: runtime_api.to_owned(),
            logs: logs.clone(),
            slots: Arc::new(Semaphore::new(concurrency)),
            concurrency,
            workers: Mutex::default(),
            invocations: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            frozen: AtomicBool::new(false),
            settings,
        })
    }

    /// What the template says about it.
    pub fn settings(&self) -> &FunctionSettings {
        &self.settings
    }

    /// Invocations running now.
    pub fn in_flight(&self) -> usize {
        self.concurrency - self.slots.available_permits()
    }

    /// Invocations started so far.
    pub fn invocations(&self) -> u64 {
        self.invocations.load(Ordering::Relaxed)
    }

    /// Processes running now.
    pub fn processes(&self) -> usize {
        self.workers().all.iter().filter(|worker| !worker.has_exited()).count()
    }

    /// Invokes and waits for the end. The invocation goes on if the caller stops waiting.
    pub async fn invoke(self: &Arc<Self>, payload: Bytes, admission: Admission) -> Result<Outcome, Refused> {
        let refuses = admission == Admission::RefuseIfReserved && self.settings.reserved_concurrency.is_some();
        let slots = Arc::clone(&self.slots);
        let slot = if refuses {
            slots.try_acquire_owned().map_err(|_| Refused::Throttled)?
        } else {
            slots.acquire_owned().await.map_err(|_| Refused::Stopping)?
        };
        if self.stopping.load(Ordering::Relaxed) {
            return Err(Refused::Stopping);
        }
        self.invocations.fetch_add(1, Ordering::Relaxed);
        let function = Arc::clone(self);
        let run = tokio::spawn(async move {
            let outcome = function.run(payload).await;
            drop(slot);
            outcome
        });
        run.await.map_err(|_| Refused::Stopping)
    }

    /// Invokes without an answer, with the retries and the patience of the template.
    pub(crate) fn invoke_event(self: &Arc<Self>, payload: Bytes) {
        let function = Arc::clone(self);
        tokio::spawn(async move {
            let name = &function.settings.name;
            for attempt in 0..=function.settings.max_event_retries {
                let invocation = function.invoke(payload.clone(), Admission::Wait);
                match tokio::time::timeout(function.settings.max_event_age, invocation).await {
                    Ok(Ok(Outcome::Answered(_)) | Err(Refused::Stopping)) => return,
                    Ok(Ok(failed)) => {
                        tracing::warn!(function = name, attempt, error = failed.error(), "event failed");
                    }
                    Ok(Err(Refused::Throttled)) | Err(_) => {
                        tracing::warn!(function = name, "event grew too old and was dropped");
                        return;
                    }
                }
            }
        });
    }

    /// SIGKILL to all processes now; ends when they are gone. In-flight invocations fail, the next ones start anew.
    pub async fn kill(&self) {
        let workers = self.kill_without_waiting();
        for worker in workers {
            worker.gone().await;
        }
    }

    /// SIGSTOP to all processes now, as the platform freezes a sandbox. Those that start later run.
    pub fn freeze(&self) {
        self.workers().all.iter().for_each(|worker| worker.signal(Signal::STOP));
        self.frozen.store(true, Ordering::Relaxed);
    }

    /// Lets frozen processes go on.
    pub fn thaw(&self) {
        self.workers().all.iter().for_each(|worker| worker.signal(Signal::CONT));
        self.frozen.store(false, Ordering::Relaxed);
    }

    /// Whether it was frozen and not thawed since.
    pub fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// Sets a variable for all processes from now on and kills the present ones: what a deployment does.
    pub async fn redeploy_with(&self, name: &str, value: &str) {
        self.env.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
        self.kill().await;
    }

    /// Another environment for all processes from now on. Those that are at work end with what they are doing; nobody is cut off.
    pub(crate) fn replace_env(&self, env: BTreeMap<String, String>) {
        let mut workers = self.workers();
        *self.env.lock().unwrap_or_else(PoisonError::into_inner) = env;
        let idle = std::mem::take(&mut workers.idle);
        for worker in &idle {
            worker.kill();
        }
        for worker in &workers.all {
            worker.retire();
        }
    }

    /// SIGKILL to all processes, without waiting for their end.
    pub(crate) fn kill_now(&self) {
        self.kill_without_waiting();
    }

    /// No invocation and no process from now on.
    pub(crate) fn close(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.slots.close();
        self.kill_now();
    }

    pub(super) fn worker(&self, id: &str) -> Option<Arc<Worker>> {
        self.workers().all.iter().find(|worker| worker.id == id).cloned()
    }

    /// Unix time in milliseconds at which an invocation that starts now must end.
    pub(super) fn deadline_ms(&self) -> i128 {
        let now = i128::from(jiff::Timestamp::now().as_millisecond());
        now + i128::try_from(self.settings.timeout.as_millis()).unwrap_or(i128::MAX - now)
    }

    async fn run(&self, payload: Bytes) -> Outcome {
        let worker = match self.free_worker() {
            Ok(worker) => worker,
            Err(error) => return Outcome::failed("Runtime.InvalidEntrypoint", &format!("{error:#}")),
        };
        let request_id = Uuid::new_v4().to_string();
        let pending = worker.assign(Event { request_id: request_id.clone(), payload });
        // Ends as well when the process died before it took the event.
        let init = tokio::time::timeout(INIT_LIMIT, pending.delivered).await;
        let limit = if init.is_ok() { self.settings.timeout } else { Duration::ZERO };
        let outcome = match tokio::time::timeout(limit, pending.outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::failed("Runtime.ExitError", "the process vanished"),
            Err(_) => {
                worker.kill();
                worker.gone().await;
                let seconds = limit.as_secs_f64();
                let message = format!("{request_id} Task timed out after {seconds:.2} seconds");
                Outcome::failed("Sandbox.Timedout", &message)
            }
        };
        if outcome.is_failed() {
            self.logs.push(&self.settings.name, format!("[invocation failed] {}", outcome.error()));
        }
        let mut workers = self.workers();
        workers.all.retain(|worker| !worker.has_exited());
        if worker.is_usable() {
            workers.idle.push(worker);
        } else {
            // A retired one has done its last work.
            worker.kill();
        }
        outcome
    }

    fn free_worker(&self) -> anyhow::Result<Arc<Worker>> {
        let mut workers = self.workers();
        while let Some(worker) = workers.idle.pop() {
            if worker.is_usable() {
                return Ok(worker);
            }
        }
        workers.started += 1;
        let worker = Worker::new(workers.started.to_string());
        let runtime_api = format!("{}/{}/{}", self.runtime_api, self.settings.name, worker.id);
        let env = self.env.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let env = env.into_iter().chain([("AWS_LAMBDA_RUNTIME_API".to_owned(), runtime_api)]);
        worker.spawn(&self.settings.name, &self.program, env, &self.logs)?;
        workers.all.push(Arc::clone(&worker));
        Ok(worker)
    }

    fn kill_without_waiting(&self) -> Vec<Arc<Worker>> {
        let mut workers = self.workers();
        workers.idle.clear();
        workers.all.retain(|worker| !worker.has_exited());
        workers.all.iter().for_each(|worker| worker.kill());
        workers.all.clone()
    }

    fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.kill_without_waiting();
    }
}

/// What Lambda itself puts into the environment of a function.
pub(crate) fn platform_env(settings: &FunctionSettings) -> BTreeMap<String, String> {
    let name = &settings.name;
    [
        ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory_mib.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        // Anything does: nothing local checks a signature.
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
