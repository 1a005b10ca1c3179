use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure as OldItem, TransactWriteItem, Update,
};
use catalog::{Brand, ContentHash, Goods, Place, Presence, Run, Seen, Version};
use payout::Moment;
use serde::Serialize;

use super::row::{self, number};
use super::{CatalogTable, HEAD, Item, RUN_KIND, UNFINISHED, key};
use crate::error::StoreError;

/// Writes what a run finds. Readers see nothing of it before [`WriteCatalog::finish`].
pub trait WriteCatalog {
    /// Writes one row under the next generation. One request; fails if somebody else has written the row meanwhile.
    fn stage(&self, staging: &Staging<'_>) -> impl Future<Output = Result<(), StoreError>>;

    /// Saves where a run goes on.
    fn save(&self, unfinished: &Unfinished) -> impl Future<Output = Result<(), StoreError>>;

    /// Ends a run: writes its history, and in the same transaction shows readers the next generation if `commit` is set,
    /// and forgets its place if one was saved. Fails if somebody else has committed meanwhile.
    fn finish(&self, run: &Run, commit: bool, saved: bool) -> impl Future<Output = Result<(), StoreError>>;
}

/// One row to write.
#[derive(Clone, Copy, Debug)]
pub struct Staging<'a> {
    /// Its key.
    pub key: &'a str,
    /// The generation that wrote it, as the run knows it; `None` for a new row.
    pub from: Option<u64>,
    /// The generation to come.
    pub generation: u64,
    /// What to write.
    pub draft: Draft<'a>,
}

/// What to write into a row.
#[derive(Clone, Copy, Debug)]
pub enum Draft<'a> {
    /// Another version of goods.
    Goods(&'a Version<Goods>),
    /// Another version of a brand.
    Brand(&'a Version<Brand>),
    /// The same content, present or not, since then.
    Presence(Presence, Moment),
    /// The version before: an earlier run has left one that nobody has seen.
    Revert,
}

/// A run that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it goes on.
    pub place: Place,
    /// What it has seen so far.
    pub seen: Seen,
}

impl WriteCatalog for CatalogTable {
    async fn stage(&self, staging: &Staging<'_>) -> Result<(), StoreError> {
        let (update, values) = expression(staging)?;
        let condition = if staging.from.is_some() { "#generation = :from" } else { "attribute_not_exists(#id)" };
        let request = self.client.update_item().table_name(&self.name).set_key(Some(key(staging.key)));
        let request = request
            .set_expression_attribute_names(Some(row::names(&format!("{update} {condition}"))))
            .set_expression_attribute_values(Some(values))
            .update_expression(update)
            .condition_expression(condition);
        match request.return_values_on_condition_check_failure(OldItem::AllOld).send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                match error.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(failed)
                        if is_ours(failed.item.as_ref(), staging) =>
                    {
                        Ok(())
                    }
                    _ => Err(conflict("UpdateItem")),
                }
            }
            Err(error) => Err(StoreError::unavailable("UpdateItem", &error)),
        }
    }

    async fn save(&self, unfinished: &Unfinished) -> Result<(), StoreError> {
        let mut item = key(UNFINISHED);
        item.insert("place".into(), attribute(&unfinished.place)?);
        item.insert("seen".into(), AttributeValue::B(Blob::new(unfinished.seen.to_bytes())));
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        request.send().await.map_err(|error| StoreError::unavailable("PutItem", &error))?;
        Ok(())
    }

    async fn finish(&self, run: &Run, commit: bool, saved: bool) -> Result<(), StoreError> {
        let item = history(run)?;
        if !commit && !saved {
            let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
            request.send().await.map_err(|error| StoreError::unavailable("PutItem", &error))?;
            return Ok(());
        }
        let put = Put::builder().table_name(&self.name).set_item(Some(item)).build().map_err(|_| unbuildable())?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        if commit {
            writes.push(self.commit(run.generation)?);
        }
        if saved {
            let forget = self.update(UNFINISHED, "REMOVE #place, #seen").build().map_err(|_| unbuildable())?;
            writes.push(TransactWriteItem::builder().update(forget).build());
        }
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        request.send().await.map_err(|error| StoreError::unavailable("TransactWriteItems", &error))?;
        Ok(())
    }
}

impl CatalogTable {
    fn update(&self, id: &str, expression: &str) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        let update = Update::builder().table_name(&self.name).set_key(Some(key(id)));
        update.set_expression_attribute_names(Some(row::names(expression))).update_expression(expression)
    }

    /// Moves the one number that says what readers see.
    fn commit(&self, generation: u64) -> Result<TransactWriteItem, StoreError> {
        let head = self
            .update(HEAD, "SET #generation = :generation")
            .condition_expression("attribute_not_exists(#generation) OR #generation < :generation")
            .expression_attribute_values(":generation", number(generation));
        Ok(TransactWriteItem::builder().update(head.build().map_err(|_| unbuildable())?).build())
    }
}

/// The update and its values. A row that readers see keeps what they see in `before`.
fn expression(staging: &Staging<'_>) -> Result<(String, Item), StoreError> {
    let mut values = Item::new();
    let mut set = Vec::new();
    if let Some(from) = staging.from {
        values.insert(":from".into(), number(from));
    }
    if staging.from != Some(staging.generation) {
        set.push("#generation = :generation");
        values.insert(":generation".into(), number(staging.generation));
        if staging.from.is_some() {
            set.push("#before = #version");
        }
    }
    match staging.draft {
        Draft::Goods(version) => {
            set.push("#version = :version");
            values.insert(":version".into(), attribute(version)?);
        }
        Draft::Brand(version) => {
            set.push("#version = :version");
            values.insert(":version".into(), attribute(version)?);
        }
        Draft::Presence(presence, at) => {
            set.extend(["#version.#presence = :presence", "#version.#changed_at = :at"]);
            values.insert(":presence".into(), AttributeValue::S(presence.as_str().into()));
            values.insert(":at".into(), AttributeValue::S(at.to_string()));
        }
        Draft::Revert => set.push("#version = #before"),
    }
    Ok((format!("SET {}", set.join(", ")), values))
}

/// Whether the row is what an earlier try of our own has made of it.
fn is_ours(item: Option<&Item>, staging: &Staging<'_>) -> bool {
    let Some(item) = item else { return false };
    let written = item.get("generation").and_then(|value| value.as_n().ok()?.parse::<u64>().ok());
    let version = item.get("version").and_then(|value| value.as_m().ok());
    let text = |name: &str| version.and_then(|version| version.get(name)?.as_s().ok()).map_or("", String::as_str);
    let shows = |hash: ContentHash, presence: Presence| {
        text("hash") == hash.to_string() && text("presence") == presence.as_str()
    };
    written == Some(staging.generation)
        && match staging.draft {
            Draft::Goods(version) => shows(version.hash, version.presence),
            Draft::Brand(version) => shows(version.hash, version.presence),
            Draft::Presence(presence, _) => text("presence") == presence.as_str(),
            Draft::Revert => false,
        }
}

fn history(run: &Run) -> Result<Item, StoreError> {
    let started_at = run.started_at.to_string();
    let changes = serde_json::to_string(&run.changes).map_err(|error| row::malformed("run", &error))?;
    let mut item = key(&format!("run#{started_at}"));
    item.insert(RUN_KIND.0.into(), AttributeValue::S(RUN_KIND.1.into()));
    item.insert("started_at".into(), AttributeValue::S(started_at));
    item.insert("run".into(), attribute(run)?);
    item.insert("changes".into(), AttributeValue::S(changes));
    Ok(item)
}

fn attribute(value: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| row::malformed("a new row", &error))
}

fn conflict(operation: &'static str) -> StoreError {
    StoreError::Unavailable { operation, code: "ConditionalCheckFailedException".into() }
}

fn unbuildable() -> StoreError {
    StoreError::Unavailable { operation: "TransactWriteItems", code: "a write without a key".into() }
}
