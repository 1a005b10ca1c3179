//! What can happen to the catalogue while somebody reads it.

use serde::{Deserialize, Serialize};

use super::goods::{Goods, PriceForm};

/// One change. Positions count from 0, in the order in which 0101 lists.
///
/// As JSON `{"change":"withdraw","code":"G00000000001"}`, with the fields below.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum CatalogueChange {
    /// The code is gone: not listed, not described, not orderable.
    Withdraw {
        /// Which goods.
        code: String,
    },
    /// The code is gone, and another stands in its place with the same name, brand and price.
    Replace {
        /// Which goods.
        code: String,
        /// Their new code.
        successor: String,
    },
    /// Orders from now on cost this much.
    ChangePrice {
        /// Which goods.
        code: String,
        /// The new price, in won.
        won: u64,
    },
    /// Listed as `SUS`, and not orderable.
    Suspend {
        /// Which goods.
        code: String,
    },
    /// Listed as `SALE` again.
    Resume {
        /// Which goods.
        code: String,
    },
    /// New goods at the end of the list; goods of the same code are replaced where they stand.
    Add {
        /// The goods.
        goods: Goods,
    },
    /// The goods move within the list, and everything between shifts by one: what a reader between two pages misses or sees twice.
    Move {
        /// Which goods.
        code: String,
        /// Their new position; past the end is the end.
        to: usize,
    },
    /// The goods are listed a second time.
    Repeat {
        /// Which goods.
        code: String,
        /// Position of the second listing; past the end is the end.
        at: usize,
    },
    /// The list ends after so many goods, or no longer does (`null`). What is not listed can still be ordered.
    Shrink {
        /// How many goods are listed at most.
        keep: Option<usize>,
    },
    /// How the prices of the goods are written.
    WritePriceAs {
        /// Which goods.
        code: String,
        /// In which form.
        form: PriceForm,
    },
}

/// A change now, or right after 0101 has served a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlannedChange {
    #[serde(flatten)]
    pub(crate) change: CatalogueChange,
    #[serde(default)]
    pub(crate) after_page: Option<u64>,
}
