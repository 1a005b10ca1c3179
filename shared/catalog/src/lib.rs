//! The catalogue's pure domain: no I/O, no async, no clock (`today` is an argument).
//!
//! | module | what |
//! | --- | --- |
//! | `item` | goods and brands with the fields of the specification |
//! | `hash` | the content hash that tells whether an item changed, however it is written |
//! | `version` | the two versions of a row, and what a reader sees of them |
//! | `plan` | what a run does about an item that it sees or misses |
//! | `seen` | which items a run that was interrupted had seen |
//! | `run` | the history of runs and the difference between two of them |
//! | `guard` | what is wrong with what is sold, and what may take its place |
//! | `search` | finding goods |
//!
//! # How readers see the last complete run
//! A row holds its latest `version`, the `generation` that wrote it, and the version `before`. One number, the committed
//! generation, says which of the two counts. A run writes its changes under the next generation, where nobody sees them,
//! and shows all of them at once by moving that number; a run that is held just does not move it. Since every run compares
//! with what its commit would show, what an earlier run has left behind is found and put right, however often runs are
//! killed.

mod guard;
mod hash;
mod item;
mod plan;
mod run;
mod search;
mod seen;
mod version;

pub use guard::{Risk, is_successor, risks, sale_ends_on};
pub use hash::ContentHash;
pub use item::{Brand, Goods, Kind, Krw, Picture, SaleState, Validity};
pub use plan::{Missing, Plan, Standing, Wanted};
pub use run::{
    Change, Counts, Difference, Held, Look, Next, Place, Run, Tally, changes, counts, difference, has_shrunk,
};
pub use search::{Found, Hit, Index, Internal, Page, Query, Sort, normalised};
pub use seen::Seen;
pub use version::{Glance, Presence, Version};
