use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use thiserror::Error;

use crate::aws::Aws;

/// Tells people, by the topic of alarms.
pub trait Publish {
    /// One message to all subscribers: a subject of fewer than 100 characters in one line, and plain text.
    fn publish(&self, subject: &str, text: &str) -> impl Future<Output = Result<(), TopicError>>;
}

/// Why nobody was told.
#[derive(Debug, Error)]
#[error("the topic of alarms did not take it: {code}")]
pub struct TopicError {
    code: String,
}

impl TopicError {
    /// With the service's error code, or what kept it from answering.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}

/// The topic of alarms.
pub struct AlarmTopic {
    client: Client,
    arn: String,
}

impl AlarmTopic {
    /// The topic of this ARN.
    pub fn new(aws: &Aws, arn: String) -> Self {
        Self { client: Client::new(aws.config()), arn }
    }
}

impl Publish for AlarmTopic {
    async fn publish(&self, subject: &str, text: &str) -> Result<(), TopicError> {
        let request = self.client.publish().topic_arn(&self.arn).subject(subject).message(text);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(TopicError::new(error.code().unwrap_or("no answer"))),
        }
    }
}
