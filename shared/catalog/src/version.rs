use payout::Moment;
use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::item::{Goods, Krw, SaleState};

/// Whether Giftishow still has an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It stood in the list of the last complete run.
    Listed,
    /// It was missing once, but its detail was still there and on sale: either it moved while the pages were read, or it is on
    /// its way out. The next complete run decides.
    Unlisted,
    /// It is gone. Rows are never deleted, so that what was sold can still be named.
    Withdrawn,
}

impl Presence {
    /// As the row writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One version of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version<T> {
    /// Hash of the list's item.
    pub hash: ContentHash,
    /// Whether Giftishow still has it.
    pub presence: Presence,
    /// When this version was written.
    pub changed_at: Moment,
    /// Whether its detail was read; asked again in every run until it is.
    pub described: bool,
    /// Whether all its pictures were copied; tried again in every run while there is somewhere to copy them to.
    #[serde(default)]
    pub mirrored: bool,
    /// The item.
    pub item: T,
    /// The list's item as it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The detail as it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_detail: Option<String>,
}

impl<T> Version<T> {
    /// What a run keeps of it in memory. `sale` is what only goods have.
    pub fn glance(&self, sale: impl FnOnce(&T) -> (Option<SaleState>, Option<Krw>)) -> Glance {
        let (state, price) = sale(&self.item);
        let Self { hash, presence, described, mirrored, .. } = *self;
        Glance { hash, presence, described, mirrored, state, price }
    }
}

impl Goods {
    /// State and price, for [`Version::glance`].
    pub fn sale(&self) -> (Option<SaleState>, Option<Krw>) {
        (Some(self.state), self.price())
    }
}

/// A version in a few bytes: a run holds that of every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Hash of the list's item.
    pub hash: ContentHash,
    /// Whether Giftishow still has it.
    pub presence: Presence,
    /// Whether its detail was read.
    pub described: bool,
    /// Whether all its pictures were copied.
    pub mirrored: bool,
    /// `goodsStateCd`; brands have none.
    pub state: Option<SaleState>,
    /// What a send costs; brands have none.
    pub price: Option<Krw>,
}
