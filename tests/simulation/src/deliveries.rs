use std::collections::VecDeque;

use payout::Attempt;
use send::{Batch, BatchResponse};
use serde_json::{Value, json};

use crate::clock::{MINUTE_MS, SECOND_MS, What};
use crate::faults::Fault;
use crate::world::World;

/// Most records of one batch, as the template sets it.
const BATCH: usize = 10;
/// Most times that a record is delivered again after a failure, likewise.
const MOST_RETRIES: u8 = 5;
/// An invocation that has waited for longer is dropped, likewise.
const OLDEST_INVOCATION_MS: i64 = MINUTE_MS;

/// A record of the stream. Without a row, it is one that nobody can read.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    row: Option<Box<Attempt>>,
    tries: u8,
}

/// What `send` is invoked with.
#[derive(Debug)]
pub(crate) enum Job {
    /// A batch of the stream.
    Batch(Vec<Record>),
    /// Rows that the sweeper hands over.
    Wake(Vec<Attempt>),
}

/// What waits for `send`: the stream, in its order, and invocations.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    stream: VecDeque<Record>,
    delayed: Vec<Option<Record>>,
    invocations: VecDeque<(i64, Vec<Attempt>)>,
    /// One batch at a time.
    batch_is_out: bool,
    ready_ms: i64,
}

impl Deliveries {
    pub(crate) fn begin(&mut self) {
        self.stream.clear();
        self.delayed.clear();
        self.invocations.clear();
        self.batch_is_out = false;
        self.ready_ms = 0;
    }
}

impl World {
    /// The table has a new image of an accepted row.
    pub(crate) fn record(&mut self, row: Attempt, worker: usize) {
        let Self { workers, faults, clock, deliveries, .. } = self;
        let random = &mut workers[worker].random;
        let possible = [Fault::RecordDropped, Fault::RecordRepeated, Fault::RecordShuffled, Fault::RecordPoisoned];
        let record = Record { row: Some(Box::new(row)), tries: 0 };
        let mut later = |record, ms| {
            deliveries.delayed.push(Some(record));
            clock.after(ms, What::Redeliver(deliveries.delayed.len() - 1));
        };
        match faults.one_of(&possible, random) {
            Some(Fault::RecordDropped) => return,
            Some(Fault::RecordRepeated) => {
                for _ in 0..random.between(1, 5) {
                    let longest_ms = random.one(&[SECOND_MS, 10 * MINUTE_MS]);
                    later(record.clone(), random.between(0, longest_ms));
                }
                deliveries.stream.push_back(record);
            }
            Some(Fault::RecordShuffled) => later(record, random.between(0, 10 * MINUTE_MS)),
            Some(_) => {
                deliveries.stream.push_back(Record { row: None, tries: 0 });
                deliveries.stream.push_back(record);
            }
            None => deliveries.stream.push_back(record),
        }
        self.deliver_after(50);
    }

    /// A record that was delayed comes.
    pub(crate) fn redeliver(&mut self, index: usize) {
        if let Some(record) = self.deliveries.delayed.get_mut(index).and_then(Option::take) {
            self.deliveries.stream.push_back(record);
            self.deliver_after(0);
        }
    }

    fn deliver_after(&mut self, ms: i64) {
        let on_ms = if self.stream_is_off() { self.stream_on_ms() } else { 0 };
        let at_ms = (self.clock.now_ms + ms).max(on_ms).max(self.deliveries.ready_ms);
        self.clock.at(at_ms, What::Deliver);
    }

    /// `send` shall be invoked with these rows.
    pub(crate) fn invoke_send(&mut self, rows: Vec<Attempt>) {
        self.deliveries.invocations.push_back((self.clock.now_ms, rows));
        self.clock.after(20, What::Deliver);
    }

    /// Whether something waits for a process of `send`, now or soon.
    pub(crate) fn has_a_job(&self) -> bool {
        let Deliveries { stream, invocations, batch_is_out, .. } = &self.deliveries;
        !invocations.is_empty() || !batch_is_out && !stream.is_empty()
    }

    /// What a free process of `send` shall do now.
    pub(crate) fn next_job(&mut self) -> Option<Job> {
        let now_ms = self.clock.now_ms;
        while let Some((queued_ms, rows)) = self.deliveries.invocations.pop_front() {
            if now_ms <= queued_ms + OLDEST_INVOCATION_MS {
                return Some(Job::Wake(rows));
            }
        }
        let off = self.stream_is_off();
        let deliveries = &mut self.deliveries;
        if off || deliveries.batch_is_out || deliveries.stream.is_empty() || now_ms < deliveries.ready_ms {
            return None;
        }
        deliveries.batch_is_out = true;
        let count = deliveries.stream.len().min(BATCH);
        Some(Job::Batch(deliveries.stream.drain(..count).collect()))
    }

    /// The batch is done with up to this record; what follows comes again, but not for ever.
    pub(crate) fn batch_ended(&mut self, records: Vec<Record>, done: usize) {
        let deliveries = &mut self.deliveries;
        deliveries.batch_is_out = false;
        let again = records.into_iter().skip(done).filter(|record| record.tries < MOST_RETRIES);
        let again: Vec<Record> = again.map(|record| Record { tries: record.tries + 1, ..record }).collect();
        if let Some(first) = again.first() {
            deliveries.ready_ms = self.clock.now_ms + (SECOND_MS << first.tries);
        }
        for record in again.into_iter().rev() {
            deliveries.stream.push_front(record);
        }
        if !deliveries.stream.is_empty() {
            self.deliver_after(0);
        }
    }

    /// Nothing that was under way arrives any more.
    pub(crate) fn drop_deliveries(&mut self) {
        self.deliveries.begin();
    }
}

/// How many records a batch's answer says are done, of so many.
pub(crate) fn done(response: &BatchResponse, records: usize) -> usize {
    if *response == BatchResponse::default() {
        return records;
    }
    let response = serde_json::to_value(response).unwrap_or_default();
    let failures = response["batchItemFailures"].as_array().into_iter().flatten();
    let numbers = failures.filter_map(|failure| failure["itemIdentifier"].as_str()?.parse::<usize>().ok());
    numbers.min().unwrap_or_default().min(records)
}

/// The event as the event source mapping or the sweeper would hand it over: in JSON as it comes, or (much faster) as rows.
pub(crate) fn event(job: &Job, in_json: bool) -> Batch {
    let record = |(index, row): (usize, Option<&Attempt>)| match row {
        Some(row) if !in_json => send::Record::of_row(row.clone(), index.to_string()),
        row => send::Record::from(stream_record(row, index)),
    };
    let records = match job {
        Job::Batch(records) => records.iter().map(|record| record.row.as_deref()).enumerate().map(record).collect(),
        Job::Wake(rows) => rows.iter().map(Some).enumerate().map(record).collect(),
    };
    Batch { records }
}

fn stream_record(row: Option<&Attempt>, index: usize) -> Value {
    let Some(row) = row else {
        return json!({ "eventID": "poison", "dynamodb": { "SequenceNumber": index.to_string() } });
    };
    let image: Option<serde_dynamo::Item> = serde_dynamo::to_item(row).ok();
    json!({
        "eventID": "1",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "awsRegion": "",
        "dynamodb": {
            "Keys": { "tr_id": { "S": row.tr_id.as_str() } },
            "NewImage": image,
            "SequenceNumber": index.to_string(),
            "SizeBytes": 0,
            "StreamViewType": "NEW_IMAGE",
        },
    })
}
