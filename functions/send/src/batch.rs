use aws_lambda_events::event::dynamodb::EventRecord;
use payout::Attempt;
use platform::without_values;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the event source mapping hands over. Records are read one by one: one that cannot be read must not keep the others
/// from being sent.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The records, as they came.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One record of the stream.
#[derive(Debug, Deserialize)]
#[serde(from = "Value")]
pub struct Record(Contents);

#[derive(Debug)]
enum Contents {
    /// As it came, not looked at yet.
    Raw(Value),
    /// Read already.
    Row { row: Box<Attempt>, sequence_number: String },
}

impl From<Value> for Record {
    fn from(record: Value) -> Self {
        Self(Contents::Raw(record))
    }
}

impl Record {
    /// For a caller that has the row itself, like a simulation.
    pub fn of_row(row: Attempt, sequence_number: String) -> Self {
        Self(Contents::Row { row: Box::new(row), sequence_number })
    }

    /// The row as it was after the change; else what is wrong with the record, without its contents.
    pub(crate) fn attempt(&self) -> Result<Attempt, String> {
        let record = match &self.0 {
            Contents::Raw(record) => record,
            Contents::Row { row, .. } => return Ok(row.as_ref().clone()),
        };
        let record = EventRecord::deserialize(record).map_err(|_| "it is not a record of a DynamoDB stream")?;
        if !record.change.new_image.contains_key("tr_id") {
            return Err("its NewImage has no tr_id".into());
        }
        serde_dynamo::from_item(record.change.new_image)
            .map_err(|error| format!("its NewImage is no row of payouts: {}", without_values(&error)))
    }

    /// What names the record to the event source mapping.
    pub(crate) fn sequence_number(&self) -> Option<&str> {
        let number = match &self.0 {
            Contents::Raw(record) => record["dynamodb"]["SequenceNumber"].as_str(),
            Contents::Row { sequence_number, .. } => Some(sequence_number.as_str()),
        };
        number.filter(|number| !number.is_empty())
    }
}

/// The partial batch response: the mapping goes on from the earliest record named here.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchResponse {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    sequence_number: String,
}

impl BatchResponse {
    /// Asks for the record again. Without a number it cannot be named, and an empty name would fail the whole batch: the
    /// sweeper then drives its row.
    pub(crate) fn fail(&mut self, sequence_number: Option<&str>) {
        self.failures.extend(sequence_number.map(|number| Failure { sequence_number: number.to_owned() }));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(change: &Value) -> Record {
        Record::from(json!({ "eventID": "1", "eventName": "INSERT", "awsRegion": "r", "dynamodb": change }))
    }

    #[test]
    fn a_record_of_an_unknown_shape_says_what_is_wrong_and_keeps_its_number() {
        let number = json!({ "SequenceNumber": "7" });
        let unsized_ = record(&number);
        assert_eq!(unsized_.attempt().unwrap_err(), "it is not a record of a DynamoDB stream");
        assert_eq!(unsized_.sequence_number(), Some("7"));
        let image = |image: Value| record(&json!({ "SequenceNumber": "8", "SizeBytes": 1, "NewImage": image }));
        assert_eq!(image(json!({ "code": { "S": "A" } })).attempt().unwrap_err(), "its NewImage has no tr_id");
        let partial = image(json!({ "tr_id": { "S": "bg_1" } })).attempt().unwrap_err();
        assert!(partial.starts_with("its NewImage is no row of payouts"), "{partial}");
        assert!(Record::from(json!("text")).attempt().is_err());
    }

    #[test]
    fn a_record_without_a_number_is_not_named() {
        let mut response = BatchResponse::default();
        for number in [None, Some(""), Some("9")] {
            let change = number.map_or(json!({}), |number| json!({ "SequenceNumber": number }));
            response.fail(record(&change).sequence_number());
        }
        assert_eq!(
            serde_json::to_value(response).unwrap(),
            json!({ "batchItemFailures": [{ "itemIdentifier": "9" }] })
        );
    }
}
