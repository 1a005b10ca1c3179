use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::Builder;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use operation::MoneyView;
use thiserror::Error;

use crate::aws::Aws;

/// Has the balance compared with the rows, now.
pub trait TakeMoney {
    /// What the money looks like, the newest day first. Takes up to `within`.
    fn take(&self, within: Duration) -> impl Future<Output = Result<MoneyView, TakeError>>;
}

/// Why nobody knows what the money looks like. Nothing is lost by trying again.
#[derive(Debug, Error)]
#[error("the function reconcile did not answer: {code}")]
pub struct TakeError {
    code: String,
}

impl TakeError {
    /// With the service's error code, or what kept it from answering.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}

/// The function `reconcile`.
pub struct ReconcileFunction {
    aws: Aws,
    function: String,
}

impl ReconcileFunction {
    /// The function of this name or ARN.
    pub fn new(aws: &Aws, function: String) -> Self {
        Self { aws: aws.clone(), function }
    }
}

impl TakeMoney for ReconcileFunction {
    async fn take(&self, within: Duration) -> Result<MoneyView, TakeError> {
        // It waits for a quiet moment: for longer than anything else is waited for.
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(within).operation_timeout(within).build();
        let config = Builder::from(self.aws.config()).timeout_config(timeouts).build();
        let request = Client::from_conf(config).invoke().function_name(&self.function);
        let request = request.invocation_type(InvocationType::RequestResponse);
        let answer = request.payload(Blob::new(r#"{"by_hand":true}"#)).send().await;
        let answer = answer.map_err(|error| TakeError::new(error.code().unwrap_or("no answer")))?;
        if answer.function_error.is_some() {
            return Err(TakeError::new("it failed; its log says why"));
        }
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        serde_json::from_slice(&payload).map_err(|_| TakeError::new("its answer cannot be read"))
    }
}
