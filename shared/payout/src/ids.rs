use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest `code` and `userKey`, in characters.
const MAX_CHARACTERS: usize = 128;

/// Why a `code` or `userKey` of a callback cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodeError {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// More than 128 characters.
    #[error("has more than 128 characters")]
    TooLong,
}

macro_rules! bleepy_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As the row and the wire write it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = CodeError;
            fn try_from(text: String) -> Result<Self, CodeError> {
                match text.chars().take(MAX_CHARACTERS + 1).count() {
                    0 => Err(CodeError::Empty),
                    1..=MAX_CHARACTERS => Ok(Self(text)),
                    _ => Err(CodeError::TooLong),
                }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

bleepy_text! {
    /// The code by which Bleepy names a gift or reward of a promotion (`code`); 1 to 128 characters.
    RewardCode
}

bleepy_text! {
    /// The key by which Bleepy names the winner (`userKey`); 1 to 128 characters. Stands for a person, so it is written to
    /// rows and never to logs.
    UserKey
}

/// What makes two wins of one code by one user different; made by the reward's [`RepeatPolicy`](crate::RepeatPolicy).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(String);

impl Slot {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the row writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Slot {
    /// Another payout beside the one of this slot: the `number`-th that a list named although the slot, or one before it,
    /// had its payout already (1 and up).
    #[must_use]
    pub fn listed(&self, number: u8) -> Self {
        Self(format!("{}/listed-{number}", self.0))
    }
}

impl Slot {
    /// The `number`-th payout that a person grants one user for one code, beside those that Bleepy has told of (1 and up).
    pub fn granted(number: u32) -> Self {
        Self(format!("grant-{number}"))
    }
}

/// Names a payout for ever, also when its `userKey` was erased: the whole SHA-256 of namespace, code, userKey and slot, in
/// Crockford's base 32 (52 characters). What tells "mine" from "somebody else's".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PayoutId(String);

impl PayoutId {
    pub(crate) fn of_digest(digest: &[u8]) -> Self {
        Self(base32::encode(base32::Alphabet::Crockford, digest))
    }

    /// As the row writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The token of whoever wrote a row last: new for every request, claim and step of a sweep. A write that meets its own
/// token has won already.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(String);

impl Owner {
    /// An owner named by a text that is unique to it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// As the row writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The promise: one gift for one (code, userKey, slot).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PayoutKey {
    /// Which reward.
    pub code: RewardCode,
    /// For whom.
    pub user_key: UserKey,
    /// Which win.
    pub slot: Slot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_written_as_its_token() {
        assert_eq!(Owner::new("token").as_str(), "token");
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(UserKey::try_from("가".repeat(128)).is_ok());
        assert_eq!(UserKey::try_from("가".repeat(129)), Err(CodeError::TooLong));
        assert_eq!(RewardCode::try_from(String::new()), Err(CodeError::Empty));
    }
}
