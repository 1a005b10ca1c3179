use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::ids::{PayoutId, PayoutKey};

/// Characters of a tr_id. The specification (§8) says 25, live refusals say 20.
const TR_ID_CHARACTERS: usize = 20;
/// Longest prefix: leaves 16 characters of base 32, 80 bits.
const MAX_PREFIX: usize = 3;

/// Partitions of each index that every payout enters: no rate of wins can heat one of them.
pub const SHARDS: u8 = 4;

/// Giftishow's transaction id (`tr_id`) of one attempt: at most 20 ASCII letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrId(String);

impl TrId {
    /// As the row and the wire write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which of the four partitions of an index the row belongs to. The id is a digest, so its last character is spread
    /// evenly.
    pub fn shard(&self) -> u8 {
        self.0.bytes().last().unwrap_or_default() % SHARDS
    }
}

impl fmt::Display for TrId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TrId {
    type Error = TrIdError;
    fn try_from(text: String) -> Result<Self, TrIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if text.is_empty() || text.len() > TR_ID_CHARACTERS || !text.bytes().all(allowed) {
            return Err(TrIdError::Malformed);
        }
        Ok(Self(text))
    }
}

impl From<TrId> for String {
    fn from(id: TrId) -> Self {
        id.0
    }
}

/// Why a tr_id or the scheme that makes them cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrIdError {
    /// Not 1 to 20 ASCII letters, digits and underscores.
    #[error("a tr_id has 1 to 20 ASCII letters, digits and underscores")]
    Malformed,
    /// Not 1 to 3 ASCII letters and digits.
    #[error("a tr_id prefix has 1 to 3 ASCII letters and digits")]
    Prefix,
    /// Empty.
    #[error("a tr_id namespace must not be empty")]
    Namespace,
}

/// How an environment makes its tr_ids.
///
/// Deterministic on purpose: the same win gives the same id, so that one conditional write is at once the deduplication,
/// the uniqueness Giftishow asks for (specification §8) and crash safety.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrIdScheme {
    prefix: String,
    namespace: String,
}

impl TrIdScheme {
    /// `prefix` starts every id (1 to 3 letters or digits); `namespace` differs per environment and never changes.
    pub fn new(prefix: &str, namespace: &str) -> Result<Self, TrIdError> {
        let short = (1..=MAX_PREFIX).contains(&prefix.len());
        if !short || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(TrIdError::Prefix);
        }
        if namespace.is_empty() {
            return Err(TrIdError::Namespace);
        }
        Ok(Self { prefix: prefix.into(), namespace: namespace.into() })
    }

    /// What starts every id.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What tells this environment from others.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The id of one attempt. `salt` is 0 unless that id was found to belong to another payout.
    pub fn tr_id(&self, payout: &PayoutKey, attempt: u8, salt: u8) -> TrId {
        self.id_of(self.hash_of(payout), attempt, salt)
    }

    /// What names the payout.
    pub fn payout_id(&self, payout: &PayoutKey) -> PayoutId {
        PayoutId::of_digest(&self.hash_of(payout).finalize())
    }

    /// The id of an attempt at a payout whose `userKey` was erased: its name stands in for it.
    pub(crate) fn erased_tr_id(&self, payout: &PayoutId, attempt: u8, salt: u8) -> TrId {
        self.id_of(Sha256::new().chain_update(payout.as_str()), attempt, salt)
    }

    fn hash_of(&self, payout: &PayoutKey) -> Sha256 {
        let mut hash = Sha256::new();
        for part in [self.namespace.as_str(), payout.code.as_str(), payout.user_key.as_str(), payout.slot.as_str()] {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash
    }

    fn id_of(&self, hash: Sha256, attempt: u8, salt: u8) -> TrId {
        let hash = hash.chain_update([attempt, salt]);
        let digest = base32::encode(base32::Alphabet::Crockford, &hash.finalize());
        let mut id = format!("{}_{digest}", self.prefix);
        id.truncate(TR_ID_CHARACTERS);
        TrId(id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{RewardCode, Slot, UserKey};

    fn key(code: &str, user: &str) -> PayoutKey {
        PayoutKey {
            code: RewardCode::try_from(code.to_owned()).unwrap(),
            user_key: UserKey::try_from(user.to_owned()).unwrap(),
            slot: Slot::new("once"),
        }
    }

    fn scheme() -> TrIdScheme {
        TrIdScheme::new("bg", "test").unwrap()
    }

    /// Ids are compared with rows of years ago: this value must never change. It was computed with Python's `hashlib`.
    #[test]
    fn the_id_of_a_win_is_the_same_for_ever() {
        assert_eq!(scheme().tr_id(&key("AD3FYTFS", "2eew35da"), 1, 0).as_str(), "bg_YQMSDKH3ECXHQYYSW");
    }

    #[test]
    fn the_name_of_a_payout_is_the_same_for_ever_and_outlives_its_user_key() {
        let payout = key("AD3FYTFS", "2eew35da");
        assert_eq!(scheme().payout_id(&payout).as_str(), "QPZCTC7Y27SCYG0JJ1T10BWH1P8RTNRPXPVC2P7RSPN7PMPQ7T3G");
        let stamp = crate::Stamp {
            owner: crate::Owner::new("callback"),
            at: crate::Moment::from_millis(0),
            evidence: crate::Evidence::default(),
        };
        let first = crate::Attempt::first(&scheme(), &payout, 0, &stamp, &crate::Rules::default());
        assert_eq!(first.next_id(&scheme(), 0).tr_id, scheme().tr_id(&payout, 2, 0));
        let erased = crate::Attempt { user_key: None, ..first };
        let next = erased.next_id(&scheme(), 0).tr_id;
        assert_ne!(next, scheme().tr_id(&payout, 2, 0));
        assert_ne!(next, erased.next_id(&scheme(), 1).tr_id);
    }

    #[test]
    fn every_ingredient_changes_the_id() {
        let base = scheme().tr_id(&key("ab", "c"), 1, 0);
        let other_namespace = TrIdScheme::new("bg", "live").unwrap();
        for other in [
            scheme().tr_id(&key("a", "bc"), 1, 0),
            scheme().tr_id(&key("ab", "d"), 1, 0),
            scheme().tr_id(&key("ab", "c"), 2, 0),
            scheme().tr_id(&key("ab", "c"), 1, 1),
            other_namespace.tr_id(&key("ab", "c"), 1, 0),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn a_prefix_that_would_shorten_the_digest_is_refused() {
        for prefix in ["", "abcd", "a_", "é"] {
            assert_eq!(TrIdScheme::new(prefix, "n").unwrap_err(), TrIdError::Prefix);
        }
        assert_eq!(TrIdScheme::new("a", "").unwrap_err(), TrIdError::Namespace);
    }

    #[test]
    fn a_text_that_is_no_tr_id_is_refused() {
        for wrong in ["", "bg_YQMSDKH3ECXHQYYSW1", "bg-1", "é"] {
            assert_eq!(TrId::try_from(wrong.to_owned()), Err(TrIdError::Malformed), "{wrong}");
        }
        assert_eq!(TrId::try_from("b".to_owned()).unwrap().to_string(), "b");
    }

    #[test]
    fn rows_are_spread_over_all_partitions_of_the_index() {
        let shard = |user: u32| scheme().tr_id(&key("code", &user.to_string()), 1, 0).shard();
        let mut shards: Vec<u8> = (0..100).map(shard).collect();
        shards.sort_unstable();
        shards.dedup();
        assert_eq!(shards, [0, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn any_win_gives_an_id_that_giftishow_takes(code in ".{1,128}", user in ".{1,128}", attempt: u8, salt: u8) {
            let id = scheme().tr_id(&key(&code, &user), attempt, salt);
            prop_assert_eq!(id.as_str().len(), 20);
            prop_assert!(TrId::try_from(id.as_str().to_owned()).is_ok());
            prop_assert!(id.shard() < SHARDS);
        }
    }
}
