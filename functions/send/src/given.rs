use giftishow::{Answer, CouponOutcome, SendOutcome, SendRequest, TransactionId};
use line::Giftishow;
use platform::{
    CatalogTable, ControlLine, ControlTable, CouponsTable, DrawCounters, Host, Machine, PayoutsTable, ReadCoupon,
    ReadGoodsState, ReadRecipient, ReadRewards, ReadSecret, ReadSituation, RecipientsTable, RewardsTable, Secret,
    SituationTables, WritePayouts,
};

use crate::lease::Lease;
use crate::recipients::Recipients;

/// What this function is given of the outside world.
pub trait Given {
    /// The way to Giftishow.
    type Giftishow: SendCoupon;
    /// The rows.
    type Payouts: WritePayouts;
    /// What must be known before anything is sent.
    type Situation: ReadSituation;
    /// The line, and the counters of the caps.
    type Control: ControlLine + DrawCounters;
    /// The coupons that the company shows its winners itself.
    type Coupons: ReadCoupon;
    /// What codes stand for.
    type Rewards: ReadRewards;
    /// How goods stand in the catalogue.
    type Goods: ReadGoodsState;
    /// Who stands behind user keys.
    type Recipients: ReadRecipient;
    /// What the key of coupons is made from.
    type Secret: ReadSecret;
    /// The machine.
    type Host: Host;
}

/// In the cloud.
#[derive(Debug)]
pub struct InTheCloud;

impl Given for InTheCloud {
    type Giftishow = Giftishow<Secret>;
    type Payouts = PayoutsTable;
    type Situation = SituationTables;
    type Control = ControlTable;
    type Coupons = CouponsTable;
    type Rewards = RewardsTable;
    type Goods = CatalogTable;
    type Recipients = Recipients<RecipientsTable, Secret>;
    type Secret = Secret;
    type Host = Machine;
}

/// Sends one coupon, and looks one up.
pub trait SendCoupon {
    /// 0204. The lease proves that nobody else sends this attempt.
    fn send(&self, lease: &Lease, request: &SendRequest) -> impl Future<Output = Answer<SendOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TransactionId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// For when the credentials were refused. Whether there are others to try now.
    fn read_credentials_again(&self) -> impl Future<Output = bool>;
}

impl<S: ReadSecret> SendCoupon for Giftishow<S> {
    async fn send(&self, _lease: &Lease, request: &SendRequest) -> Answer<SendOutcome> {
        Giftishow::send(self, request).await
    }

    async fn look_up(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn read_credentials_again(&self) -> bool {
        Giftishow::read_credentials_again(self).await
    }
}
