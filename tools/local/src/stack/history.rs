//! Every change of a payout's row, as the stream tells it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use crate::dynamodb::{HEARTBEAT, StreamReader, items};
use crate::http::AbortOnDrop;

/// One version of a row.
#[derive(Debug, Clone)]
pub struct Change {
    /// When it was seen; a few milliseconds after it was written.
    pub at: Timestamp,
    /// `INSERT`, `MODIFY` or `REMOVE`.
    pub event: String,
    /// The row in plain JSON; null if it was removed.
    pub row: Value,
}

impl Change {
    /// A text attribute of the row; empty if there is none.
    pub fn text(&self, attribute: &str) -> &str {
        self.row[attribute].as_str().unwrap_or_default()
    }
}

/// Collects changes in the background.
pub(super) struct History {
    changes: Arc<Mutex<Vec<Change>>>,
    _task: AbortOnDrop,
}

impl History {
    pub(super) fn start(mut reader: StreamReader, mut writes: watch::Receiver<u64>) -> Self {
        let changes = Arc::new(Mutex::new(Vec::new()));
        let collected = Arc::clone(&changes);
        let task = AbortOnDrop::spawn(async move {
            loop {
                writes.borrow_and_update();
                let records = reader.read(1000).unwrap_or_default();
                if records.is_empty() {
                    // Not every write is announced.
                    let _ = tokio::time::timeout(Duration::from_millis(250), writes.changed()).await;
                    continue;
                }
                // The heartbeat is no payout.
                let of_a_payout = |change: &Change| change.row["tr_id"] != HEARTBEAT;
                let new = records.iter().map(change).filter(of_a_payout);
                collected.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
            }
        });
        Self { changes, _task: task }
    }

    pub(super) fn changes(&self) -> Vec<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn change(record: &Value) -> Change {
    let image = &record["dynamodb"]["NewImage"];
    Change {
        at: Timestamp::now(),
        event: record["eventName"].as_str().unwrap_or_default().to_owned(),
        row: if image.is_null() { Value::Null } else { items::to_plain(image) },
    }
}
