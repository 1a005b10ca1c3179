//! One batch of records until every record is handled or given up: retries, bisection, partial answers.
//!
//! Pure: it says what to invoke next and is told how that ended.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

/// How an invocation with a chunk ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Every record was handled.
    Done,
    /// These records failed, by sequence number; the lowest one decides.
    Partial(Vec<String>),
    /// The function failed, or its answer names a record that was not sent.
    Failed,
}

/// Rules of the mapping that matter for a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) max_retries: Option<u32>,
    pub(super) bisect: bool,
}

/// Records that are sent together, and how often that failed.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) records: Vec<Value>,
    pub(super) failures: u32,
}

/// What is left of a batch, in the stream's order.
#[derive(Debug)]
pub(super) struct Batch {
    left: VecDeque<Chunk>,
    rules: Rules,
}

impl Batch {
    pub(super) fn new(records: Vec<Value>, rules: Rules) -> Self {
        Self { left: VecDeque::from([Chunk { records, failures: 0 }]), rules }
    }

    /// What to send next; nothing if the batch is through.
    pub(super) fn next(&self) -> Option<&Chunk> {
        self.left.front()
    }

    /// Takes the outcome for [`Batch::next`]; the chunk comes back if it is to be given up.
    pub(super) fn settle(&mut self, ending: &Ending) -> Option<Chunk> {
        let mut chunk = self.left.pop_front()?;
        match ending {
            Ending::Done => return None,
            Ending::Partial(failed) => {
                let handled = lowest(&chunk.records, failed);
                if handled > 0 {
                    // Progress: what is left is a batch of its own.
                    let records = chunk.records.split_off(handled);
                    self.left.push_front(Chunk { records, failures: 0 });
                    return None;
                }
            }
            // A split is not a retry.
            Ending::Failed if self.rules.bisect && chunk.records.len() > 1 => {
                let records = chunk.records.split_off(chunk.records.len() / 2);
                let failures = chunk.failures;
                self.left.push_front(Chunk { records, failures });
                self.left.push_front(chunk);
                return None;
            }
            Ending::Failed => {}
        }
        chunk.failures += 1;
        if self.rules.max_retries.is_some_and(|most| chunk.failures > most) {
            return Some(chunk);
        }
        self.left.push_front(chunk);
        None
    }

    /// Gives up the chunk in front.
    pub(super) fn give_up(&mut self) -> Option<Chunk> {
        self.left.pop_front()
    }
}

/// Index of the first failed record.
fn lowest(records: &[Value], failed: &[String]) -> usize {
    records
        .iter()
        .position(|record| sequence_number(record).is_some_and(|own| failed.iter().any(|one| one == own)))
        .unwrap_or(0)
}

/// The sequence number of a record.
pub(super) fn sequence_number(record: &Value) -> Option<&str> {
    record["dynamodb"]["SequenceNumber"].as_str()
}

/// Reads a function's answer to a batch.
///
/// An empty or unknown identifier, or an answer of another form, fails the whole batch. No answer, `{}` and an empty
/// list are success.
pub(super) fn ending(answer: Option<&Value>, sent: &[Value]) -> Ending {
    let failures = match answer {
        None | Some(Value::Null) => return Ending::Done,
        Some(answer) => match answer.get("batchItemFailures") {
            None | Some(Value::Null) => return Ending::Done,
            Some(failures) => failures,
        },
    };
    let Some(failures) = failures.as_array() else { return Ending::Failed };
    let known: HashSet<&str> = sent.iter().filter_map(sequence_number).collect();
    let mut failed = Vec::new();
    for failure in failures {
        match failure["itemIdentifier"].as_str() {
            Some(identifier) if known.contains(identifier) => failed.push(identifier.to_owned()),
            _ => return Ending::Failed,
        }
    }
    if failed.is_empty() { Ending::Done } else { Ending::Partial(failed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RULES: Rules = Rules { max_retries: Some(2), bisect: true };

    fn records(names: &[&str]) -> Vec<Value> {
        names.iter().map(|name| json!({ "dynamodb": { "SequenceNumber": name } })).collect()
    }

    fn names(chunk: &Chunk) -> Vec<&str> {
        chunk.records.iter().filter_map(sequence_number).collect()
    }

    fn partial(failed: &[&str]) -> Ending {
        Ending::Partial(failed.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_partial_answer_resumes_at_the_lowest_failed_record_and_not_before() {
        let mut batch = Batch::new(records(&["1", "2", "3", "4"]), RULES);
        assert!(batch.settle(&partial(&["4", "3"])).is_none());
        assert_eq!(names(batch.next().unwrap()), ["3", "4"]);
        assert!(batch.settle(&Ending::Done).is_none());
        assert!(batch.next().is_none());
    }

    #[test]
    fn a_record_that_never_works_is_given_up_after_the_allowed_retries() {
        let mut batch = Batch::new(records(&["1", "2"]), RULES);
        assert!(batch.settle(&partial(&["2"])).is_none(), "progress is no failure");
        assert!(batch.settle(&partial(&["2"])).is_none(), "first retry");
        assert!(batch.settle(&partial(&["2"])).is_none(), "second retry");
        assert_eq!(names(&batch.settle(&partial(&["2"])).unwrap()), ["2"]);
        assert!(batch.next().is_none());
    }

    #[test]
    fn a_failed_batch_is_halved_until_the_bad_record_is_alone() {
        let mut batch = Batch::new(records(&["1", "2", "3", "4"]), RULES);
        let (mut handled, mut given_up) = (Vec::new(), Vec::new());
        while let Some(chunk) = batch.next() {
            let sent: Vec<String> = names(chunk).into_iter().map(ToOwned::to_owned).collect();
            let bad = sent.iter().any(|name| name == "3");
            if !bad {
                handled.extend(sent);
            }
            let lost = batch.settle(if bad { &Ending::Failed } else { &Ending::Done });
            given_up.extend(lost.iter().flat_map(names).map(ToOwned::to_owned));
        }
        assert_eq!(handled, ["1", "2", "4"]);
        assert_eq!(given_up, ["3"]);
    }

    #[test]
    fn without_bisection_and_limit_a_failing_batch_stays_whole_for_ever() {
        let rules = Rules { max_retries: None, bisect: false };
        let mut batch = Batch::new(records(&["1", "2"]), rules);
        for _ in 0..100 {
            assert!(batch.settle(&Ending::Failed).is_none());
            assert_eq!(names(batch.next().unwrap()), ["1", "2"]);
        }
    }

    #[test]
    fn only_an_answer_that_names_sent_records_is_a_partial_one() {
        let sent = records(&["1", "2"]);
        let cases = [
            (json!(null), Ending::Done),
            (json!({}), Ending::Done),
            (json!({ "batchItemFailures": null }), Ending::Done),
            (json!({ "batchItemFailures": [] }), Ending::Done),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "2" }] }), partial(&["2"])),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }), Ending::Failed),
            (json!({ "batchItemFailures": [{ "itemIdentifier": "9" }] }), Ending::Failed),
            (json!({ "batchItemFailures": [{ "id": "1" }] }), Ending::Failed),
            (json!({ "batchItemFailures": "1" }), Ending::Failed),
        ];
        for (answer, expected) in cases {
            assert_eq!(ending(Some(&answer), &sent), expected, "{answer}");
        }
    }
}
