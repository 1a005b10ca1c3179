//! Failures of DynamoDB that no emulator has, for the proxy in front of it.

use std::fmt;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::counts::Caller;
use super::proxy::is_write;
use crate::http::{self, Response};

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbFault {
    /// 400 `ProvisionedThroughputExceededException`; nothing is written.
    ThroughputExceeded,
    /// 400 `ThrottlingException`; nothing is written.
    Throttling,
    /// 500; nothing is written.
    ErrorBeforeCommit,
    /// 500 although the write was done.
    ErrorAfterCommit,
    /// The connection closes without an answer although the write was done.
    DropAfterCommit,
    /// No answer until the client gives up, although the write was done.
    HangAfterCommit,
    /// 400 `TransactionCanceledException` with the reason `TransactionConflict`; nothing is written.
    TransactionConflict,
    /// 400 `TransactionInProgressException`; nothing is written.
    TransactionInProgress,
    /// A batch is done for the first row of each table, and the answer hands the others back.
    LeavesRows,
    /// The calling function is killed before its request arrives.
    KillCallerBeforeCommit,
    /// The calling function is killed after the write, before the answer.
    KillCallerAfterCommit,
    /// The calling function is frozen and its request is lost.
    FreezeCallerBeforeCommit,
    /// The calling function is frozen after the write, and the answer is lost.
    FreezeCallerAfterCommit,
}

impl DbFault {
    /// Whether the request still reaches the database.
    pub(super) fn commits(self) -> bool {
        matches!(
            self,
            Self::ErrorAfterCommit
                | Self::DropAfterCommit
                | Self::HangAfterCommit
                | Self::KillCallerAfterCommit
                | Self::FreezeCallerAfterCommit
        )
    }

    /// The answer, or `None` where the client gets none.
    pub(super) fn answer(self, request: &Value) -> Option<Response> {
        let bad = StatusCode::BAD_REQUEST;
        let (status, kind, extra) = match self {
            Self::ThroughputExceeded => (bad, "ProvisionedThroughputExceededException", json!({})),
            Self::Throttling => (bad, "ThrottlingException", json!({})),
            Self::ErrorBeforeCommit | Self::ErrorAfterCommit => {
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", json!({}))
            }
            Self::TransactionConflict => (bad, "TransactionCanceledException", first_in_conflict(request)),
            Self::TransactionInProgress => (bad, "TransactionInProgressException", json!({})),
            Self::DropAfterCommit
            | Self::HangAfterCommit
            | Self::LeavesRows
            | Self::KillCallerBeforeCommit
            | Self::KillCallerAfterCommit
            | Self::FreezeCallerBeforeCommit
            | Self::FreezeCallerAfterCommit => return None,
        };
        Some(refusal(status, kind, "scripted fault", extra))
    }
}

/// An error as the service words it.
pub(super) fn refusal(status: StatusCode, kind: &str, message: &str, extra: Value) -> Response {
    let mut body = extra;
    body["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{kind}"));
    body["message"] = json!(message);
    http::bytes(status, "application/x-amz-json-1.0", body.to_string().into())
}

/// The first member of the transaction is in conflict.
fn first_in_conflict(request: &Value) -> Value {
    let members = request["TransactItems"].as_array().map_or(1, Vec::len);
    cancellation_reasons(&(0..members).map(|index| index == 0).collect::<Vec<_>>())
}

/// One reason per member of a transaction, in their order.
pub(super) fn cancellation_reasons(in_conflict: &[bool]) -> Value {
    let reason = |in_conflict: &bool| match in_conflict {
        true => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
        false => json!({ "Code": "None" }),
    };
    json!({ "CancellationReasons": in_conflict.iter().map(reason).collect::<Vec<_>>() })
}

/// A fault and the requests that meet it.
#[derive(Debug, Clone)]
pub struct ScriptedDbFault {
    fault: DbFault,
    operation: Option<String>,
    caller: Option<String>,
    table: Option<String>,
    writes: bool,
    skip: u32,
    times: u32,
}

impl ScriptedDbFault {
    /// The next request of any kind meets `fault`, once.
    pub fn new(fault: DbFault) -> Self {
        Self { fault, operation: None, caller: None, table: None, writes: false, skip: 0, times: 1 }
    }

    /// Only requests of this operation, like `PutItem`.
    #[must_use]
    pub fn operation(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only requests of this function.
    #[must_use]
    pub fn caller(mut self, function: &str) -> Self {
        self.caller = Some(function.to_owned());
        self
    }

    /// Only requests that name this table.
    #[must_use]
    pub fn table(mut self, table: &str) -> Self {
        self.table = Some(table.to_owned());
        self
    }

    /// Only requests that write, whatever their operation; not the heartbeat, with which every sweep begins and ends.
    #[must_use]
    pub fn writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Meets this many matching requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, caller: &Caller, operation: &str, tables: &[String], heartbeat: bool) -> bool {
        let same = |wanted: &Option<String>, actual: &str| wanted.as_deref().is_none_or(|wanted| wanted == actual);
        same(&self.operation, operation)
            && same(&self.caller, caller.as_str())
            && (!self.writes || is_write(operation) && !heartbeat)
            && self.table.as_ref().is_none_or(|table| tables.contains(table))
    }
}

impl fmt::Display for ScriptedDbFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} × {}", self.fault, self.times)
    }
}

/// The faults still to come, in the order they were scripted.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<ScriptedDbFault>);

impl Script {
    pub(super) fn add(&mut self, fault: ScriptedDbFault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn pending(&self) -> usize {
        self.0.len()
    }

    /// The fault that this request meets.
    pub(super) fn next(
        &mut self,
        caller: &Caller,
        operation: &str,
        tables: &[String],
        heartbeat: bool,
    ) -> Option<DbFault> {
        let index = self.0.iter().position(|one| one.matches(caller, operation, tables, heartbeat))?;
        let scripted = &mut self.0[index];
        if scripted.skip > 0 {
            scripted.skip -= 1;
            return None;
        }
        let fault = scripted.fault;
        scripted.times = scripted.times.saturating_sub(1);
        if scripted.times == 0 {
            self.0.remove(index);
        }
        Some(fault)
    }
}
