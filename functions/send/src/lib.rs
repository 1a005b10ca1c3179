//! Lambda `send`: stream records of the table `payouts` become coupons.
//!
//! Each record is a wake-up for one row (rule 7): the row is claimed by a conditional write, its coupon is sent once, and what
//! came back is recorded. One record after the other, so that as many sends are in flight as the function has instances.

mod batch;
mod deliver;
mod lease;
mod request;

use std::convert::Infallible;
use std::time::Duration;

use giftishow::{Answer, CouponOutcome, SendOutcome, SendRequest, TrId};
use lambda_runtime::LambdaEvent;
use line::Line;
use payout::Rules;
use platform::{Host, Metric, ReadRecipient, ReadRewards, ReadSecret, RewardCache, WritePayouts};

pub use batch::{Batch, BatchResponse};
pub use lease::Lease;

/// What the function is given: made once at start.
pub struct Sender<L, P, R, U, H> {
    /// The way to Giftishow.
    pub line: L,
    /// The rows.
    pub payouts: P,
    /// What codes stand for.
    pub rewards: RewardCache<R>,
    /// Who stands behind user keys.
    pub recipients: U,
    /// The rules of payouts.
    pub rules: Rules,
    /// Rule 3: how long a lease outlives the invocation that holds it.
    pub lease_margin: Duration,
    /// The machine.
    pub host: H,
}

/// Sends one coupon, and looks one up.
pub trait SendCoupon {
    /// 0204. The lease proves that nobody else sends this attempt.
    fn send(&self, lease: &Lease, request: &SendRequest) -> impl Future<Output = Answer<SendOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TrId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// For when the credentials were refused.
    fn read_credentials_again(&self) -> impl Future<Output = ()>;
}

impl<S: ReadSecret> SendCoupon for Line<S> {
    async fn send(&self, _lease: &Lease, request: &SendRequest) -> Answer<SendOutcome> {
        Line::send(self, request).await
    }

    async fn look_up(&self, tr_id: &TrId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn read_credentials_again(&self) {
        Line::read_credentials_again(self).await;
    }
}

/// Drives every row of the batch as far as it goes and names the records that must come again.
pub async fn handle<L, P, R, U, H>(
    sender: &Sender<L, P, R, U, H>,
    event: LambdaEvent<Batch>,
) -> Result<BatchResponse, Infallible>
where
    L: SendCoupon,
    P: WritePayouts,
    R: ReadRewards,
    U: ReadRecipient,
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
