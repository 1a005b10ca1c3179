use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use catalog::{Goods, Kind, Presence, Seen, Standing};

use super::row::{self, Glanced, Row, Shown};
use super::write::Unfinished;
use super::{CatalogTable, HEAD, Item, UNFINISHED, key};
use crate::error::StoreError;

/// BatchGetItem may leave keys unread when it is throttled; asked again this often.
const MOST_ROUNDS: usize = 3;

/// Reads what a run must know, and all goods.
pub trait ReadCatalog {
    /// Which generation readers see, and the run that is not finished, if any. One request.
    fn position(&self) -> impl Future<Output = Result<Position, StoreError>>;

    /// How every row of goods and brands stands, by its key. Holds about 300 bytes of each.
    fn standings(&self) -> impl Future<Output = Result<HashMap<String, Standing>, StoreError>>;

    /// Hands over all goods that readers of this generation see, withdrawn ones included, a page of the table at a time and in
    /// no order.
    fn each_goods(
        &self,
        generation: u64,
        each: &mut dyn FnMut(Presence, Goods),
    ) -> impl Future<Output = Result<(), StoreError>>;
}

/// Reads how goods stand, for whoever sells them.
pub trait ReadGoodsState {
    /// The goods of this code; `None` if the catalogue has never had them. One request (a `BatchGetItem` of two rows: the
    /// goods, and which generation counts).
    fn goods_state(&self, code: &str, view: View) -> impl Future<Output = Result<Option<GoodsState>, StoreError>>;
}

/// Where the catalogue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The generation that readers see; 0 before the first complete run.
    pub generation: u64,
    /// The run that is not finished.
    pub unfinished: Option<Unfinished>,
}

/// Which version of a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// That of the last complete run.
    Committed,
    /// The latest, complete or not: what the next commit would show.
    Latest,
}

/// How goods stand.
#[derive(Clone, Debug, PartialEq)]
pub struct GoodsState {
    /// Whether Giftishow still has them.
    pub presence: Presence,
    /// State, price and everything else.
    pub goods: Goods,
}

impl GoodsState {
    /// Whether they are gone, so that nothing may be sent.
    pub fn is_withdrawn(&self) -> bool {
        self.presence == Presence::Withdrawn
    }
}

impl ReadCatalog for CatalogTable {
    async fn position(&self) -> Result<Position, StoreError> {
        let mut rows = self.rows(&[HEAD, UNFINISHED], None).await?;
        let unfinished = rows.remove(UNFINISHED).map(Unfinished::of_row).transpose()?.flatten();
        Ok(Position { generation: generation(rows.get(HEAD)), unfinished })
    }

    async fn standings(&self) -> Result<HashMap<String, Standing>, StoreError> {
        let mut standings = HashMap::new();
        self.scan(row::GLANCES, |item| {
            let row: Row<Glanced> = row::read(item)?;
            let id = row.id.clone();
            standings.insert(id, row.into());
            Ok(())
        })
        .await?;
        Ok(standings)
    }

    async fn each_goods(&self, generation: u64, each: &mut dyn FnMut(Presence, Goods)) -> Result<(), StoreError> {
        self.scan(row::GOODS, |item| {
            if Kind::of_key(id(&item)).is_some_and(|(kind, _)| kind == Kind::Goods) {
                let row: Row<Shown> = row::read(item)?;
                if let Some(shown) = row.visible(generation) {
                    each(shown.presence, shown.item);
                }
            }
            Ok(())
        })
        .await
    }
}

impl ReadGoodsState for CatalogTable {
    async fn goods_state(&self, code: &str, view: View) -> Result<Option<GoodsState>, StoreError> {
        let wanted = Kind::Goods.key(code);
        let mut rows = self.rows(&[HEAD, &wanted], Some(row::GOODS)).await?;
        let generation = match view {
            View::Committed => generation(rows.get(HEAD)),
            View::Latest => u64::MAX,
        };
        let row = rows.remove(&wanted).map(row::read::<Row<Shown>>).transpose()?;
        let shown = row.and_then(|row| row.visible(generation));
        Ok(shown.map(|Shown { presence, item }| GoodsState { presence, goods: item }))
    }
}

fn generation(head: Option<&Item>) -> u64 {
    head.and_then(|row| row.get("generation")?.as_n().ok()?.parse().ok()).unwrap_or_default()
}

fn id(item: &Item) -> &str {
    item.get("id").and_then(|id| id.as_s().ok()).map_or("", String::as_str)
}

impl CatalogTable {
    /// A few rows by their keys, consistently.
    async fn rows(&self, ids: &[&str], only: Option<&str>) -> Result<HashMap<String, Item>, StoreError> {
        let mut found = HashMap::new();
        let mut missing: Vec<Item> = ids.iter().map(|id| key(id)).collect();
        for _ in 0..MOST_ROUNDS {
            if missing.is_empty() {
                break;
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut missing)))
                .consistent_read(true)
                .set_projection_expression(only.map(str::to_owned))
                .set_expression_attribute_names(only.map(row::names))
                .build()
                .map_err(|_| StoreError::Unavailable { operation: "BatchGetItem", code: "no keys".into() })?;
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = request.send().await.map_err(|error| StoreError::unavailable("BatchGetItem", &error))?;
            let items = answer.responses.unwrap_or_default().into_values().flatten();
            found.extend(items.map(|item| (id(&item).to_owned(), item)));
            missing = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|keys| keys.keys).collect();
        }
        if missing.is_empty() {
            return Ok(found);
        }
        Err(StoreError::Unavailable { operation: "BatchGetItem", code: "keys left unread".into() })
    }

    /// These attributes of every row of goods and brands, a page at a time.
    async fn scan(&self, only: &str, mut each: impl FnMut(Item) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut page = None;
        loop {
            let request = self.client.scan().table_name(&self.name).consistent_read(true);
            let request = request.projection_expression(only).set_expression_attribute_names(Some(row::names(only)));
            let answer = request
                .set_exclusive_start_key(page)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Scan", &error))?;
            let items = answer.items.unwrap_or_default().into_iter();
            items.filter(|item| Kind::of_key(id(item)).is_some()).try_for_each(&mut each)?;
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() {
                return Ok(());
            }
        }
    }
}

impl Unfinished {
    /// `None` once the run has ended.
    fn of_row(mut row: Item) -> Result<Option<Self>, StoreError> {
        let Some(place) = row.remove("place") else { return Ok(None) };
        let place = serde_dynamo::from_attribute_value(place).map_err(|error| row::malformed(UNFINISHED, &error))?;
        let seen = row.remove("seen").and_then(|seen| seen.as_b().ok().map(|bytes| Seen::from_bytes(bytes.as_ref())));
        Ok(Some(Self { place, seen: seen.unwrap_or_default() }))
    }
}
