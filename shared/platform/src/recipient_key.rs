use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use crate::secret::{ReadSecret, SecretError};

/// Shortest text that a key is made of: 32 characters of 5 bits each.
const SHORTEST_KEY: usize = 32;

/// What a phone number is found by: it says nothing of the number without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of the whole number.
    pub phone: String,
    /// Of its last four digits.
    pub last_four: String,
}

/// Makes the digests. Their key is the text of a secret of its own, read when it is first needed.
pub struct RecipientKeys<S> {
    secret: S,
    key: OnceCell<RecipientKey>,
}

impl<S: ReadSecret> RecipientKeys<S> {
    /// With this secret.
    pub fn new(secret: S) -> Self {
        Self { secret, key: OnceCell::new() }
    }

    /// The key.
    pub async fn key(&self) -> Result<&RecipientKey, SecretError> {
        let key = async || RecipientKey::new(&self.secret.read_secret().await?).ok_or(SecretError::TooShortForDigests);
        self.key.get_or_try_init(key).await
    }
}

/// The key of the digests.
pub struct RecipientKey(hmac::Key);

impl RecipientKey {
    /// The key that is made from this text; `None` if it is shorter than 32 characters.
    pub fn new(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        (text.len() >= SHORTEST_KEY).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    /// Those of a number: digits only, at least four.
    pub fn digests(&self, phone: &str) -> Digests {
        let last = phone.len().saturating_sub(4);
        Digests { phone: self.phone(phone), last_four: self.last_four(phone.get(last..).unwrap_or_default()) }
    }

    /// That of a whole number: digits only.
    pub fn phone(&self, digits: &str) -> String {
        self.digest("phone:", digits)
    }

    /// That of the last four digits.
    pub fn last_four(&self, digits: &str) -> String {
        self.digest("last-four:", digits)
    }

    fn digest(&self, purpose: &str, digits: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose.as_bytes());
        context.update(digits.as_bytes());
        hex::encode(context.sign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_digest_under_the_same_key_and_never_read_from_it() {
        let key = |text: &str| RecipientKey::new(&SecretString::from(text)).unwrap();
        let (ours, other) = (key(&"k".repeat(32)), key(&"x".repeat(32)));
        let digests = ours.digests("01000004242");
        assert_eq!(
            (ours.phone("01000004242"), ours.last_four("4242")),
            (digests.phone.clone(), digests.last_four.clone())
        );
        assert_ne!(ours.phone("4242"), digests.last_four, "one purpose is not the other");
        assert_ne!(other.digests("01000004242"), digests);
        assert!(!digests.phone.contains("4242") || digests.phone.len() == 64);
        assert!(RecipientKey::new(&SecretString::from("k".repeat(31))).is_none());
    }
}
