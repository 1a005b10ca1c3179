//! A client, a fake, and every question that one can ask the other.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use giftishow::{
    AccountFault, BalanceOutcome, BaseUrl, BrandCode, BrandListOutcome, BrandOutcome, CancelOutcome, Client,
    ClientLimits, CouponOutcome, Credentials, FailedSendCancel, FailedSendOutcome, GoodsCode, GoodsListOutcome,
    GoodsOutcome, Gubun, MmsMessage, MmsTitle, PageRequest, PhoneNumber, ResendBy, ResendOutcome, SendOptions,
    SendOutcome, SendRequest, TransactionId,
};
use giftishow_sim::{Api, CatalogueConfig, Fault, ScriptedFault, Sim, SimConfig};
use tokio::sync::Semaphore;

/// The coupon that every question is about.
pub(crate) const TR_ID: &str = "gft_0000000000000001";
/// Every deadline of the client: far above what an answer takes here, far below a hang.
pub(crate) const DEADLINE: Duration = Duration::from_secs(3);

/// Runs these a few at a time: hangs overlap, and a busy machine passes no deadline by itself.
pub(crate) async fn few_at_a_time<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = Result<T>> + Send + 'static>,
) -> Result<Vec<T>> {
    let seats = Arc::new(Semaphore::new(16));
    let mut running = Vec::new();
    for task in tasks {
        let seats = Arc::clone(&seats);
        running.push(tokio::spawn(async move {
            let _seat = seats.acquire().await?;
            task.await
        }));
    }
    let mut done = Vec::new();
    for task in running {
        done.push(task.await??);
    }
    Ok(done)
}

/// A client and its fake.
pub(crate) struct Desk {
    pub(crate) sim: Sim,
    pub(crate) client: Client,
    pub(crate) credentials: Credentials,
}

impl Desk {
    /// A fake with a small catalogue.
    pub(crate) async fn open() -> Result<Self> {
        let catalogue = CatalogueConfig { goods: 30, brands: 10, ..CatalogueConfig::default() };
        Self::with(SimConfig { catalogue, ..SimConfig::default() }).await
    }

    pub(crate) async fn with(config: SimConfig) -> Result<Self> {
        let sim = Sim::start(config).await?;
        let client = client(&sim.base_url())?;
        let credentials = Credentials::from_secret_json(&serde_json::to_string(&sim.credentials())?)?;
        Ok(Self { sim, client, credentials })
    }

    /// A client that speaks to somebody else than the fake.
    pub(crate) async fn speaking_to(base_url: &str) -> Result<Self> {
        Ok(Self { client: client(base_url)?, ..Self::open().await? })
    }

    /// A fake that is ready for a question of this kind: with a coupon to look up, with a failed send to take back.
    pub(crate) async fn ready_for(api: Api) -> Result<Self> {
        let desk = Self::open().await?;
        match api {
            Api::Lookup | Api::Cancel | Api::Resend => desk.send(&request(TR_ID)?).await,
            Api::FailedSendCancel => {
                desk.sim.script(ScriptedFault::once(Api::Send, Fault::ChargeOnly));
                desk.send(&request(TR_ID)?).await
            }
            _ => return Ok(desk),
        };
        Ok(desk)
    }

    pub(crate) async fn send(&self, request: &SendRequest) -> SendOutcome {
        self.client.send(&self.credentials, request).await.outcome
    }

    pub(crate) async fn coupon(&self, tr_id: &str) -> Result<CouponOutcome> {
        Ok(self.client.coupon(&self.credentials, &TransactionId::parse(tr_id)?).await.outcome)
    }

    pub(crate) async fn cancel(&self, tr_id: &str) -> Result<CancelOutcome> {
        Ok(self.client.cancel(&self.credentials, &TransactionId::parse(tr_id)?).await.outcome)
    }

    pub(crate) async fn resend(&self, tr_id: &str, by: ResendBy) -> Result<ResendOutcome> {
        Ok(self.client.resend(&self.credentials, &TransactionId::parse(tr_id)?, by).await.outcome)
    }

    pub(crate) async fn goods_page(&self, number: u32, size: u32) -> Result<GoodsListOutcome> {
        Ok(self.client.goods(&self.credentials, PageRequest::new(number, size)?).await.outcome)
    }

    pub(crate) async fn goods(&self, code: &str) -> Result<GoodsOutcome> {
        Ok(self.client.goods_detail(&self.credentials, &GoodsCode::parse(code)?).await.outcome)
    }

    pub(crate) async fn brand(&self, code: &str) -> Result<BrandOutcome> {
        Ok(self.client.brand_detail(&self.credentials, &BrandCode::parse(code)?).await.outcome)
    }

    /// Asks the usual question of an operation and names the outcome.
    pub(crate) async fn ask(&self, api: Api) -> Result<&'static str> {
        let (client, credentials, tr_id) = (&self.client, &self.credentials, TransactionId::parse(TR_ID)?);
        Ok(match api {
            Api::Goods => name::goods_list(&self.goods_page(1, 10).await?),
            Api::Brands => name::brand_list(&client.brands(credentials).await.outcome),
            Api::GoodsDetail => name::goods(&self.goods("G00000000001").await?),
            Api::BrandDetail => name::brand(&self.brand("BR00001").await?),
            Api::Lookup => name::coupon(&self.coupon(TR_ID).await?),
            Api::Cancel => name::cancel(self.cancel(TR_ID).await?),
            Api::Resend => name::resend(self.resend(TR_ID, ResendBy::Mms).await?),
            Api::Send => name::send(&self.send(&request(TR_ID)?).await),
            Api::FailedSendCancel => {
                let enabled = FailedSendCancel::enabled_by_operator();
                name::failed_send(client.cancel_failed_send(credentials, &tr_id, enabled).await.outcome)
            }
            Api::Balance => name::balance(client.balance(credentials).await.outcome),
        })
    }
}

fn client(base_url: &str) -> Result<Client> {
    let limits = ClientLimits {
        send_timeout: DEADLINE,
        cancel_timeout: DEADLINE,
        lookup_timeout: DEADLINE,
        resend_timeout: DEADLINE,
        catalog_timeout: DEADLINE,
        ..ClientLimits::default()
    };
    Ok(Client::new(BaseUrl::parse(base_url)?, limits)?)
}

/// A send that is in order.
pub(crate) fn request(tr_id: &str) -> Result<SendRequest> {
    Ok(SendRequest {
        goods_code: GoodsCode::parse("G00000000001")?,
        mms_title: MmsTitle::parse("축하합니다")?,
        mms_msg: MmsMessage::parse("선물이 도착했습니다 & \"+%\"")?,
        phone_no: PhoneNumber::parse("01000000000")?,
        tr_id: TransactionId::parse(tr_id)?,
        gubun: Gubun::Mms,
        order_no: None,
        options: SendOptions::default(),
    })
}

/// Names of outcomes. A new variant does not compile here, and then `outcomes` wants a cause for it.
mod name {
    use super::{
        AccountFault, BalanceOutcome, BrandListOutcome, BrandOutcome, CancelOutcome, CouponOutcome, FailedSendOutcome,
        GoodsListOutcome, GoodsOutcome, ResendOutcome, SendOutcome,
    };

    fn line(fault: AccountFault) -> &'static str {
        match fault {
            AccountFault::Credentials => "LineRefused(credentials)",
            AccountFault::Configuration => "LineRefused(configuration)",
        }
    }

    pub(super) fn goods_list(outcome: &GoodsListOutcome) -> &'static str {
        match outcome {
            GoodsListOutcome::Page(page) if page.is_empty() => "Page(empty)",
            GoodsListOutcome::Page(_) => "Page",
            GoodsListOutcome::PagingRefused => "PagingRefused",
            GoodsListOutcome::LineRefused(fault) => line(*fault),
            GoodsListOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn brand_list(outcome: &BrandListOutcome) -> &'static str {
        match outcome {
            BrandListOutcome::List(list) if list.is_empty() => "List(empty)",
            BrandListOutcome::List(_) => "List",
            BrandListOutcome::LineRefused(fault) => line(*fault),
            BrandListOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn goods(outcome: &GoodsOutcome) -> &'static str {
        match outcome {
            GoodsOutcome::Found(_) => "Found",
            GoodsOutcome::NotFound => "NotFound",
            GoodsOutcome::LineRefused(fault) => line(*fault),
            GoodsOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn brand(outcome: &BrandOutcome) -> &'static str {
        match outcome {
            BrandOutcome::Found(_) => "Found",
            BrandOutcome::NotFound => "NotFound",
            BrandOutcome::LineRefused(fault) => line(*fault),
            BrandOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn coupon(outcome: &CouponOutcome) -> &'static str {
        match outcome {
            CouponOutcome::Found(_) => "Found",
            CouponOutcome::NotFound => "NotFound",
            CouponOutcome::LineRefused(fault) => line(*fault),
            CouponOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn cancel(outcome: CancelOutcome) -> &'static str {
        match outcome {
            CancelOutcome::Cancelled => "Cancelled",
            CancelOutcome::NotFound => "NotFound",
            CancelOutcome::AlreadyUsed => "AlreadyUsed",
            CancelOutcome::NotCancellable => "NotCancellable",
            CancelOutcome::LineRefused(fault) => line(fault),
            CancelOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn resend(outcome: ResendOutcome) -> &'static str {
        match outcome {
            ResendOutcome::Accepted => "Accepted",
            ResendOutcome::NotFound => "NotFound",
            ResendOutcome::NothingToResend => "NothingToResend",
            ResendOutcome::Refused => "Refused",
            ResendOutcome::LineRefused(fault) => line(fault),
            ResendOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn send(outcome: &SendOutcome) -> &'static str {
        match outcome {
            SendOutcome::Issued(_) => "Issued",
            SendOutcome::NotSent => "NotSent",
            SendOutcome::LineRefused(fault) => line(*fault),
            SendOutcome::BalanceTooLow => "BalanceTooLow",
            SendOutcome::InputRefused => "InputRefused",
            SendOutcome::Duplicate => "Duplicate",
            SendOutcome::Unknown => "Unknown",
        }
    }

    pub(super) fn failed_send(outcome: FailedSendOutcome) -> &'static str {
        match outcome {
            FailedSendOutcome::TakenBack => "TakenBack",
            FailedSendOutcome::NotFound => "NotFound",
            FailedSendOutcome::Issued => "Issued",
            FailedSendOutcome::LineRefused(fault) => line(fault),
            FailedSendOutcome::Unanswered => "Unanswered",
        }
    }

    pub(super) fn balance(outcome: BalanceOutcome) -> &'static str {
        match outcome {
            BalanceOutcome::Balance(_) => "Balance",
            BalanceOutcome::LineRefused(fault) => line(fault),
            BalanceOutcome::Unanswered => "Unanswered",
        }
    }
}
