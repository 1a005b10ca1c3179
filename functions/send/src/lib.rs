//! Lambda `send`: stream records of the table `payouts` become coupons.
//!
//! Each record is a wake-up for one row (rule 7): the row is claimed by a conditional write, its coupon is sent once, and what
//! came back is recorded. One record after the other, so that as many sends are in flight as the function has instances.

mod batch;
mod claim;
mod deliver;
mod goods;
mod lease;
mod line_health;
mod recipients;
mod request;

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use giftishow::{Answer, CouponOutcome, SendOutcome, SendRequest, TrId};
use lambda_runtime::LambdaEvent;
use line::Line;
use payout::{Fuse, Rules};
use platform::{
    ControlLine, CouponSealer, Host, Metric, ReadCoupon, ReadGoodsState, ReadRecipient, ReadRewards, ReadSecret,
    RewardCache, WritePayouts,
};

pub use batch::{Batch, BatchResponse, Record};
pub use goods::GoodsCache;
pub use lease::Lease;
pub use recipients::Recipients;

/// What the function is given: made once at start.
pub struct Sender<L, P, C, K, R, G, U, S, H> {
    /// The way to Giftishow.
    pub line: L,
    /// The rows.
    pub payouts: P,
    /// Whether the line is open.
    pub control: C,
    /// The coupons that the company shows its winners itself.
    pub coupons: K,
    /// What codes stand for.
    pub rewards: RewardCache<R>,
    /// Whether the goods of a reward can still be had.
    pub goods: GoodsCache<G>,
    /// Who stands behind user keys.
    pub recipients: U,
    /// Seals what the company shows its winners itself.
    pub sealer: CouponSealer<S>,
    /// The rules of payouts.
    pub rules: Rules,
    /// The caps of the whole line.
    pub fuse: Fuse,
    /// Rule 3: how long a lease outlives the invocation that holds it.
    pub lease_margin: Duration,
    /// The machine.
    pub host: H,
    /// Whether sends before this one went without an answer, as far as this process knows; a new one knows nothing.
    pub disturbed: AtomicBool,
}

/// Sends one coupon, and looks one up.
pub trait SendCoupon {
    /// 0204. The lease proves that nobody else sends this attempt.
    fn send(&self, lease: &Lease, request: &SendRequest) -> impl Future<Output = Answer<SendOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TrId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// For when the credentials were refused. Whether there are others to try now.
    fn read_credentials_again(&self) -> impl Future<Output = bool>;
}

impl<S: ReadSecret> SendCoupon for Line<S> {
    async fn send(&self, _lease: &Lease, request: &SendRequest) -> Answer<SendOutcome> {
        Line::send(self, request).await
    }

    async fn look_up(&self, tr_id: &TrId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn read_credentials_again(&self) -> bool {
        Line::read_credentials_again(self).await
    }
}

/// Drives every row of the batch as far as it goes and names the records that must come again.
pub async fn handle<L, P, C, K, R, G, U, S, H>(
    sender: &Sender<L, P, C, K, R, G, U, S, H>,
    event: LambdaEvent<Batch>,
) -> Result<BatchResponse, Infallible>
where
    L: SendCoupon,
    P: WritePayouts,
    C: ControlLine,
    K: ReadCoupon,
    R: ReadRewards,
    G: ReadGoodsState,
    U: ReadRecipient,
    S: ReadSecret,
    H: Host,
{
    let deadline = sender.host.deadline(event.context.deadline);
    let mut response = BatchResponse::default();
    for record in event.payload.records {
        match record.attempt() {
            Ok(attempt) => {
                if let Err(again) = sender.deliver(attempt, deadline).await {
                    tracing::warn!("A record must come again: {again}.");
                    response.fail(record.sequence_number());
                }
            }
            Err(why) => {
                sender.host.count(Metric::RecordsUnreadable, 1);
                tracing::error!(
                    sequence_number = record.sequence_number(),
                    why,
                    "A stream record cannot be read; the sweeper drives its row, if there is one."
                );
                response.fail(record.sequence_number());
            }
        }
    }
    Ok(response)
}
