use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use payout::Attempt;
use serde_json::{Value, json};
use thiserror::Error;

use crate::aws::Aws;

/// Wakes `send` for rows whose stream record was lost or whose waiting time is over.
pub trait WakeSend {
    /// Hands the rows over and does not wait for them.
    fn wake(&self, attempts: &[Attempt]) -> impl Future<Output = Result<(), WakeError>>;
}

/// Why `send` could not be woken; the rows stay due.
#[derive(Debug, Error)]
#[error("send could not be woken: {code}")]
pub struct WakeError {
    code: String,
}

impl WakeError {
    /// With the service's error code, or what kept it from answering.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}

/// The function `send`.
pub struct SendFunction {
    client: Client,
    function: String,
}

impl SendFunction {
    /// The function of this name or ARN.
    pub fn new(aws: &Aws, function: String) -> Self {
        Self { client: Client::new(aws.config()), function }
    }
}

impl WakeSend for SendFunction {
    async fn wake(&self, attempts: &[Attempt]) -> Result<(), WakeError> {
        let records = attempts.iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let payload = serde_json::to_vec(&json!({ "Records": records })).map_err(|_| unwritable())?;
        let request = self.client.invoke().function_name(&self.function).invocation_type(InvocationType::Event);
        match request.payload(Blob::new(payload)).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(WakeError::new(error.code().unwrap_or("no answer"))),
        }
    }
}

/// The row in the form in which the stream would have brought it.
fn record(attempt: &Attempt) -> Result<Value, WakeError> {
    let image: serde_dynamo::Item = serde_dynamo::to_item(attempt).map_err(|_| unwritable())?;
    let tr_id = attempt.tr_id.as_str();
    Ok(json!({
        "eventID": format!("redrive-{tr_id}"),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "awsRegion": "",
        "dynamodb": {
            "Keys": { "tr_id": { "S": tr_id } },
            "NewImage": image,
            "SequenceNumber": format!("redrive-{tr_id}"),
            "SizeBytes": 0,
            "StreamViewType": "NEW_IMAGE",
        },
    }))
}

fn unwritable() -> WakeError {
    WakeError::new("a row could not be written as an event")
}
