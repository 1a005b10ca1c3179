//! The client: one method per API.

use crate::api::Api;
use crate::api::balance::{AskBalance, BalanceOutcome};
use crate::api::brand_detail::{BrandOutcome, ReadBrand};
use crate::api::brands::{BrandListOutcome, ListBrands};
use crate::api::cancel::{Cancel, CancelOutcome};
use crate::api::coupon::{CouponOutcome, LookUp};
use crate::api::failed_send::{CancelFailedSend, FailedSendCancel, FailedSendOutcome};
use crate::api::goods::{GoodsListOutcome, ListGoods, PageRequest};
use crate::api::goods_detail::{GoodsOutcome, ReadGoods};
use crate::api::resend::{Resend, ResendBy, ResendOutcome};
use crate::api::send::{SendOutcome, SendRequest};
use crate::base_url::BaseUrl;
use crate::credentials::Credentials;
use crate::evidence::{Answer, Evidence};
use crate::limits::ClientLimits;
use crate::transport;
use crate::types::{BrandCode, GoodsCode, TransactionId};

/// The HTTP client could not be set up, for example because the machine has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for Giftishow cannot be set up")]
pub struct ClientError(#[from] reqwest::Error);

/// A client of Giftishow Biz. Cheap to clone.
///
/// Every call is exactly one HTTP request on a connection of its own, bound by one deadline, and never fails: whatever
/// happens is an outcome. A call whose future is dropped may have had its effect.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    limits: ClientLimits,
}

impl Client {
    /// Sets the client up. Makes no connection.
    pub fn new(base_url: BaseUrl, limits: ClientLimits) -> Result<Self, ClientError> {
        let http = transport::http_client(base_url.is_https(), &limits)?;
        Ok(Self { http, base_url, limits })
    }

    /// 0204: sends a coupon and spends its price (specification 8).
    pub async fn send(&self, credentials: &Credentials, request: &SendRequest) -> Answer<SendOutcome> {
        self.ask(credentials, request).await
    }

    /// 0202: cancels a coupon (specification 6). One at a time; impossible later than 7 days after the send.
    pub async fn cancel(&self, credentials: &Credentials, tr_id: &TransactionId) -> Answer<CancelOutcome> {
        self.ask(credentials, &Cancel(tr_id)).await
    }

    /// 0201: looks a coupon up (specification 5).
    pub async fn coupon(&self, credentials: &Credentials, tr_id: &TransactionId) -> Answer<CouponOutcome> {
        self.ask(credentials, &LookUp(tr_id)).await
    }

    /// 0301: asks for the prepaid balance (specification 9).
    pub async fn balance(&self, credentials: &Credentials) -> Answer<BalanceOutcome> {
        self.ask(credentials, &AskBalance).await
    }

    /// 0101: reads a page of the goods (specification 1). Meant for a nightly copy of all of them, never for a user's request.
    pub async fn goods(&self, credentials: &Credentials, page: PageRequest) -> Answer<GoodsListOutcome> {
        self.ask(credentials, &ListGoods::new(page)).await
    }

    /// 0111: reads one of the goods (specification 2).
    pub async fn goods_detail(&self, credentials: &Credentials, code: &GoodsCode) -> Answer<GoodsOutcome> {
        self.ask(credentials, &ReadGoods(code)).await
    }

    /// 0102: reads all brands (specification 3).
    pub async fn brands(&self, credentials: &Credentials) -> Answer<BrandListOutcome> {
        self.ask(credentials, &ListBrands).await
    }

    /// 0112: reads one brand (specification 4).
    pub async fn brand_detail(&self, credentials: &Credentials, code: &BrandCode) -> Answer<BrandOutcome> {
        self.ask(credentials, &ReadBrand(code)).await
    }

    /// 0203: sends the message of a coupon again (specification 7). Only when its recipient asks for it: resending in bulk is
    /// forbidden, and every call may send one more message.
    pub async fn resend(
        &self,
        credentials: &Credentials,
        tr_id: &TransactionId,
        by: ResendBy,
    ) -> Answer<ResendOutcome> {
        self.ask(credentials, &Resend { tr_id, by }).await
    }

    /// 0205: takes a send back that was paid for and issued nothing. Not in V0.0.95, and no live answer is known, so it needs
    /// an operator's word.
    pub async fn cancel_failed_send(
        &self,
        credentials: &Credentials,
        tr_id: &TransactionId,
        _enabled: FailedSendCancel,
    ) -> Answer<FailedSendOutcome> {
        self.ask(credentials, &CancelFailedSend(tr_id)).await
    }

    async fn ask<A: Api>(&self, credentials: &Credentials, request: &A) -> Answer<A::Outcome> {
        let mut form = vec![
            ("api_code", A::CODE),
            ("custom_auth_code", credentials.auth_code()),
            ("custom_auth_token", credentials.auth_token()),
            // There is no sandbox: the specification allows nothing else.
            ("dev_yn", "N"),
        ];
        form.extend(request.parameters(credentials));
        let url = self.base_url.join(&request.path());
        let deadline = A::deadline(&self.limits);
        let exchange = transport::post(&self.http, url, &form, deadline, A::body_limit_bytes(&self.limits)).await;
        let reading = request.read(exchange.heard());
        Answer {
            outcome: reading.outcome,
            evidence: Evidence {
                http_status: exchange.http_status,
                code: reading.code,
                transport: reading.transport,
                elapsed: exchange.elapsed,
            },
        }
    }
}
