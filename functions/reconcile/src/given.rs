use giftishow::{Answer, BalanceOutcome, CouponOutcome, TransactionId};
use line::Giftishow;
use platform::{
    AlarmTopic, CatalogTable, ControlTable, CountAttention, FindDue, Host, KeepMoney, ListPayouts, ListRewards,
    Machine, PayoutsTable, Publish, ReadGoodsState, ReadMoney, ReadPayout, ReadSecret, RewardsTable, Secret,
};

/// What this function is given of the outside world.
pub trait Given {
    /// The way to Giftishow.
    type Giftishow: AskMoney;
    /// The rows.
    type Payouts: ListPayouts + FindDue + CountAttention + ReadPayout;
    /// The snapshots.
    type Control: ReadMoney + KeepMoney;
    /// What is sold.
    type Rewards: ListRewards;
    /// What it costs.
    type Goods: ReadGoodsState;
    /// Who is told.
    type Topic: Publish;
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
    type Rewards = RewardsTable;
    type Goods = CatalogTable;
    type Topic = AlarmTopic;
    type Host = Machine;
}

/// Asks for the balance, and looks a coupon up. Neither costs anything.
pub trait AskMoney {
    /// 0301.
    fn balance(&self) -> impl Future<Output = Answer<BalanceOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TransactionId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// For when the credentials were refused. Whether there are others to try now.
    fn read_credentials_again(&self) -> impl Future<Output = bool>;
}

impl<S: ReadSecret> AskMoney for Giftishow<S> {
    async fn balance(&self) -> Answer<BalanceOutcome> {
        Giftishow::balance(self).await
    }

    async fn look_up(&self, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn read_credentials_again(&self) -> bool {
        Giftishow::read_credentials_again(self).await
    }
}
