//! The table `catalog`: goods, brands, the history of runs, and which generation readers see.
//!
//! | row | holds |
//! | --- | --- |
//! | `goods#<code>`, `brand#<code>` | `version`, the `generation` that wrote it, and the version `before` |
//! | `head#committed` | the `generation` that readers see: rows of a later one show what was before |
//! | `head#unfinished` | the `place` of a run that is not finished, and whom it has `seen` |
//! | `run#<moment>` | one `run` of the history, and its `changes`; found through the index `runs` |

mod history;
mod read;
mod row;
mod write;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::aws::Aws;

pub use history::ReadRuns;
pub use read::{GoodsState, Position, ReadCatalog, ReadGoodsState, View};
pub use write::{Draft, Staging, Unfinished, WriteCatalog};

/// The row of the committed generation.
const HEAD: &str = "head#committed";
/// The row of a run that is not finished.
const UNFINISHED: &str = "head#unfinished";
/// Attribute that only runs have, and its value: the partition of the index `runs`.
const RUN_KIND: (&str, &str) = ("run_kind", "catalog");

/// The table `catalog`.
pub struct CatalogTable {
    client: Client,
    name: String,
}

impl CatalogTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

type Item = std::collections::HashMap<String, AttributeValue>;

/// The key of a row.
fn key(id: &str) -> Item {
    Item::from([("id".to_owned(), AttributeValue::S(id.to_owned()))])
}
