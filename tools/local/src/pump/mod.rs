//! The stream mapping: hands the records of a table's stream to a function, by the template's rules.

mod batch;
mod filter;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;

pub use filter::Filter;

use crate::data;
use crate::dynamodb::StreamReader;
use crate::http::AbortOnDrop;
use crate::lambda::{Admission, Outcome, Refused, Target};
use crate::template::{REGION, StreamMapping};
use batch::{Batch, Chunk, Ending, Rules, sequence_number};

/// Records read at a time.
const READ_LIMIT: usize = 1000;
/// Looks into the stream even if no write was seen.
const IDLE_POLL: Duration = Duration::from_millis(250);
/// Pause before a failed batch is tried again; doubles up to the maximum.
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(2);

/// What the pump does to the records, for tests of what the functions make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// As the service does: in order, usually once.
    #[default]
    InOrder,
    /// Every batch this many times.
    Repeated(u8),
    /// Every batch back to front.
    Reversed,
    /// Nothing is delivered; the stream is read and lost.
    Lost,
    /// Nothing is read; what comes waits in the stream.
    Paused,
}

/// Records that were given up, as the on-failure destination is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// ARN of the destination, if the template names one.
    pub destination: Option<String>,
    /// `RetryAttemptsExhausted` or `RecordAgeExceeded`.
    pub condition: &'static str,
    /// Sequence numbers of the records.
    pub sequence_numbers: Vec<String>,
}

/// The running pump.
pub struct Pump {
    delivery: watch::Sender<Delivery>,
    given_up: Arc<Mutex<Vec<GivenUp>>>,
    read: Arc<AtomicU64>,
    _task: AbortOnDrop,
}

impl Pump {
    pub(crate) fn start(
        mapping: StreamMapping,
        reader: StreamReader,
        writes: watch::Receiver<u64>,
        target: Target,
        delivery: Delivery,
        kept: Option<PathBuf>,
    ) -> Result<Self> {
        let filter = Filter::new(&mapping.filters)?;
        let delivery = watch::Sender::new(delivery);
        let (given_up, read) = (Arc::default(), Arc::default());
        let worker = Worker {
            filter,
            mapping,
            reader,
            writes,
            target,
            delivery: delivery.subscribe(),
            given_up: Arc::clone(&given_up),
            read: Arc::clone(&read),
            kept,
            latest: None,
        };
        Ok(Self { delivery, given_up, read, _task: AbortOnDrop::spawn(worker.run()) })
    }

    /// Changes how records are delivered from now on.
    pub fn set_delivery(&self, delivery: Delivery) {
        self.delivery.send_replace(delivery);
    }

    /// Records that were taken from the stream so far, whatever became of them.
    pub fn records_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// What was given up so far.
    pub fn given_up(&self) -> Vec<GivenUp> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Worker {
    mapping: StreamMapping,
    filter: Filter,
    reader: StreamReader,
    writes: watch::Receiver<u64>,
    target: Target,
    delivery: watch::Receiver<Delivery>,
    given_up: Arc<Mutex<Vec<GivenUp>>>,
    read: Arc<AtomicU64>,
    /// Where it is kept how far the stream has been delivered, for the next run.
    kept: Option<PathBuf>,
    /// Sequence number of the latest record that was read.
    latest: Option<String>,
}

impl Worker {
    async fn run(mut self) {
        loop {
            let delivery = *self.delivery.borrow_and_update();
            if delivery == Delivery::Paused {
                if self.delivery.changed().await.is_err() {
                    return;
                }
                continue;
            }
            self.writes.borrow_and_update();
            let records = self.read();
            if records.is_empty() {
                tokio::select! {
                    _ = self.writes.changed() => {}
                    _ = self.delivery.changed() => {}
                    () = tokio::time::sleep(IDLE_POLL) => {}
                }
                continue;
            }
            let mut wanted: Vec<Value> = records.into_iter().filter(|record| self.filter.passes(record)).collect();
            self.fill(&mut wanted).await;
            for batch in wanted.chunks(self.mapping.batch_size.max(1)) {
                let done = match delivery {
                    Delivery::Lost => true,
                    Delivery::Reversed => self.deliver(batch.iter().rev().cloned().collect()).await,
                    Delivery::Repeated(times) => {
                        let mut done = true;
                        for _ in 0..times {
                            done &= self.deliver(batch.to_vec()).await;
                        }
                        done
                    }
                    Delivery::InOrder | Delivery::Paused => self.deliver(batch.to_vec()).await,
                };
                if !done {
                    return;
                }
            }
            self.keep_position();
        }
    }

    /// All that was read is settled: the next run goes on behind it. Without this it would only be delivered again.
    fn keep_position(&self) {
        let (Some(path), Some(latest)) = (&self.kept, &self.latest) else { return };
        if let Err(error) = data::write(path, latest.as_bytes()) {
            tracing::warn!(error = format!("{error:#}"), "the position in the stream is not kept");
        }
    }

    /// Waits for more records while the batching window is open and the batch is not full.
    async fn fill(&mut self, wanted: &mut Vec<Value>) {
        let opened = Instant::now();
        while !wanted.is_empty() && wanted.len() < self.mapping.batch_size {
            let Some(left) = self.mapping.batching_window.checked_sub(opened.elapsed()) else { return };
            if left.is_zero() || tokio::time::timeout(left, self.writes.changed()).await.is_err() {
                return;
            }
            let more = self.read();
            wanted.extend(more.into_iter().filter(|record| self.filter.passes(record)));
        }
    }

    fn read(&mut self) -> Vec<Value> {
        let mut records = self.reader.read(READ_LIMIT).unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "cannot read the stream");
            Vec::new()
        });
        self.read.fetch_add(records.len() as u64, Ordering::Relaxed);
        if let Some(latest) = records.last().and_then(sequence_number) {
            self.latest = Some(latest.to_owned());
        }
        for record in &mut records {
            record["eventSourceARN"] = json!(self.mapping.stream_arn);
            record["awsRegion"] = json!(REGION);
        }
        records
    }

    /// Hands the records over and settles them; false if the stack is going down before that.
    async fn deliver(&self, records: Vec<Value>) -> bool {
        let rules = Rules { max_retries: self.mapping.max_retries, bisect: self.mapping.bisect };
        let mut batch = Batch::new(records, rules);
        let mut pause = FIRST_RETRY;
        while let Some(chunk) = batch.next() {
            if self.too_old(chunk) {
                self.note(batch.give_up(), "RecordAgeExceeded");
                continue;
            }
            let Some(ending) = self.send(chunk).await else { return false };
            self.note(batch.settle(&ending), "RetryAttemptsExhausted");
            if ending == Ending::Done {
                pause = FIRST_RETRY;
            } else if batch.next().is_some() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
            }
        }
        true
    }

    /// Invokes the function; nothing if the stack is going down.
    async fn send(&self, chunk: &Chunk) -> Option<Ending> {
        let event = Bytes::from(json!({ "Records": chunk.records }).to_string());
        match self.target.invoke(event, Admission::Wait).await {
            Err(Refused::Stopping | Refused::Throttled) => None,
            Ok(Outcome::Failed(_)) => Some(Ending::Failed),
            Ok(_) if !self.mapping.reports_item_failures => Some(Ending::Done),
            Ok(Outcome::Answered(body)) => match serde_json::from_slice(&body) {
                Ok(answer) => Some(batch::ending(Some(&answer), &chunk.records)),
                Err(_) => Some(Ending::Failed),
            },
        }
    }

    fn too_old(&self, chunk: &Chunk) -> bool {
        let created = chunk.records.first().map(|record| &record["dynamodb"]["ApproximateCreationDateTime"]);
        match (self.mapping.max_record_age, created.and_then(Value::as_f64)) {
            (Some(limit), Some(created)) => {
                let now = Duration::try_from(jiff::Timestamp::now().as_duration()).unwrap_or_default();
                now.as_secs_f64() - created > limit.as_secs_f64()
            }
            _ => false,
        }
    }

    fn note(&self, chunk: Option<Chunk>, condition: &'static str) {
        let Some(chunk) = chunk else { return };
        let sequence_numbers: Vec<String> =
            chunk.records.iter().filter_map(sequence_number).map(ToOwned::to_owned).collect();
        tracing::warn!(condition, ?sequence_numbers, "stream records given up");
        let destination = self.mapping.on_failure.clone();
        let entry = GivenUp { destination, condition, sequence_numbers };
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}
