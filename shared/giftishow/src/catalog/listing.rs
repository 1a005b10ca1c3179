//! Reading the four answers of the catalogue.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::item::{self, Item, UnreadableItem};
use crate::codes::Code;
use crate::evidence::TransportFault;
use crate::wire::{self, Envelope};

/// The items of one answer. One that cannot be read does not spoil the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    /// `listNum`, as answered: the total for some accounts, the size of this answer for others. Never steer by it.
    pub list_num: Option<i64>,
    /// What could be read, in the order of the answer.
    pub items: Vec<T>,
    /// What could not.
    pub unreadable: Vec<UnreadableItem>,
}

impl<T> Listing<T> {
    /// How many items the answer had, readable or not. Less than the size of the page that was asked for: probably the last.
    pub fn len(&self) -> usize {
        self.items.len() + self.unreadable.len()
    }

    /// Whether the answer had no item at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn empty() -> Self {
        Self { list_num: None, items: Vec::new(), unreadable: Vec::new() }
    }
}

/// What an answer of the catalogue holds.
pub(crate) enum Held<T> {
    /// Not JSON of the expected form.
    Unreadable(TransportFault),
    /// No code, or success without what it should come with.
    Nothing(Option<Code>),
    /// A code that is not success.
    Failure(Code),
    /// Success and what it came with.
    Content(T),
}

/// `result` of all four; a code in it is not documented, but other APIs of this service have one there.
#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, deserialize_with = "wire::scalar")]
    code: Option<String>,
    #[serde(rename = "listNum", default, deserialize_with = "wire::scalar")]
    list_num: Option<String>,
    #[serde(rename = "goodsList", alias = "brandList", default, borrow)]
    list: Option<Vec<&'a RawValue>>,
    #[serde(rename = "goodsDetail", alias = "brandDetail", default, borrow)]
    detail: Option<&'a RawValue>,
}

fn held<T>(json: &str, take: impl FnOnce(Content<'_>) -> Option<Held<T>>) -> Held<T> {
    let Some(outer) = Envelope::read(json) else {
        return Held::Unreadable(TransportFault::BodyUnreadable);
    };
    match outer.code {
        None => return Held::Nothing(None),
        Some(Code::Success) => {}
        Some(code) => return Held::Failure(code),
    }
    let Some(content) = outer.result.and_then(|result| wire::object::<Content<'_>>(result.get())) else {
        return Held::Nothing(Some(Code::Success));
    };
    match content.code.as_deref().map(Code::from_wire) {
        Some(code) if code != Code::Success => Held::Failure(code),
        _ => take(content).unwrap_or(Held::Nothing(Some(Code::Success))),
    }
}

/// Reads a list. Only a list that is there counts, even if it is empty.
pub(crate) fn list<T: Item>(json: &str) -> Held<Listing<T>> {
    held(json, |content| {
        let list = content.list?;
        let list_num = wire::won(content.list_num.as_ref());
        let mut listing = Listing { list_num, items: Vec::with_capacity(list.len()), unreadable: Vec::new() };
        for (index, raw) in list.into_iter().enumerate() {
            match T::read(raw) {
                Ok(item) => listing.items.push(item),
                Err(fault) => listing.unreadable.push(UnreadableItem { index, fault, raw: item::raw(raw) }),
            }
        }
        Some(Held::Content(listing))
    })
}

/// Reads a single item.
pub(crate) fn detail<T: Item>(json: &str) -> Held<T> {
    held(json, |content| {
        let item = T::read(content.detail?);
        Some(item.map_or(Held::Unreadable(TransportFault::BodyUnreadable), Held::Content))
    })
}
