//! Reads a table's stream from its oldest record on, inside the process.

use anyhow::{Context, Result};
use dynoxide::Database;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A position in one table's stream.
pub(crate) struct StreamReader {
    db: Database,
    iterator: String,
}

impl StreamReader {
    /// At the oldest record.
    pub(crate) fn from_oldest(db: &Database, table: &str) -> Result<Self> {
        Self::at(db, table, json!({ "ShardIteratorType": "TRIM_HORIZON" }))
    }

    /// After all that is there now.
    pub(crate) fn from_latest(db: &Database, table: &str) -> Result<Self> {
        Self::at(db, table, json!({ "ShardIteratorType": "LATEST" }))
    }

    /// After the record with this sequence number.
    pub(crate) fn after(db: &Database, table: &str, sequence_number: &str) -> Result<Self> {
        Self::at(db, table, json!({ "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": sequence_number }))
    }

    fn at(db: &Database, table: &str, mut wanted: Value) -> Result<Self> {
        let description = db.describe_table(request(json!({ "TableName": table }))?)?;
        let description = serde_json::to_value(description)?;
        let stream_arn = description["Table"]["LatestStreamArn"]
            .as_str()
            .with_context(|| format!("the table {table} has no stream"))?;
        let description = db.describe_stream(request(json!({ "StreamArn": stream_arn }))?)?;
        let description = serde_json::to_value(description)?;
        wanted["StreamArn"] = json!(stream_arn);
        wanted["ShardId"] = description["StreamDescription"]["Shards"][0]["ShardId"].clone();
        let answer = db.get_shard_iterator(request(wanted)?)?;
        let iterator = answer.shard_iterator.context("the stream gave no iterator")?;
        Ok(Self { db: db.clone(), iterator })
    }

    /// The next records, oldest first; empty at the end of the stream.
    pub(crate) fn read(&mut self, limit: usize) -> Result<Vec<Value>> {
        let wanted = json!({ "ShardIterator": self.iterator, "Limit": limit });
        let answer = self.db.get_records(request(wanted)?)?;
        if let Some(next) = answer.next_shard_iterator {
            self.iterator = next;
        }
        answer.records.iter().map(|record| Ok(serde_json::to_value(record)?)).collect()
    }
}

/// A typed request of the database's from the JSON of the real API.
pub(super) fn request<T: DeserializeOwned>(body: Value) -> Result<T> {
    serde_json::from_value(body).context("a request that the local DynamoDB refuses")
}
