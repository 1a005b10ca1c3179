//! 0201, look a coupon up (specification 5).

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::pin_status::PinStatus;
use crate::types::{GoodsCode, PhoneNumber, RecipientNumber, TransactionId, Won};
use crate::wire::{self, Envelope, Heard, Reading};

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponOutcome {
    /// The coupon exists.
    Found(Coupon),
    /// There is no such `tr_id` so far: an empty list, HTTP 204, `ERR0214 COUPON.0004`. Right after a send this may be early.
    NotFound,
    /// Refused because of the line.
    LineRefused(AccountFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

/// What is told of a coupon (specification 5.5). Its PIN, its image and its order number are not: those are lost with the
/// answer of the send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    /// `pinStatusCd`.
    pub status: PinStatus,
    /// `goodsCd`, as answered.
    pub goods_code: Option<String>,
    /// `recverTelNo`, as answered.
    pub recipient: Option<RecipientNumber>,
    /// `sellPriceAmt`, what it cost.
    pub sell_price: Option<Won>,
    /// `cnsmPriceAmt` (specification: `cnsMPriceAmt`), its list price.
    pub consumer_price: Option<Won>,
    /// `validPrdEndDt`, as answered: the last moment of validity, `YYYYMMDDHHmmss` in Korea's time.
    pub valid_until: Option<String>,
    /// `sendRstCd`, as answered: how sending the MMS went.
    pub send_result_code: Option<String>,
}

impl Coupon {
    /// Whether the coupon is what was sent to whom. A missing or masked field says no.
    pub fn is_for(&self, goods_code: &GoodsCode, phone_no: &PhoneNumber) -> bool {
        self.goods_code.as_deref() == Some(goods_code.as_str())
            && self.recipient.as_ref().is_some_and(|recipient| recipient.is(phone_no))
    }
}

impl CouponOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    ///
    /// A missing or null `result` counts as no answer: only a list that is there and empty says that there is no coupon.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        match heard {
            Heard::Fault(fault) => Reading::faulty(Self::Unanswered, fault),
            Heard::Status(status) => Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => read_body(&String::from_utf8_lossy(body)),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::NotFound => Self::NotFound,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

fn read_body(json: &str) -> Reading<CouponOutcome> {
    let Some(outer) = Envelope::read(json) else {
        return Reading::faulty(CouponOutcome::Unanswered, TransportFault::BodyUnreadable);
    };
    match outer.code {
        None => return Reading::uncoded(CouponOutcome::Unanswered),
        Some(Code::Success) => {}
        Some(code) => return Reading::coded(CouponOutcome::meant(Meanings::of(&code).coupon), code),
    }
    let Some(results) = outer.result.and_then(results) else {
        return Reading::coded(CouponOutcome::Unanswered, Code::Success);
    };
    let failure = results.iter().filter_map(|result| result.code.as_deref());
    let failure = failure.map(Code::from_wire).find(|code| *code != Code::Success);
    if let Some(code) = failure {
        return Reading::coded(CouponOutcome::meant(Meanings::of(&code).coupon), code);
    }
    let lists: Option<Vec<Vec<Value>>> = results.into_iter().map(|result| result.coupons).collect();
    let outcome = match lists {
        None => CouponOutcome::Unanswered,
        Some(lists) => found(&lists.concat()),
    };
    Reading::coded(outcome, Code::Success)
}

/// One element of `result`.
#[derive(Deserialize)]
struct CouponResult {
    #[serde(rename = "resCode", default, deserialize_with = "wire::scalar")]
    code: Option<String>,
    #[serde(rename = "couponInfoList", default)]
    coupons: Option<Vec<Value>>,
}

/// `result` is a list of objects; a single object is taken as a list of one.
fn results(result: &RawValue) -> Option<Vec<CouponResult>> {
    if let Some(single) = wire::object(result.get()) {
        return Some(vec![single]);
    }
    let list: Vec<&RawValue> = serde_json::from_str(result.get()).ok()?;
    list.into_iter().map(|element| wire::object(element.get())).collect()
}

fn found(coupons: &[Value]) -> CouponOutcome {
    let coupons: Option<Vec<CouponInfo>> = coupons
        .iter()
        .map(|coupon| coupon.is_object().then(|| CouponInfo::deserialize(coupon).ok()).flatten())
        .collect();
    match coupons {
        None => CouponOutcome::Unanswered,
        Some(coupons) => several_or_one(coupons),
    }
}

/// A `tr_id` is unique, so several coupons under one are a case for a person.
fn several_or_one(mut coupons: Vec<CouponInfo>) -> CouponOutcome {
    let status = match coupons.as_slice() {
        [] => return CouponOutcome::NotFound,
        [coupon] => coupon.pin_status(),
        several => {
            let statuses: Vec<_> = several.iter().take(4).map(CouponInfo::pin_status).collect();
            let statuses: Vec<_> = statuses.iter().map(PinStatus::as_str).collect();
            PinStatus::Other(statuses.join("+"))
        }
    };
    let coupon = coupons.swap_remove(0);
    CouponOutcome::Found(Coupon {
        status,
        goods_code: wire::bounded(coupon.goods_cd, 100),
        recipient: wire::bounded(coupon.recver_tel_no, 100).map(RecipientNumber::received),
        sell_price: wire::won(coupon.sell_price_amt.as_ref()).map(Won),
        consumer_price: wire::won(coupon.cnsm_price_amt.as_ref())
            .or_else(|| wire::won(coupon.cns_m_price_amt.as_ref()))
            .map(Won),
        valid_until: wire::bounded(coupon.valid_prd_end_dt, 100),
        send_result_code: wire::bounded(coupon.send_rst_cd, 100),
    })
}

/// One element of `couponInfoList`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CouponInfo {
    #[serde(default, deserialize_with = "two_digits")]
    pin_status_cd: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    goods_cd: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    recver_tel_no: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    sell_price_amt: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    cnsm_price_amt: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    cns_m_price_amt: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    valid_prd_end_dt: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    send_rst_cd: Option<String>,
}

impl CouponInfo {
    fn pin_status(&self) -> PinStatus {
        match &self.pin_status_cd {
            Some(status) => PinStatus::from_wire(status),
            None => PinStatus::Other("(missing)".to_owned()),
        }
    }
}

/// A status that comes as a JSON number has lost its leading zero.
fn two_digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if let Some(number) = value.as_u64() {
        return Ok(Some(format!("{number:02}")));
    }
    Ok(wire::scalar(value).unwrap_or_default())
}

pub(crate) struct LookUp<'t>(pub(crate) &'t TransactionId);

impl Api for LookUp<'_> {
    type Outcome = CouponOutcome;
    const CODE: &'static str = "0201";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/coupons".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.lookup_timeout
    }

    fn parameters<'a>(&'a self, _: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("tr_id", self.0.as_str())]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<CouponOutcome> {
        CouponOutcome::read(heard)
    }
}
