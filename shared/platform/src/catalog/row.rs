//! Rows as the SDK hands them over.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use catalog::{ContentHash, Glance, Goods, Krw, Presence, SaleState, Standing};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Item;
use crate::error::StoreError;

/// Attributes of goods, without the JSON that they came as.
pub(super) const GOODS: &str =
    "#id, #generation, #place, #version.#presence, #version.#item, #before.#presence, #before.#item";
/// What a run must know of a row.
pub(super) const GLANCES: &str = "#id, #generation, #version.#hash, #version.#presence, #version.#described, \
     #version.#mirrored, #version.#item.#state, #version.#item.#discount, #version.#item.#sale, #before.#hash, \
     #before.#presence, #before.#described, #before.#mirrored, #before.#item.#state, #before.#item.#discount, \
     #before.#item.#sale";

/// The names that an expression uses.
pub(super) fn names(expression: &str) -> HashMap<String, String> {
    let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && !"#_".contains(letter));
    let names = words.filter_map(|word| word.strip_prefix('#'));
    names.map(|name| (format!("#{name}"), attribute(name).to_owned())).collect()
}

/// Short names in expressions stand for long ones in rows.
fn attribute(name: &str) -> &str {
    match name {
        "discount" => "discount_price",
        "sale" => "sale_price",
        other => other,
    }
}

/// A row, with as much of its versions as was asked for.
#[derive(Deserialize)]
pub(super) struct Row<V> {
    pub(super) id: String,
    pub(super) generation: u64,
    pub(super) version: V,
    #[serde(default = "none")]
    pub(super) before: Option<V>,
}

/// A type without a default still has none.
fn none<V>() -> Option<V> {
    None
}

impl<V> Row<V> {
    /// What readers of this generation see.
    pub(super) fn visible(self, generation: u64) -> Option<V> {
        if self.generation <= generation { Some(self.version) } else { self.before }
    }
}

/// Goods without the JSON that they came as.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) presence: Presence,
    pub(super) item: Goods,
}

#[derive(Deserialize)]
pub(super) struct Glanced {
    hash: ContentHash,
    presence: Presence,
    described: bool,
    #[serde(default)]
    mirrored: bool,
    #[serde(default)]
    item: Terms,
}

#[derive(Default, Deserialize)]
struct Terms {
    #[serde(default)]
    state: Option<SaleState>,
    #[serde(default)]
    discount_price: Option<Krw>,
    #[serde(default)]
    sale_price: Option<Krw>,
}

impl From<Glanced> for Glance {
    fn from(Glanced { hash, presence, described, mirrored, item }: Glanced) -> Self {
        let price = item.discount_price.or(item.sale_price);
        Self { hash, presence, described, mirrored, state: item.state, price }
    }
}

impl From<Row<Glanced>> for Standing {
    fn from(row: Row<Glanced>) -> Self {
        Self { generation: row.generation, latest: row.version.into(), before: row.before.map(Glance::from) }
    }
}

pub(super) fn read<T: DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    let id = item.get("id").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
    serde_dynamo::from_item(item).map_err(|error| malformed(&id, &error))
}

pub(super) fn malformed(id: &str, why: &impl std::fmt::Display) -> StoreError {
    StoreError::malformed("catalog", id, why)
}

pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
