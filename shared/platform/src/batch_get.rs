use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::error::StoreError;
use crate::payouts::Item;

/// Most keys that BatchGetItem takes.
const MOST_KEYS: usize = 100;
/// It may leave keys unread when it is throttled; asked again this often.
const MOST_ROUNDS: usize = 3;

/// The items of these keys (attribute and text) that there are, in no order. Consistent reads; one request per 100 keys.
pub(crate) async fn batch_get<'a>(
    client: &Client,
    table: &str,
    keys: impl Iterator<Item = (&'static str, &'a str)>,
) -> Result<Vec<Item>, StoreError> {
    // A key that is named twice is refused.
    let keys: HashSet<_> = keys.collect();
    let mut missing: Vec<Item> = keys
        .into_iter()
        .map(|(name, text)| HashMap::from([(name.to_owned(), AttributeValue::S(text.to_owned()))]))
        .collect();
    let mut found = Vec::new();
    let most_requests = missing.len().div_ceil(MOST_KEYS) + MOST_ROUNDS - 1;
    for _ in 0..most_requests {
        if missing.is_empty() {
            break;
        }
        let asked = missing.split_off(missing.len().saturating_sub(MOST_KEYS));
        let keys = KeysAndAttributes::builder().set_keys(Some(asked)).consistent_read(true).build();
        let keys = keys.map_err(|_| unread("no keys"))?;
        let answer = client.batch_get_item().request_items(table, keys).send().await;
        let answer = answer.map_err(|error| StoreError::unavailable("BatchGetItem", &error))?;
        found.extend(answer.responses.unwrap_or_default().into_values().flatten());
        missing.extend(answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|keys| keys.keys));
    }
    if missing.is_empty() { Ok(found) } else { Err(unread("keys left unread")) }
}

fn unread(code: &str) -> StoreError {
    StoreError::Unavailable { operation: "BatchGetItem", code: code.to_owned() }
}
