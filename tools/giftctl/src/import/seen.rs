use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use payout::UserKey;

/// So many keys are remembered: 18 bytes each at most.
const MOST: usize = 1_800_000;

/// User keys that were on an earlier line: with two lines for one person, which of them holds would be chance.
pub(super) struct SeenKeys {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl SeenKeys {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), hashes: HashSet::new() }
    }

    /// Whether it is there for the first time; beyond what can be remembered, it is taken for that.
    pub(super) fn is_first(&mut self, key: &UserKey) -> bool {
        let hash = self.hasher.hash_one(key.as_str());
        if self.hashes.len() >= MOST {
            return !self.hashes.contains(&hash);
        }
        self.hashes.insert(hash)
    }
}
