use std::collections::HashSet;

use sha2::{Digest, Sha256};

/// Bytes that are kept of a key. Two keys that share them would hide that one of them is missing: once in 2^64 pairs.
const BYTES: usize = 8;

/// The keys that a run has seen, as small as a row can hold: 400 KB are enough for 50,000.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(HashSet<[u8; BYTES]>);

impl Seen {
    /// Notes a key; false if it was noted before.
    pub fn add(&mut self, key: &str) -> bool {
        self.0.insert(short(key))
    }

    /// How many were noted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key was noted.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains(&short(key))
    }

    /// For the row.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().copied().collect()
    }

    /// From the row.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks().0.iter().copied().collect())
    }
}

fn short(key: &str) -> [u8; BYTES] {
    let digest: [u8; 32] = Sha256::digest(key).into();
    let mut short = [0; BYTES];
    short.copy_from_slice(&digest[..BYTES]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_still_known_after_it_was_saved() {
        let mut seen = Seen::default();
        let keys: Vec<String> = (0..20_000).map(|number| format!("goods#G{number:011}")).collect();
        for key in &keys {
            assert!(seen.add(key));
        }
        let bytes = seen.to_bytes();
        assert!(bytes.len() < 200_000, "a row has a limit of 400 KB");
        let read = Seen::from_bytes(&bytes);
        assert_eq!(read, seen);
        assert_eq!(read.len(), 20_000);
        assert!(read.has("goods#G00000000000") && !read.has("goods#G00000020000"));
    }
}
