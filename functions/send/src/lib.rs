//! Lambda `send`: stream records of the table `payouts` become coupons.
//!
//! Each record is a wake-up for one row (rule 7): the row is claimed by a conditional write, its coupon is sent once, and what
//! came back is recorded. Claims come one after the other; up to `SEND_CONCURRENCY` sends are in flight beside them
//! (rule 11).

mod batch;
mod claim;
mod deliver;
mod drawn;
mod given;
mod goods;
mod handle;
mod hours;
mod lease;
mod line_health;
mod recipients;
mod request;
mod side_by_side;
#[cfg(test)]
mod tests;

use std::time::Duration;

use payout::{Fuse, Rules, SendHours};
use platform::{CouponSealer, RewardCache};

pub use batch::{Batch, BatchResponse, Record};
pub use given::{Given, InTheCloud, SendCoupon};
pub use goods::GoodsCache;
pub use handle::handle;
pub use lease::Lease;
pub use recipients::Recipients;

/// What the function is given: made once at start.
pub struct Sender<G: Given> {
    /// The way to Giftishow.
    pub line: G::Giftishow,
    /// The rows.
    pub payouts: G::Payouts,
    /// What must be known before anything is sent.
    pub situation: G::Situation,
    /// The line, and the counters of the caps.
    pub control: G::Control,
    /// The coupons that the company shows its winners itself.
    pub coupons: G::Coupons,
    /// What codes stand for.
    pub rewards: RewardCache<G::Rewards>,
    /// How the goods of a reward stand.
    pub goods: GoodsCache<G::Goods>,
    /// Who stands behind user keys.
    pub recipients: G::Recipients,
    /// Seals what the company shows its winners itself.
    pub sealer: CouponSealer<G::Secret>,
    /// The rules of payouts.
    pub rules: Rules,
    /// The caps of the whole line.
    pub fuse: Fuse,
    /// Rule 3: how long a lease outlives the invocation that holds it.
    pub lease_margin: Duration,
    /// How long after a win its recipient may register.
    pub recipient_wait: Duration,
    /// When winners are texted, unless a reward says otherwise.
    pub send_hours: SendHours,
    /// Rule 11: sends at a time.
    pub concurrency: usize,
    /// The machine.
    pub host: G::Host,
}
