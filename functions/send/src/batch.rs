use aws_lambda_events::event::dynamodb::EventRecord;
use payout::Attempt;
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

/// One record of the stream, not looked at yet.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Record(Value);

impl Record {
    /// The row as it was after the change; else what is wrong with the record, without its contents.
    pub(crate) fn attempt(&self) -> Result<Attempt, String> {
        let record = EventRecord::deserialize(&self.0).map_err(|_| "it is not a record of a DynamoDB stream")?;
        if !record.change.new_image.contains_key("tr_id") {
            return Err("its NewImage has no tr_id".into());
        }
        serde_dynamo::from_item(record.change.new_image)
            .map_err(|error| format!("its NewImage is no row of payouts: {error}"))
    }

    /// What names the record to the event source mapping.
    pub(crate) fn sequence_number(&self) -> Option<&str> {
        self.0["dynamodb"]["SequenceNumber"].as_str().filter(|number| !number.is_empty())
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
        Record(json!({ "eventID": "1", "eventName": "INSERT", "awsRegion": "r", "dynamodb": change }))
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
        assert!(Record(json!("text")).attempt().is_err());
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
