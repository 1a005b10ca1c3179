//! DynamoDB: an embedded database, the template's tables, and a proxy that counts, holds and fails on demand.

mod batches;
mod counts;
mod faults;
mod holds;
pub mod items;
mod proxy;
mod stream;
mod tables;
mod targets;
mod units;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::sync::watch;

pub(crate) use counts::HEARTBEAT;
pub use counts::{Caller, RequestCounts, RequestKind};
pub use faults::{DbFault, ScriptedDbFault};
pub(crate) use proxy::{Blow, StrikeHook};
pub(crate) use stream::StreamReader;
pub use targets::ItemName;
pub use units::{WriteKind, WriteUnits};

use crate::http::{AbortOnDrop, Listener};
use crate::template::{TableDefinition, Template};
use proxy::Proxy;
use stream::request;
use targets::Schemas;

/// The local DynamoDB.
pub struct DynamoDb {
    db: Database,
    endpoint: String,
    proxy: Arc<Proxy>,
    writes: watch::Receiver<u64>,
    touched: watch::Sender<u64>,
    _servers: [AbortOnDrop; 2],
}

impl DynamoDb {
    /// Starts a database with these tables: an empty one in memory, or what is in `file`.
    pub(crate) async fn start(port: u16, tables: &[TableDefinition], file: Option<&Path>) -> Result<Self> {
        let db = match file {
            None => Database::memory(),
            Some(file) => Database::new(&file.to_string_lossy()),
        };
        let db = db.context("cannot open the local DynamoDB")?;
        tables.iter().try_for_each(|table| tables::prepare(&db, table))?;
        let inner = Listener::bind(0, "a free port").await?;
        let target = format!("http://{}/", inner.address()?).parse()?;
        let served = db.clone();
        let database = AbortOnDrop::spawn(async move { dynoxide::server::serve_on(inner.into_inner(), served).await });
        let (touched, writes) = watch::channel(0);
        let proxy = Proxy::new(target, db.clone(), Schemas::new(tables), touched.clone());
        let listener = Listener::bind(port, "--dynamodb-port").await?;
        let endpoint = format!("http://{}", listener.address()?);
        let handler = Arc::clone(&proxy);
        let front = listener.serve(move |request, _| Arc::clone(&handler).handle(request));
        Ok(Self { db, endpoint, proxy, writes, touched, _servers: [database, front] })
    }

    /// All tables of the template.
    pub(crate) fn tables_of(template: &Template) -> Result<Vec<TableDefinition>> {
        template.resources_of("AWS::DynamoDB::Table").map(|id| template.table(id)).collect()
    }

    /// Base URL for any client; its requests count as those of `other`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Base URL for one function, so that its requests can be told apart.
    pub fn endpoint_for(&self, caller: &str) -> String {
        format!("{}/{caller}", self.endpoint)
    }

    /// Requests so far.
    pub fn counts(&self) -> RequestCounts {
        self.proxy.counts()
    }

    /// What writes have cost so far.
    pub fn write_units(&self) -> WriteUnits {
        self.proxy.write_units()
    }

    /// Counts what writes cost from here on.
    pub fn reset_write_units(&self) {
        self.proxy.reset_write_units();
    }

    /// From now on a transaction holds the items that it names from its arrival until so long after it was done: another
    /// transaction that names one of them meanwhile is cancelled, a single write refused. `None` holds nothing.
    pub fn hold_items(&self, lasting: Option<Duration>) {
        self.proxy.holds().set(lasting);
    }

    /// Requests that were refused because a transaction held an item of theirs.
    pub fn conflicts(&self) -> u64 {
        self.proxy.holds().conflicts()
    }

    /// Adds a fault behind those that are still to come.
    pub fn script(&self, fault: ScriptedDbFault) {
        self.proxy.script(fault);
    }

    /// Forgets all faults that are still to come.
    pub fn clear_script(&self) {
        self.proxy.clear_script();
    }

    /// Scripted faults that nothing has met to the full yet.
    pub fn pending_faults(&self) -> usize {
        self.proxy.pending_faults()
    }

    /// Puts an item in DynamoDB JSON, past the proxy.
    pub fn put_item(&self, table: &str, item: &Value) -> Result<()> {
        self.db.put_item(request(json!({ "TableName": table, "Item": item }))?)?;
        self.touched.send_modify(|count| *count += 1);
        Ok(())
    }

    /// Deletes an item by its key in DynamoDB JSON, past the proxy.
    pub fn delete_item(&self, table: &str, key: &Value) -> Result<()> {
        self.db.delete_item(request(json!({ "TableName": table, "Key": key }))?)?;
        self.touched.send_modify(|count| *count += 1);
        Ok(())
    }

    /// All items of a table in plain JSON, past the proxy.
    pub fn scan(&self, table: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut body = json!({ "TableName": table });
        loop {
            let answer = serde_json::to_value(self.db.scan(request(body.clone())?)?)?;
            let page = answer["Items"].as_array().into_iter().flatten();
            items.extend(page.map(items::to_plain));
            match answer.get("LastEvaluatedKey") {
                Some(key) if !key.is_null() => body["ExclusiveStartKey"] = key.clone(),
                _ => return Ok(items),
            }
        }
    }

    /// A reader at the oldest record of a table's stream, or after the one with this sequence number.
    pub(crate) fn stream(&self, table: &str, after: Option<&str>) -> Result<StreamReader> {
        match after {
            None => StreamReader::from_oldest(&self.db, table),
            Some(sequence_number) => StreamReader::after(&self.db, table, sequence_number),
        }
    }

    /// A reader of what is still to come in a table's stream.
    pub(crate) fn stream_from_now(&self, table: &str) -> Result<StreamReader> {
        StreamReader::from_latest(&self.db, table)
    }

    /// Changes whenever something may have been written.
    pub(crate) fn writes(&self) -> watch::Receiver<u64> {
        self.writes.clone()
    }

    pub(crate) fn strike_with(&self, hook: StrikeHook) {
        self.proxy.strike_with(hook);
    }
}
