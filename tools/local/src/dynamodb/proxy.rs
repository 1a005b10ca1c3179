//! Stands between the functions and the database: counts every request and what it costs, holds what a transaction names,
//! and plays scripted faults.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use dynoxide::Database;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, HOST};
use hyper::http::response::Parts;
use hyper::{StatusCode, Uri};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::batches::{self, Part};
use super::counts::{self, Caller, RequestCounts};
use super::faults::{DbFault, Script, ScriptedDbFault};
use super::holds::Holds;
use super::stream;
use super::targets::{Schemas, Target};
use super::units::WriteUnits;
use crate::http::{self, HttpClient, Reply, Request, Response, empty};

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
    /// The same database, past its HTTP server.
    db: Database,
    schemas: Schemas,
    holds: Holds,
    state: Mutex<State>,
    strike: OnceLock<StrikeHook>,
    writes: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    counts: RequestCounts,
    units: WriteUnits,
    script: Script,
}

/// A request, as far as it matters here.
struct Asked {
    caller: Caller,
    operation: String,
    body: Value,
}

impl Proxy {
    pub(super) fn new(target: Uri, db: Database, schemas: Schemas, writes: watch::Sender<u64>) -> Arc<Self> {
        let client = HttpClient::new();
        let (state, strike, holds) = (Mutex::default(), OnceLock::new(), Holds::default());
        Arc::new(Self { target, client, db, schemas, holds, state, strike, writes })
    }

    pub(super) fn holds(&self) -> &Holds {
        &self.holds
    }

    pub(super) fn write_units(&self) -> WriteUnits {
        self.locked().units.clone()
    }

    pub(super) fn reset_write_units(&self) {
        self.locked().units = WriteUnits::default();
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
        let asked = Asked {
            caller: Caller::from_path(request.uri().path()),
            operation: operation(&request),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
        };
        let Asked { caller, operation, body } = &asked;
        let tables = counts::tables(body);
        let row = counts::row(body);
        let fault = if row == Some(counts::NAMESPACE) {
            // Asked for once, when a process starts.
            None
        } else {
            let mut state = self.locked();
            state.counts.add(caller.clone(), operation, &tables);
            state.script.next(caller, operation, &tables, row == Some(counts::HEARTBEAT))
        };
        let Some(fault) = fault else { return self.carry_out(request, &asked).await };
        tracing::info!(caller = caller.as_str(), operation, ?fault, "scripted DynamoDB fault");
        if fault == DbFault::LeavesRows {
            return self.carry_out_in_part(request, &asked).await;
        }
        if fault.commits() {
            self.carry_out(request, &asked).await;
        }
        match fault {
            DbFault::KillCallerBeforeCommit | DbFault::KillCallerAfterCommit => {
                self.strike(caller, Blow::Kill);
                // The answer must not overtake the kill.
                tokio::time::sleep(HANG).await;
            }
            DbFault::FreezeCallerBeforeCommit | DbFault::FreezeCallerAfterCommit => self.strike(caller, Blow::Freeze),
            DbFault::HangAfterCommit => tokio::time::sleep(HANG).await,
            _ => {}
        }
        fault.answer(body)
    }

    /// What the database does with a request, unless a transaction holds an item of it.
    async fn carry_out(&self, request: Request, asked: &Asked) -> Reply {
        let targets = self.schemas.targets(&asked.operation, &asked.body);
        let writes = is_write(&asked.operation);
        if writes {
            self.locked().units.name(&asked.caller, &targets);
        }
        let hold = match self.holds.enter(&asked.operation, &asked.body, &targets) {
            Ok(hold) => hold,
            Err(conflict) => {
                if writes {
                    self.charge_refused(asked, &targets);
                }
                return Some(conflict.answer());
            }
        };
        let answer = self.forward(if writes { priced(request, &asked.body) } else { request }).await;
        drop(hold);
        if writes {
            self.writes.send_modify(|count| *count += 1);
        }
        match answer {
            Ok(answer) if writes => Some(self.charged(answer, asked, &targets).await),
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, "the database did not answer");
                Some(empty(StatusCode::BAD_GATEWAY))
            }
        }
    }

    /// A batch is done for its first rows, and the others are handed back.
    async fn carry_out_in_part(&self, request: Request, asked: &Asked) -> Reply {
        let Some(Part { first, left, name }) = batches::first_rows(&asked.operation, &asked.body) else {
            return self.carry_out(request, asked).await;
        };
        let request = with_body(request, &first);
        let part = Asked { caller: asked.caller.clone(), operation: asked.operation.clone(), body: first };
        let answer = self.carry_out(request, &part).await?;
        let (parts, bytes) = in_one_piece(answer).await;
        if !parts.status.is_success() {
            return Some(Response::from_parts(parts, bytes.into()));
        }
        let mut said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        said[name] = left;
        Some(http::bytes(parts.status, "application/x-amz-json-1.0", said.to_string().into()))
    }

    async fn forward(&self, request: Request) -> anyhow::Result<Response> {
        let (mut parts, body) = request.into_parts();
        parts.uri = self.target.clone();
        // The client names the host it really talks to.
        parts.headers.remove(HOST);
        self.client.send(Request::from_parts(parts, body)).await
    }

    /// Counts what a write has cost.
    async fn charged(&self, answer: Response, asked: &Asked, targets: &[Target]) -> Response {
        let (parts, bytes) = in_one_piece(answer).await;
        let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if parts.status.is_success() {
            self.locked().units.add_answer(&asked.caller, &said);
        } else if is_charged(&said) {
            self.charge_refused(asked, targets);
        }
        Response::from_parts(parts, bytes.into())
    }

    /// A refused write costs what the items are that were there, each 1 at least.
    fn charge_refused(&self, asked: &Asked, targets: &[Target]) {
        let factor = if asked.operation == "TransactWriteItems" { 2 } else { 1 };
        for target in targets {
            let units = factor * self.size_of(target).div_ceil(1024).max(1);
            self.locked().units.add(&asked.caller, &target.item.table, None, units);
        }
    }

    /// Bytes of an item; 0 if it is not there.
    fn size_of(&self, target: &Target) -> u64 {
        let wanted = stream::request(json!({ "TableName": target.item.table, "Key": target.key }));
        let found = wanted.ok().and_then(|wanted| self.db.get_item(wanted).ok()?.item);
        found.map_or(0, |item| u64::try_from(dynoxide::types::item_size(&item)).unwrap_or(u64::MAX))
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

/// The same write, which also asks what it costs. The answer then says more than the client wanted, which no client minds.
fn priced(request: Request, body: &Value) -> Request {
    if !body.is_object() {
        return request;
    }
    let mut body = body.clone();
    body["ReturnConsumedCapacity"] = json!("INDEXES");
    with_body(request, &body)
}

/// The same request with another body.
fn with_body(request: Request, body: &Value) -> Request {
    let (mut parts, _) = request.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    Request::from_parts(parts, body.to_string().into())
}

/// An answer and its whole body.
async fn in_one_piece(answer: Response) -> (Parts, Bytes) {
    let (parts, body) = answer.into_parts();
    match body.collect().await {
        Ok(body) => (parts, body.to_bytes()),
        Err(never) => match never {},
    }
}

/// Whether the service charges for a write that it answers so.
fn is_charged(error: &Value) -> bool {
    let kind = error["__type"].as_str().and_then(|kind| kind.rsplit('#').next());
    matches!(kind, Some("ConditionalCheckFailedException" | "TransactionCanceledException"))
}

pub(super) fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems" | "BatchWriteItem")
}
