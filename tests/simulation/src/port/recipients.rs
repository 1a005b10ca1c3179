use payout::{Moment, UserKey};
use platform::{ReadRecipient, StoreError};
use secrecy::SecretString;

use super::Port;
use crate::faults::Fault;
use crate::names;

impl ReadRecipient for Port {
    async fn phone(&self, user: &UserKey, _now: Moment) -> Result<Option<SecretString>, StoreError> {
        let phone = self.reading("GetItem", |world| names::phone_of(user.as_str(), &world.moved)).await?;
        self.with(|world, random| {
            let wrong = [Fault::RecipientMissing, Fault::RecipientMalformed];
            Ok(match world.faults.one_of(&wrong, random) {
                Some(Fault::RecipientMissing) => None,
                Some(_) => Some(SecretString::from("none")),
                None => phone.map(SecretString::from),
            })
        })
    }
}
