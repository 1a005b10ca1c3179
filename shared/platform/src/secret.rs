use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use secrecy::SecretString;
use thiserror::Error;

use crate::aws::Aws;

/// Reads a secret: Giftishow's credentials, or what the key of coupons is made from.
pub trait ReadSecret {
    /// The secret's text as it is now.
    fn read_secret(&self) -> impl Future<Output = Result<SecretString, SecretError>>;
}

/// Why the secret could not be read.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The service refused or could not be reached.
    #[error("the secret {id} cannot be read: {code}")]
    Unavailable {
        /// Name or ARN of the secret.
        id: String,
        /// The service's error code.
        code: String,
    },
    /// A key must not be made from it.
    #[error("the secret of coupons has fewer than 32 characters")]
    TooShort,
    /// Likewise.
    #[error("the secret of recipients has fewer than 32 characters")]
    TooShortForDigests,
    /// It holds bytes, not text.
    #[error("the secret {id} holds no text")]
    NoText {
        /// Name or ARN of the secret.
        id: String,
    },
}

/// One secret in Secrets Manager.
#[derive(Clone)]
pub struct Secret {
    client: Client,
    id: String,
}

impl Secret {
    /// The secret of this name or ARN.
    pub fn new(aws: &Aws, id: String) -> Self {
        Self { client: Client::new(aws.config()), id }
    }
}

impl ReadSecret for Secret {
    async fn read_secret(&self) -> Result<SecretString, SecretError> {
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await.map_err(|error| {
            let code = error.code().unwrap_or("no answer").to_owned();
            SecretError::Unavailable { id: self.id.clone(), code }
        })?;
        answer.secret_string.map(SecretString::from).ok_or_else(|| SecretError::NoText { id: self.id.clone() })
    }
}
