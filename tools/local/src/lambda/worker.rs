//! One process of a function: its inbox, its invocation in flight, its end.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context, Result};
use hyper::body::Bytes;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::outcome::Outcome;
use crate::binaries::Program;
use crate::logs::Logs;

/// An event on its way to a process.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
}

/// One running process.
pub(super) struct Worker {
    /// Different for every process of the stack; part of its Runtime API's address.
    pub(super) id: String,
    queue: mpsc::UnboundedSender<Event>,
    inbox: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    current: Mutex<Option<InFlight>>,
    kill: Notify,
    doomed: AtomicBool,
    pid: OnceLock<Pid>,
    exited: watch::Sender<bool>,
}

struct InFlight {
    request_id: String,
    outcome: oneshot::Sender<Outcome>,
    delivered: Option<oneshot::Sender<()>>,
}

/// What the invoker of an event waits for.
pub(super) struct Pending {
    /// Ends when the process has taken the event.
    pub(super) delivered: oneshot::Receiver<()>,
    /// Ends when the invocation has.
    pub(super) outcome: oneshot::Receiver<Outcome>,
}

impl Worker {
    pub(super) fn new(id: String) -> Arc<Self> {
        let (queue, inbox) = mpsc::unbounded_channel();
        Arc::new(Self {
            id,
            queue,
            inbox: tokio::sync::Mutex::new(inbox),
            current: Mutex::default(),
            kill: Notify::new(),
            doomed: AtomicBool::new(false),
            pid: OnceLock::new(),
            exited: watch::Sender::new(false),
        })
    }

    /// Starts the process. It dies with the returned task's end, whatever ends it.
    pub(super) fn spawn(
        self: &Arc<Self>,
        name: &str,
        program: &Program,
        env: impl IntoIterator<Item = (String, String)>,
        logs: &Logs,
    ) -> Result<()> {
        let mut child = Command::new(&program.path)
            .args(&program.args)
            .env_clear()
            .envs(env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: Ctrl-C ends the stack, and the stack ends its children.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.path.display()))?;
        if let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ = self.pid.set(pid);
        }
        if let Some(pipe) = child.stdout.take() {
            tokio::spawn(logs.clone().drain(name.to_owned(), pipe));
        }
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(logs.clone().drain(name.to_owned(), pipe));
        }
        tokio::spawn(Arc::clone(self).watch(child));
        Ok(())
    }

    /// Hands over an event; the process fetches it when it is ready.
    pub(super) fn assign(&self, event: Event) -> Pending {
        let (outcome, outcome_receiver) = oneshot::channel();
        let (delivered, delivered_receiver) = oneshot::channel();
        let request_id = event.request_id.clone();
        *self.current() = Some(InFlight { request_id, outcome, delivered: Some(delivered) });
        // The receiver lives as long as the worker.
        let _ = self.queue.send(event);
        if self.has_exited() {
            self.fail_current("Runtime.ExitError", "the process had exited");
        }
        Pending { delivered: delivered_receiver, outcome: outcome_receiver }
    }

    /// The next event, for as long as it takes.
    pub(super) async fn next(&self) -> Option<Event> {
        let event = self.inbox.lock().await.recv().await?;
        if let Some(delivered) = self.current().as_mut().and_then(|current| current.delivered.take()) {
            let _ = delivered.send(());
        }
        Some(event)
    }

    /// Ends the invocation in flight; false if it is not this one.
    pub(super) fn finish(&self, request_id: &str, outcome: Outcome) -> bool {
        let mut current = self.current();
        let Some(in_flight) = current.take_if(|current| current.request_id == request_id) else {
            return false;
        };
        // Nobody waits any more if the invocation ran out of time.
        let _ = in_flight.outcome.send(outcome);
        true
    }

    /// Ends whatever is in flight with an error.
    pub(super) fn fail_current(&self, kind: &str, message: &str) {
        let Some(in_flight) = self.current().take() else { return };
        let message = format!("RequestId: {} Error: {message}", in_flight.request_id);
        let _ = in_flight.outcome.send(Outcome::failed(kind, &message));
    }

    /// Like [`Worker::fail_current`] with an error document of the process's own.
    pub(super) fn fail_current_with(&self, body: Bytes) {
        if let Some(in_flight) = self.current().take() {
            let _ = in_flight.outcome.send(Outcome::Failed(body));
        }
    }

    /// SIGKILL, without waiting.
    pub(super) fn kill(&self) {
        self.doomed.store(true, Ordering::Relaxed);
        self.kill.notify_one();
    }

    /// Takes no other event after the one in flight.
    pub(super) fn retire(&self) {
        self.doomed.store(true, Ordering::Relaxed);
    }

    /// Sends a signal, unless the process is gone.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid.get().filter(|_| !self.has_exited())
            && let Err(error) = kill_process(*pid, signal)
        {
            tracing::warn!(%error, "a process could not be signalled");
        }
    }

    /// Ends when the process has.
    pub(super) async fn gone(&self) {
        // The sender lives in `self`.
        let _ = self.exited.subscribe().wait_for(|exited| *exited).await;
    }

    /// Whether it can take another event.
    pub(super) fn is_usable(&self) -> bool {
        !self.doomed.load(Ordering::Relaxed) && !self.has_exited()
    }

    pub(super) fn has_exited(&self) -> bool {
        *self.exited.borrow()
    }

    async fn watch(self: Arc<Self>, mut child: Child) {
        let status = tokio::select! {
            status = child.wait() => status,
            () = self.kill.notified() => {
                let _ = child.start_kill();
                child.wait().await
            }
        };
        self.exited.send_replace(true);
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        self.fail_current("Runtime.ExitError", &format!("Runtime exited with error: {status}"));
    }

    fn current(&self) -> MutexGuard<'_, Option<InFlight>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
