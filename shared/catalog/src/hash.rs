use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Keys that change without a change of the item: `popular` is a rank among all goods.
const NO_CONTENT: [&str; 1] = ["popular"];

/// SHA-256 of an item's content. The order of keys, a number as a text, and `null` or a blank text instead of a missing key
/// make no difference, since the live service keeps to none of them; every other difference does, under known keys and others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash of an item's JSON, as it was answered. What is no JSON counts as it is.
    pub fn of(json: &str) -> Self {
        let mut hasher = Sha256::new();
        match serde_json::from_str::<Value>(json) {
            Ok(value) => absorb(&value, &mut hasher),
            Err(_) => hasher.update(json),
        }
        Self(hasher.finalize().into())
    }

    /// Its first eight digits: enough to tell two versions of one item apart.
    pub fn short(self) -> String {
        hex::encode(&self.0[..4])
    }
}

/// Feeds a value in one way of writing it; nothing for one that counts as missing.
fn absorb(value: &Value, hasher: &mut Sha256) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => text(if *flag { "Y" } else { "N" }, hasher),
        Value::Number(number) => text(&plain(number), hasher),
        Value::String(string) => text(string.trim(), hasher),
        Value::Array(list) => {
            hasher.update(b"[");
            for item in list {
                absorb(item, hasher);
            }
            hasher.update(b"]");
        }
        Value::Object(map) => {
            hasher.update(b"{");
            let mut keys: Vec<&String> = map.keys().filter(|key| !NO_CONTENT.contains(&key.as_str())).collect();
            keys.sort_unstable();
            for key in keys.into_iter().filter(|key| !is_missing(&map[*key])) {
                text(key, hasher);
                absorb(&map[key], hasher);
            }
            hasher.update(b"}");
        }
    }
}

fn is_missing(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// With its length, so that no two lists of texts look the same.
fn text(text: &str, hasher: &mut Sha256) {
    hasher.update(text.len().to_le_bytes());
    hasher.update(text);
}

/// `800.0` is `800`.
fn plain(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if !number.is_i64() && !number.is_u64() => float.to_string(),
        _ => number.to_string(),
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({})", self.short())
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content hash has 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for ContentHash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotAHash)?;
        Ok(Self(bytes))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn another_way_of_writing_the_same_is_the_same_and_every_other_difference_is_one() {
        let hash = |value: Value| ContentHash::of(&value.to_string());
        let known = hash(json!({ "goodsCode": "G1", "salePrice": 800, "content": "", "popular": 1 }));
        for same in [
            json!({ "salePrice": "800", "goodsCode": "G1", "popular": 77 }),
            json!({ "goodsCode": " G1 ", "salePrice": 800.0, "content": null }),
        ] {
            assert_eq!(hash(same.clone()), known, "{same}");
        }
        for other in [
            json!({ "goodsCode": "G1", "salePrice": null }),
            json!({ "goodsCode": "G1", "salePrice": 801 }),
            json!({ "goodsCode": "G1", "salePrice": 800, "newKey": "x" }),
            json!({ "goodsCode": "G1", "salePrice": 800, "content": "x" }),
            json!({ "goodsCode": "G1", "salePrice": [800] }),
        ] {
            assert_ne!(hash(other.clone()), known, "{other}");
        }
        assert_eq!(known.to_string().parse(), Ok(known));
    }

    proptest! {
        #[test]
        fn a_shifted_letter_is_a_difference(a in "[a-c]{0,4}", b in "[a-c]{0,4}", c in "[a-c]{0,4}", d in "[a-c]{0,4}") {
            let hash = |x: &str, y: &str| ContentHash::of(&json!({ "k": [format!("{x}x"), format!("{y}x")] }).to_string());
            prop_assert_eq!(hash(&a, &b) == hash(&c, &d), (a, b) == (c, d));
        }
    }
}
