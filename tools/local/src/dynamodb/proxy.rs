//! Stands between the functions and the database: counts every request and plays scripted faults.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hyper::header::HOST;
use hyper::{StatusCode, Uri};
use serde_json::Value;
use tokio::sync::watch;

use super::counts::{self, Caller, RequestCounts};
use super::faults::{DbFault, Script, ScriptedDbFault};
use crate::http::{HttpClient, Reply, Request, empty};

/// Longer than any client waits.
const HANG: Duration = Duration::from_mins(1);

/// What a fault does to the processes of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// SIGKILL.
    Kill,
    /// SIGSTOP.
    Freeze,
}

/// Strikes the processes of the named function.
pub(crate) type StrikeHook = Box<dyn Fn(&str, Blow) + Send + Sync>;

/// State of the proxy, shared with its requests.
pub(super) struct Proxy {
    target: Uri,
    client: HttpClient,
    state: Mutex<State>,
    strike: OnceLock<StrikeHook>,
    writes: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    counts: RequestCounts,
    script: Script,
}

impl Proxy {
    pub(super) fn new(target: Uri, writes: watch::Sender<u64>) -> Arc<Self> {
        let client = HttpClient::new();
        let (state, strike) = (Mutex::default(), OnceLock::new());
        Arc::new(Self { target, client, state, strike, writes })
    }

    pub(super) fn counts(&self) -> RequestCounts {
        self.locked().counts.clone()
    }

    pub(super) fn script(&self, fault: ScriptedDbFault) {
        self.locked().script.add(fault);
    }

    pub(super) fn clear_script(&self) {
        self.locked().script.clear();
    }

    pub(super) fn pending_faults(&self) -> usize {
        self.locked().script.pending()
    }

    pub(super) fn strike_with(&self, hook: StrikeHook) {
        // Set once, when the stack starts.
        let _ = self.strike.set(hook);
    }

    pub(super) async fn handle(self: Arc<Self>, request: Request) -> Reply {
        let caller = Caller::from_path(request.uri().path());
        let operation = operation(&request);
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let tables = counts::tables(&body);
        let fault = {
            let mut state = self.locked();
            state.counts.add(caller.clone(), &operation, &tables);
            state.script.next(&caller, &operation, &tables)
        };
        let Some(fault) = fault else { return self.forward(request, &operation).await };
        tracing::info!(caller = caller.as_str(), operation, ?fault, "scripted DynamoDB fault");
        if fault.commits() {
            self.forward(request, &operation).await;
        }
        match fault {
            DbFault::KillCallerBeforeCommit | DbFault::KillCallerAfterCommit => {
                self.strike(&caller, Blow::Kill);
                // The answer must not overtake the kill.
                tokio::time::sleep(HANG).await;
            }
            DbFault::FreezeCallerBeforeCommit | DbFault::FreezeCallerAfterCommit => self.strike(&caller, Blow::Freeze),
            DbFault::HangAfterCommit => tokio::time::sleep(HANG).await,
            _ => {}
        }
        fault.answer(&body)
    }

    async fn forward(&self, request: Request, operation: &str) -> Reply {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.target.clone();
        // The client names the host it really talks to.
        parts.headers.remove(HOST);
        let answer = self.client.send(Request::from_parts(parts, body)).await;
        if is_write(operation) {
            self.writes.send_modify(|count| *count += 1);
        }
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, "the database did not answer");
                Some(empty(StatusCode::BAD_GATEWAY))
            }
        }
    }

    fn strike(&self, caller: &Caller, blow: Blow) {
        if let Some(strike) = self.strike.get() {
            strike(caller.as_str(), blow);
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `DynamoDB_20120810.PutItem` → `PutItem`.
fn operation(request: &Request) -> String {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    let name = target.and_then(|target| target.rsplit('.').next());
    name.unwrap_or("none").to_owned()
}

pub(super) fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems" | "BatchWriteItem")
}
