use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::error::StoreError;
use crate::payouts::Item;

/// Most keys that BatchGetItem takes.
const MOST_KEYS: usize = 100;
/// It may leave keys unread when it is throttled; asked again this often.
const MOST_ROUNDS: usize = 3;

/// Rows of one table.
pub(crate) struct Wanted<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The attribute that is its key.
    pub(crate) key: &'static str,
    /// The keys.
    pub(crate) values: Vec<String>,
}

/// The items of these keys (attribute and text) that there are, in no order. Consistent reads; one request per 100 keys.
pub(crate) async fn batch_get<'a>(
    client: &Client,
    table: &str,
    key: &'static str,
    values: impl Iterator<Item = &'a str>,
) -> Result<Vec<Item>, StoreError> {
    batch_get_of(client, vec![Wanted { table, key, values: values.map(str::to_owned).collect() }]).await
}

/// Likewise, from several tables.
pub(crate) async fn batch_get_of(client: &Client, wanted: Vec<Wanted<'_>>) -> Result<Vec<Item>, StoreError> {
    let mut missing = Vec::new();
    for Wanted { table, key, values } in wanted {
        // A key that is named twice is refused.
        let values: HashSet<_> = values.into_iter().collect();
        let row = |value| (table.to_owned(), HashMap::from([(key.to_owned(), AttributeValue::S(value))]));
        missing.extend(values.into_iter().map(row));
    }
    let mut found = Vec::new();
    let most_requests = missing.len().div_ceil(MOST_KEYS) + MOST_ROUNDS - 1;
    for _ in 0..most_requests {
        if missing.is_empty() {
            break;
        }
        let asked = missing.split_off(missing.len().saturating_sub(MOST_KEYS));
        let answer = client.batch_get_item().set_request_items(Some(by_table(asked)?)).send().await;
        let answer = answer.map_err(|error| StoreError::unavailable("BatchGetItem", &error))?;
        found.extend(answer.responses.unwrap_or_default().into_values().flatten());
        for (table, left) in answer.unprocessed_keys.unwrap_or_default() {
            missing.extend(left.keys.into_iter().map(|key| (table.clone(), key)));
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(unread("keys left unread")) }
}

fn by_table(keys: Vec<(String, Item)>) -> Result<HashMap<String, KeysAndAttributes>, StoreError> {
    let mut tables: HashMap<String, Vec<Item>> = HashMap::new();
    for (table, key) in keys {
        tables.entry(table).or_default().push(key);
    }
    let request = |(table, keys)| {
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        keys.map(|keys| (table, keys)).map_err(|_| unread("no keys"))
    };
    tables.into_iter().map(request).collect()
}

fn unread(code: &str) -> StoreError {
    StoreError::Unavailable { operation: "BatchGetItem", code: code.to_owned() }
}
