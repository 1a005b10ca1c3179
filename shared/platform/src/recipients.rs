use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, UserKey};
use secrecy::SecretString;

use crate::aws::Aws;
use crate::error::StoreError;

/// Looks up who stands behind a user key.
pub trait ReadRecipient {
    /// The phone number, if the user is registered and the registration has not expired.
    fn phone(&self, user: &UserKey, now: Moment) -> impl Future<Output = Result<Option<SecretString>, StoreError>>;
}

/// The table `recipients`: `user_key`, `phone`, optional `expires_at` (seconds since the epoch; the table's TTL).
pub struct RecipientsTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl RecipientsTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

impl ReadRecipient for RecipientsTable {
    async fn phone(&self, user: &UserKey, now: Moment) -> Result<Option<SecretString>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request
            .key("user_key", AttributeValue::S(user.as_str().to_owned()))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("GetItem", &error))?;
        let Some(item) = answer.item else { return Ok(None) };
        // The service removes expired rows hours later: until then they must not count.
        let expires_at = item.get("expires_at").and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        if expires_at.is_some_and(|seconds| seconds.saturating_mul(1_000) <= now.as_millis()) {
            return Ok(None);
        }
        match item.get("phone").and_then(|value| value.as_s().ok()) {
            Some(phone) => Ok(Some(SecretString::from(phone.as_str()))),
            None => Err(StoreError::Malformed { table: "recipients", why: "phone is missing or not a text".into() }),
        }
    }
}
