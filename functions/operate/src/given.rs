use giftishow::{Answer, BalanceOutcome, BaseUrl, CouponOutcome, ResendOutcome, TransactionId};
use line::Giftishow;
use payout::Rules;
use platform::{
    AuditTable, Aws, CatalogTable, ConfirmTopUp, ControlLine, ControlTable, CountAttention, CouponsTable, FindBuried,
    FindPayouts, FindRegistered, Heartbeat, Host, KeepTime, LimitResends, ListAttention, ListPayouts, Machine,
    MarkLost, PayoutsTable, ReadAudit, ReadCoupon, ReadGoodsState, ReadMoney, ReadPayout, ReadRegistrations,
    ReadRewardRows, ReadRuns, ReadSecret, RecipientsTable, ReconcileFunction, RewardsTable, ScanPayouts, Secret,
    TakeMoney, WriteAudit, WritePayouts, WriteRegistrations, WriteRewards,
};
use tokio::sync::OnceCell;

/// What this function is given of the outside world.
pub trait Given {
    /// The way to Giftishow.
    type Giftishow: AskGiftishow;
    /// The rows.
    type Payouts: ReadPayout + FindPayouts + ListPayouts + ListAttention + CountAttention + ScanPayouts + WritePayouts;
    /// Copies of the rows.
    type Restored: OpenRestored;
    /// The line, the resends, what is lost, what is buried, the snapshots of the balance.
    type Control: ControlLine + LimitResends + MarkLost + FindBuried + ReadMoney + ConfirmTopUp;
    /// The heartbeat of the table of payouts.
    type Time: KeepTime;
    /// What compares the balance with the rows.
    type Reconciler: TakeMoney;
    /// What codes stand for.
    type Rewards: ReadRewardRows + WriteRewards;
    /// The catalogue.
    type Catalog: ReadGoodsState + ReadRuns;
    /// Who stands behind user keys.
    type Recipients: ReadRegistrations + WriteRegistrations + FindRegistered;
    /// Coupons that the company shows itself.
    type Coupons: ReadCoupon;
    /// Who did what.
    type Audit: WriteAudit + ReadAudit;
    /// What keys are made from.
    type Secret: ReadSecret;
    /// The machine.
    type Host: Host;
}

/// In the cloud.
#[derive(Debug)]
pub struct InTheCloud;

impl Given for InTheCloud {
    type Giftishow = LazyGiftishow<Secret>;
    type Payouts = PayoutsTable;
    type Restored = RestoredTables;
    type Control = ControlTable;
    type Time = Heartbeat;
    type Reconciler = ReconcileFunction;
    type Rewards = RewardsTable;
    type Catalog = CatalogTable;
    type Recipients = RecipientsTable;
    type Coupons = CouponsTable;
    type Audit = AuditTable;
    type Secret = Secret;
    type Host = Machine;
}

/// Asks Giftishow what people may have it asked. The error says, in a few words, why it cannot be asked at all.
pub trait AskGiftishow {
    /// 0201.
    fn look_up(&self, tr_id: &TransactionId) -> impl Future<Output = Result<Answer<CouponOutcome>, String>>;
    /// 0203.
    fn resend(&self, tr_id: &TransactionId) -> impl Future<Output = Result<Answer<ResendOutcome>, String>>;
    /// 0301.
    fn balance(&self) -> impl Future<Output = Result<Answer<BalanceOutcome>, String>>;
    /// Whose account it is, masked.
    fn account(&self) -> impl Future<Output = Result<String, String>>;
}

/// Giftishow once it is needed: before its secret is filled, people must be able to ask what is missing.
pub struct LazyGiftishow<S> {
    base_url: BaseUrl,
    rules: Rules,
    secret: S,
    opened: OnceCell<Giftishow<S>>,
}

impl<S: ReadSecret + Clone> LazyGiftishow<S> {
    /// Asks nothing yet.
    pub fn new(base_url: BaseUrl, rules: Rules, secret: S) -> Self {
        Self { base_url, rules, secret, opened: OnceCell::new() }
    }

    async fn open(&self) -> Result<&Giftishow<S>, String> {
        let open = async || Giftishow::open(self.base_url.clone(), &self.rules, self.secret.clone()).await;
        self.opened.get_or_try_init(open).await.map_err(|error| error.to_string())
    }
}

/// Asked a second time if the credentials were refused and the secret holds others by now.
macro_rules! with_fresh_credentials {
    ($giftishow:expr, $refused:pat, $ask:expr) => {{
        let answer = $ask.await;
        if matches!(answer.outcome, $refused) && $giftishow.read_credentials_again().await {
            $ask.await
        } else {
            answer
        }
    }};
}

impl<S: ReadSecret + Clone> AskGiftishow for LazyGiftishow<S> {
    async fn look_up(&self, tr_id: &TransactionId) -> Result<Answer<CouponOutcome>, String> {
        let giftishow = self.open().await?;
        Ok(with_fresh_credentials!(giftishow, CouponOutcome::LineRefused(_), giftishow.coupon(tr_id)))
    }

    async fn resend(&self, tr_id: &TransactionId) -> Result<Answer<ResendOutcome>, String> {
        Ok(self.open().await?.resend(tr_id).await)
    }

    async fn balance(&self) -> Result<Answer<BalanceOutcome>, String> {
        let giftishow = self.open().await?;
        // Whoever has just put a secret tries it so: an answer to the one before would say nothing of it.
        giftishow.read_credentials().await?;
        Ok(giftishow.balance().await)
    }

    async fn account(&self) -> Result<String, String> {
        Ok(self.open().await?.account().await)
    }
}

/// Opens a copy of the table of payouts.
pub trait OpenRestored {
    /// Its rows.
    type Rows: ScanPayouts;
    /// Its heartbeat.
    type Time: KeepTime;
    /// The copy of this name; `None` if its name is not one that this function may read.
    fn open(&self, table: &str) -> Option<(Self::Rows, Self::Time)>;
    /// What names must begin with.
    fn names(&self) -> String;
}

/// Copies whose names begin with that of the live table and `-restored`.
pub struct RestoredTables {
    /// The SDK.
    pub aws: Aws,
    /// The live table's name.
    pub payouts: String,
    /// The name of the table `control`.
    pub control: String,
}

impl OpenRestored for RestoredTables {
    type Rows = PayoutsTable;
    type Time = Heartbeat;

    fn open(&self, table: &str) -> Option<(PayoutsTable, Heartbeat)> {
        let rows = || PayoutsTable::new(&self.aws, table.to_owned());
        let time = || Heartbeat::new(&self.aws, table.to_owned(), self.control.clone());
        table.starts_with(&self.names()).then(|| (rows(), time()))
    }

    fn names(&self) -> String {
        format!("{}-restored", self.payouts)
    }
}
