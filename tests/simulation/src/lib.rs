//! The functions' own handlers in virtual time, on one thread, under every fault, judged by the ledger of a fake Giftishow.
//!
//! One seed is one history: wins, what goes wrong, and when. Nothing of the functions' logic is written a second time here: a
//! history runs [`callback::respond`], [`send::handle`] and [`sweeper::handle`] over capabilities that decide from the seed
//! when (and whether) an effect happens, when (and whether) its answer comes, and what the process meets meanwhile. People
//! decide by the same [`operation::Facts`] as in the product, at any moment and on what may be stale. Faults end
//! at a horizon; then the history runs until nothing is due, and the judge looks at the ledger, the rows and the alarms.

mod bleepy;
mod caps;
mod clock;
mod deliveries;
mod engine;
mod faults;
mod happenings;
mod judge;
mod names;
mod operator;
mod pace;
mod port;
mod profile;
mod random;
mod requests;
mod simulation;
pub mod store;
mod story;
mod trace;
mod vendor;
mod weakness;
mod windows;
mod wins;
mod workers;
mod world;

/// Rows are made of small texts, and a history is made of rows: a third of its time is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use faults::{Fault, Hits};
pub use judge::{Ends, Violation};
pub use pace::Slowest;
pub use profile::Profile;
pub use simulation::{Failure, Replay, Simulation, Tally};
pub use story::Story;
pub use weakness::Weakness;
pub use world::Settings;
