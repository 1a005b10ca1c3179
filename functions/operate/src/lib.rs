//! Lambda `operate`: the one door for people.
//!
//! It carries out one [`operation::Operation`] and answers an [`operation::Outcome`] or an [`operation::Refusal`], through its
//! URL (signed by an IAM principal) or invoked by the back office (for a person who signed in there). Whoever asks is known
//! by the door, may what [`operation::may`] says, and is recorded: every change of a payout goes through the one transition
//! function and into its row in one transaction with its record.
//!
//! It never cancels: a cancel is an order on the row, for the sweeper (rules 9 and 10).

mod approve;
mod audit;
mod bulk;
mod change;
mod check;
mod cloud;
mod coupon;
mod door;
mod find;
mod gate;
mod given;
mod grant;
mod korea;
mod line;
mod list;
mod look;
mod money;
mod order;
mod orders;
mod payout;
mod recipients;
mod report;
mod resend;
mod restore;
mod rewards;
mod settings;
mod stack;
#[cfg(test)]
mod tests;

use ::payout::{Rules, TrIdScheme};
use platform::{CouponSealer, RecipientKeys};

pub use cloud::in_the_cloud;
pub use door::{Response, handle};
pub use given::{AskGiftishow, Given, InTheCloud, LazyGiftishow, OpenRestored, RestoredTables};
pub use settings::{Settings, settings};

/// What the function is given: made once at start.
pub struct Operate<G: Given> {
    /// The way to Giftishow: look-ups, resends, the balance; no sends and no cancels.
    pub giftishow: G::Giftishow,
    /// The rows.
    pub payouts: G::Payouts,
    /// Copies of the rows that a person has restored.
    pub restored: G::Restored,
    /// The line, the resends, what is lost.
    pub control: G::Control,
    /// The heartbeat of the table of payouts.
    pub time: G::Time,
    /// What compares the balance with the rows.
    pub reconciler: G::Reconciler,
    /// What codes stand for.
    pub rewards: G::Rewards,
    /// The catalogue.
    pub catalog: G::Catalog,
    /// Who stands behind user keys.
    pub recipients: G::Recipients,
    /// What winners are found by.
    pub recipient_keys: RecipientKeys<G::Secret>,
    /// Coupons that the company shows itself.
    pub coupons: G::Coupons,
    /// What they are sealed with.
    pub sealer: CouponSealer<G::Secret>,
    /// Who did what.
    pub audit: G::Audit,
    /// How tr_ids are made.
    pub scheme: TrIdScheme,
    /// The rules of payouts.
    pub rules: Rules,
    /// Everything else that can be set.
    pub settings: Settings,
    /// The machine.
    pub host: G::Host,
}
