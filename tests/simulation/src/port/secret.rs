use platform::{ReadSecret, SecretError};
use secrecy::SecretString;

use super::Port;
use crate::faults::Fault;

impl ReadSecret for Port {
    async fn read_secret(&self) -> Result<SecretString, SecretError> {
        let unavailable =
            || SecretError::Unavailable { id: "coupons".to_owned(), code: Fault::Throttled.name().to_owned() };
        let text = "the key of the coupons of a simulation";
        self.reading("GetSecretValue", |_| SecretString::from(text)).await.map_err(|_| unavailable())
    }
}
