use giftishow::{Answer, BalanceOutcome, CancelOutcome, CouponOutcome, TransactionId};
use line::Giftishow;
use platform::{
    ControlLine, ControlTable, CountAttention, FindDue, Heartbeat, Host, KeepTime, Machine, PayoutsTable, ReadPayout,
    ReadSecret, Secret, SendFunction, WakeSend, WritePayouts,
};

/// What this function is given of the outside world.
pub trait Given {
    /// The way to Giftishow.
    type Giftishow: CancelCoupon;
    /// The rows.
    type Payouts: FindDue + CountAttention + ReadPayout + WritePayouts;
    /// Whether the line is open.
    type Control: ControlLine;
    /// The heartbeat of the table of payouts, and the lease of the one sweep.
    type Time: KeepTime;
    /// The function that sends.
    type Send: WakeSend;
    /// The machine.
    type Host: Host;
}

/// In the cloud.
#[derive(Debug)]
pub struct InTheCloud;

impl Given for InTheCloud {
    type Giftishow = Giftishow<Secret>;
    type Payouts = PayoutsTable;
    type Control = ControlTable;
    type Time = Heartbeat;
    type Send = SendFunction;
    type Host = Machine;
}

/// Cancels one coupon, looks one up, and asks for the balance.
pub trait CancelCoupon {
    /// 0202.
    fn cancel(&self, tr_id: &TransactionId) -> impl Future<Output = Answer<CancelOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TransactionId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// 0301: the probe of a paused line.
    fn balance(&self) -> impl Future<Output = Answer<BalanceOutcome>>;
    /// For when the credentials were refused. Whether there are others to try now.
    fn read_credentials_again(&self) -> impl Future<Output = bool>;
}

impl<S: ReadSecret> CancelCoupon for Giftishow<S> {
    async fn cancel(&self, tr_id: &TransactionId) -> Answer<CancelOutcome> {
        Giftishow::cancel(self, tr_id).await
    }

    async fn look_up(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn balance(&self) -> Answer<BalanceOutcome> {
        Giftishow::balance(self).await
    }

    async fn read_credentials_again(&self) -> bool {
        Giftishow::read_credentials_again(self).await
    }
}
