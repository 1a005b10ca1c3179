//! Lambda `catalog-sync`: copies Giftishow's catalogue and checks what is sold against it.
//!
//! A run reads all brands (0102), all pages of the goods (0101), and details (0112, 0111) of what is new or changed, one
//! request after the other. What differs from the table is written under the next generation, where nobody sees it; the last
//! step shows all of it at once. A run that is out of time, or finds that sends are waiting, saves its place and goes on in
//! the next invocation; one that is killed goes on from the last place that was saved. Nothing is written twice, because
//! every item is compared with what the commit would show.

mod ask;
mod convert;
mod finish;
mod guard;
mod items;
mod listings;
mod lists;
mod manners;
mod pictures;

use std::collections::HashMap;
use std::time::Duration;

use ask::Stop;
use catalog::{Counts, Held, Next, Place, Seen, Standing, Tally};
use lambda_runtime::LambdaEvent;
pub use listings::ReadListings;
pub use manners::{Manners, image_bucket, manners};
use payout::Moment;
pub use pictures::{Gallery, PictureFault};
use platform::{
    FindDue, Host, KeepPicture, ListRewards, ReadCatalog, ReadGoodsState, StoreError, Unfinished, WriteCatalog,
};
use serde::Serialize;
use serde_json::Value;

/// A run that takes longer than this, invocations and the time between them together, is given up.
const LONGEST_RUN: Duration = Duration::from_hours(24);
/// Invocations in which Giftishow did not answer, before a run is given up.
const MOST_FAILURES: u32 = 3;

/// What the function is given: made once at start.
pub struct CatalogSync<L, C, R, P, B, H> {
    /// The way to Giftishow.
    pub line: L,
    /// The catalogue's table.
    pub catalog: C,
    /// What is sold.
    pub rewards: R,
    /// The rows of payouts: sends go first.
    pub payouts: P,
    /// Where copies of pictures go, if anywhere.
    pub gallery: Option<Gallery<B>>,
    /// The machine.
    pub host: H,
    /// How politely to ask.
    pub manners: Manners,
}

/// The table, with all that a run does with it.
pub trait Catalog: ReadCatalog + WriteCatalog + ReadGoodsState {}
impl<T: ReadCatalog + WriteCatalog + ReadGoodsState> Catalog for T {}

/// What an invocation did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Synced {
    /// There was nothing to go on with.
    Idle,
    /// Readers see the catalogue as it is now.
    Complete {
        /// What the run did.
        tally: Tally,
        /// What it found of goods.
        goods: Counts,
        /// What it found of brands.
        brands: Counts,
        /// Active rewards that could not be paid as they are, or soon.
        rewards_at_risk: usize,
    },
    /// The run goes on in the next invocation.
    Unfinished {
        /// Why it stopped here.
        why: String,
        /// Where it goes on.
        next: Next,
        /// What it did so far.
        tally: Tally,
    },
    /// The run is not believed; readers see what they saw before.
    Held {
        /// Why, for a person.
        why: String,
        /// What it did.
        tally: Tally,
    },
}

/// One invocation. An event with `"only_unfinished": true` goes on with a run that is not finished and begins none; one with
/// `"may_shrink": true` is a person's word that a list may be much shorter than before.
pub async fn handle<L, C, R, P, B, H>(
    sync: &CatalogSync<L, C, R, P, B, H>,
    event: LambdaEvent<Value>,
) -> Result<Synced, StoreError>
where
    L: ReadListings,
    C: Catalog,
    R: ListRewards,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    let deadline = sync.host.deadline(event.context.deadline);
    let position = sync.catalog.position().await?;
    if position.unfinished.is_none() && event.payload["only_unfinished"] == true {
        return Ok(Synced::Idle);
    }
    let now = sync.host.now();
    let saved = position.unfinished.is_some();
    let Unfinished { mut place, seen } =
        position.unfinished.unwrap_or_else(|| Unfinished { place: Place::start(now), seen: Seen::default() });
    place.tally.invocations += 1;
    place.may_shrink |= event.payload["may_shrink"] == true;
    let known = sync.catalog.standings().await?;
    let mut run = Running {
        sync,
        committed: position.generation,
        known,
        place,
        seen,
        saved,
        started: now,
        deadline,
        asked: false,
        queue_seen_at: None,
        unanswered: 0,
    };
    if now.since(place.started_at) > LONGEST_RUN {
        return run.hold(Held::TooSlow).await;
    }
    match run.go().await {
        Ok(()) => run.complete().await,
        Err(Stop::Pause(why)) => run.pause(why).await,
        Err(Stop::Held(held)) => run.hold(held).await,
        Err(Stop::Unanswered(what)) => run.unanswered(what).await,
        Err(Stop::Store(error)) => Err(error),
    }
}

/// A run in one invocation.
struct Running<'s, L, C, R, P, B, H> {
    sync: &'s CatalogSync<L, C, R, P, B, H>,
    /// The generation that readers see; this run writes the next one.
    committed: u64,
    /// How every row stands, by its key.
    known: HashMap<String, Standing>,
    place: Place,
    /// Goods that stood on the pages so far.
    seen: Seen,
    /// Whether the table has this run's place.
    saved: bool,
    /// When this invocation began.
    started: Moment,
    /// When it must have ended.
    deadline: Moment,
    /// Whether Giftishow was asked in this invocation: the next request keeps its distance.
    asked: bool,
    /// When nothing was waiting to be sent.
    queue_seen_at: Option<Moment>,
    /// Details that stayed unanswered in this invocation.
    unanswered: u32,
}

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    L: ReadListings,
    C: Catalog,
    R: ListRewards,
    P: FindDue,
    B: KeepPicture,
    H: Host,
{
    /// Reads on from its place to the end of the catalogue.
    async fn go(&mut self) -> Result<(), Stop> {
        if self.place.next == Next::Brands {
            self.brands().await?;
            self.place.next = Next::Page(1);
        }
        while let Next::Page(number) = self.place.next {
            self.place.next = self.page(number).await?;
        }
        self.missing().await
    }
}
