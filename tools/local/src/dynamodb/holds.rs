//! Items that a transaction holds: whoever touches them meanwhile is refused, as by the real service and by no emulator.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::StatusCode;
use serde_json::{Value, json};

use super::faults::{cancellation_reasons, refusal};
use super::targets::{ItemName, Target};
use crate::http::Response;

/// Held items; nothing is held until it is told for how long.
#[derive(Default)]
pub(super) struct Holds(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    lasting: Option<Duration>,
    held: HashMap<ItemName, Holder>,
    transactions: u64,
    conflicts: u64,
}

struct Holder {
    transaction: u64,
    /// The client's own; with it the same transaction may come again.
    token: Option<String>,
    /// Nothing while the transaction runs.
    until: Option<Instant>,
}

/// A transaction that runs and holds its items; when it is done, they stay held for a while.
pub(super) struct Hold {
    holds: Arc<Mutex<Inner>>,
    transaction: u64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut inner = locked(&self.holds);
        let until = Instant::now() + inner.lasting.unwrap_or_default();
        for holder in inner.held.values_mut().filter(|holder| holder.transaction == self.transaction) {
            holder.until = Some(until);
        }
    }
}

impl Holds {
    /// From now on a transaction holds its items from its arrival until so long after it was done.
    pub(super) fn set(&self, lasting: Option<Duration>) {
        locked(&self.0).lasting = lasting;
    }

    /// Requests that were refused for an item that another transaction held.
    pub(super) fn conflicts(&self) -> u64 {
        locked(&self.0).conflicts
    }

    /// Lets a request in, with a hold if it is a transaction that writes; or refuses it.
    pub(super) fn enter(&self, operation: &str, request: &Value, targets: &[Target]) -> Result<Option<Hold>, Conflict> {
        let transaction = match operation {
            "TransactWriteItems" | "TransactGetItems" => true,
            "PutItem" | "UpdateItem" | "DeleteItem" => false,
            // Reads see what was there before. A batch is no one write; nobody here writes so to what a transaction names.
            _ => return Ok(None),
        };
        let mut inner = locked(&self.0);
        if inner.lasting.is_none() {
            return Ok(None);
        }
        let now = Instant::now();
        inner.held.retain(|_, holder| holder.until.is_none_or(|until| until > now));
        let token = request["ClientRequestToken"].as_str();
        let is_held = |target: &Target| {
            let holder = inner.held.get(&target.item);
            holder.is_some_and(|holder| token.is_none() || holder.token.as_deref() != token)
        };
        let held: Vec<bool> = targets.iter().map(is_held).collect();
        if held.contains(&true) {
            inner.conflicts += 1;
            return Err(if transaction { Conflict::OfTransaction(held) } else { Conflict::OfOneWrite });
        }
        if operation != "TransactWriteItems" {
            return Ok(None);
        }
        inner.transactions += 1;
        let transaction = inner.transactions;
        for target in targets {
            let holder = Holder { transaction, token: token.map(ToOwned::to_owned), until: None };
            inner.held.insert(target.item.clone(), holder);
        }
        Ok(Some(Hold { holds: Arc::clone(&self.0), transaction }))
    }
}

/// Somebody else holds an item.
#[derive(Debug)]
pub(super) enum Conflict {
    OfOneWrite,
    /// For each member, whether it is held.
    OfTransaction(Vec<bool>),
}

impl Conflict {
    pub(super) fn answer(&self) -> Response {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::OfOneWrite => {
                refusal(bad, "TransactionConflictException", "Transaction is ongoing for the item", json!({}))
            }
            Self::OfTransaction(held) => {
                let codes: Vec<_> =
                    held.iter().map(|held| if *held { "TransactionConflict" } else { "None" }).collect();
                let codes = codes.join(", ");
                let message =
                    format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]");
                refusal(bad, "TransactionCanceledException", &message, cancellation_reasons(held))
            }
        }
    }
}

fn locked(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}
