//! What the service does: a request and a moment in, an answer out, and the books changed by exactly that. No I/O, no clock.

mod account;
mod browse;
mod cancel;
mod coupon;
mod failed;
mod kept;
mod lookup;
mod order;
mod resend;
mod send;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::api::Api;
use crate::catalogue::{Brand, Catalogue, CatalogueChange, Goods, Item, UnknownGoods};
use crate::codes::Code;
use crate::config::{ListNum, ResendLimits, SimConfig, SimCredentials, UnknownTrId};
use crate::ledger::{Entry, FailedSend, Ledger, PinStatus};
use crate::params::Params;
use crate::private::Private;
pub(crate) use browse::List;
use coupon::Coupon;
pub(crate) use coupon::Standing;
use kept::Touched;

/// What the service answers, before it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    GoodsPage(List<Item>),
    Goods(Arc<Item>),
    Brands(List<Brand>),
    Brand(Arc<Brand>),
    Issued(Issued),
    Reserved(Issued),
    /// The money was taken, and nothing issued.
    Charged,
    Cancelled,
    Refunded,
    Resent,
    Coupon(Box<CouponInfo>),
    NoCoupon,
    Balance(u64),
    NoContent,
    Refused(Code),
}

impl Answer {
    pub(crate) fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(code) => Some(code.clone()),
            Self::Charged => Some(Code::SEND_FAILED),
            Self::NoContent => None,
            _ => Some(Code::OK),
        }
    }
}

/// 0204, section 8.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) order_no: String,
    pub(crate) pin_no: Option<Private>,
    pub(crate) image_url: Option<Private>,
}

/// 0201, section 5.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CouponInfo {
    pub(crate) goods: Goods,
    pub(crate) paid_won: u64,
    pub(crate) standing: Standing,
    pub(crate) phone: Private,
    pub(crate) sender: String,
    pub(crate) basic_code: String,
    pub(crate) changed_at: Timestamp,
    pub(crate) valid_until: Zoned,
}

/// What a person or a test asks of the fake itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Nothing was ever issued under this `tr_id`.
    #[error("no coupon with this tr_id")]
    UnknownCoupon,
    /// The coupon is cancelled, used or expired already, or its reserved time is still to come.
    #[error("the coupon is not live")]
    NotLive,
    /// No such product.
    #[error("no goods with this code")]
    UnknownGoods,
}

/// The service and its books.
pub(crate) struct Vendor {
    credentials: SimCredentials,
    catalogue: Catalogue,
    /// Changes of the catalogue, each for after a page.
    planned: Vec<(u64, CatalogueChange)>,
    list_num: ListNum,
    coupons: Vec<Coupon>,
    by_tr_id: HashMap<String, usize>,
    failed_sends: Vec<FailedSend>,
    balance_start: u64,
    adjusted_won: i64,
    balance: u64,
    duplicates_refused: u64,
    refused: BTreeMap<Code, u64>,
    cancel_unknown_tr_id: UnknownTrId,
    lookup_unknown_tr_id: UnknownTrId,
    lookup_lag: Duration,
    resend_limits: ResendLimits,
    /// What has changed and is not yet written down.
    touched: Vec<Touched>,
}

impl Vendor {
    pub(crate) fn new(config: SimConfig) -> Self {
        Self {
            credentials: config.credentials,
            catalogue: Catalogue::new(config.goods, config.catalogue),
            planned: Vec::new(),
            list_num: config.catalogue.list_num,
            coupons: Vec::new(),
            by_tr_id: HashMap::new(),
            failed_sends: Vec::new(),
            balance_start: config.balance_won,
            adjusted_won: 0,
            balance: config.balance_won,
            duplicates_refused: 0,
            refused: BTreeMap::new(),
            cancel_unknown_tr_id: config.cancel_unknown_tr_id,
            lookup_unknown_tr_id: config.lookup_unknown_tr_id,
            lookup_lag: config.lookup_lag,
            resend_limits: config.resend,
            touched: Vec::new(),
        }
    }

    /// Serves one request.
    pub(crate) fn serve(&mut self, api: Api, params: &Params, now: Timestamp) -> Answer {
        let answer = match account::check(&self.credentials, api, params) {
            Err(code) => Answer::Refused(code),
            Ok(()) => match api {
                Api::Goods => self.goods_page(params),
                Api::GoodsDetail => self.goods_detail(params),
                Api::Brands => self.brand_list(),
                Api::BrandDetail => self.brand_detail(params),
                Api::Send => self.send(params, now),
                Api::Cancel => self.cancel(params, now),
                Api::Resend => self.resend(params, now),
                Api::FailedSendCancel => self.cancel_failed_send(params, now),
                Api::Lookup => self.lookup(params, now),
                Api::Balance => Answer::Balance(self.balance),
            },
        };
        self.counted(answer)
    }

    fn counted(&mut self, answer: Answer) -> Answer {
        if let Answer::Refused(code) = &answer {
            *self.refused.entry(code.clone()).or_default() += 1;
        }
        answer
    }

    /// The answer for what is asked about and does not exist: a `tr_id`, a product, a brand.
    pub(crate) fn not_found(&self, api: Api) -> Answer {
        let choice = match api {
            Api::Goods | Api::GoodsDetail | Api::Brands | Api::BrandDetail => {
                return Answer::Refused(Code::GOODS_NOT_ON_OFFER);
            }
            Api::Resend => return Answer::Refused(Code::NOTHING_TO_RESEND),
            Api::Lookup => self.lookup_unknown_tr_id,
            Api::Cancel | Api::FailedSendCancel | Api::Send | Api::Balance => self.cancel_unknown_tr_id,
        };
        match choice {
            UnknownTrId::NoContent => Answer::NoContent,
            UnknownTrId::EmptyList if api == Api::Lookup => Answer::NoCoupon,
            UnknownTrId::Coupon0004 => Answer::Refused(Code::BAD_TR_ID),
            UnknownTrId::Err0214 | UnknownTrId::EmptyList => Answer::Refused(Code::UNKNOWN_TR_ID),
        }
    }

    /// A shop takes the coupon.
    pub(crate) fn use_coupon(&mut self, tr_id: &str, now: Timestamp) -> Result<(), ControlError> {
        let coupon = self.coupon_mut(tr_id).ok_or(ControlError::UnknownCoupon)?;
        if coupon.standing(now) != Standing::Live {
            return Err(ControlError::NotLive);
        }
        coupon.entry.status = PinStatus::Used;
        coupon.entry.used_at = Some(now);
        Ok(())
    }

    /// The PIN that was told when this was issued.
    pub(crate) fn pin_no(&self, tr_id: &str) -> Option<&Private> {
        self.coupon(tr_id)?.pin_no.as_ref()
    }

    /// Whether the coupon went to this number.
    pub(crate) fn went_to(&self, tr_id: &str, phone: &str) -> bool {
        self.coupon(tr_id).is_some_and(|coupon| coupon.phone.expose() == phone)
    }

    /// Money is put in or taken out by hand. Saturates instead of overflowing: the books then no longer add up, and say so.
    pub(crate) fn set_balance(&mut self, won: u64) {
        let moved = i128::from(won) - i128::from(self.balance);
        self.adjusted_won = self.adjusted_won.saturating_add(i64::try_from(moved).unwrap_or(i64::MAX));
        self.balance = won;
        self.touched.push(Touched::Money);
    }

    pub(crate) fn set_credentials(&mut self, credentials: SimCredentials) {
        self.credentials = credentials;
        self.touched.push(Touched::Credentials);
    }

    pub(crate) fn credentials(&self) -> &SimCredentials {
        &self.credentials
    }

    pub(crate) fn change_catalogue(&mut self, change: CatalogueChange) -> Result<(), ControlError> {
        self.catalogue.change(change).map_err(|UnknownGoods| ControlError::UnknownGoods)
    }

    pub(crate) fn catalogue(&mut self) -> &mut Catalogue {
        &mut self.catalogue
    }

    /// The vendor's part of the ledger; requests, gauges and events are for the server to fill in.
    pub(crate) fn ledger(&self, now: Timestamp) -> Ledger {
        let entries: Vec<Entry> = self.coupons.iter().map(|coupon| coupon.entry_at(now)).collect();
        let count = |wanted| self.coupons.iter().filter(|coupon| coupon.standing(now) == wanted).count();
        let cancelled = entries.iter().filter(|entry| entry.status == PinStatus::Cancelled);
        let failed = self.failed_sends.iter().filter(|failed| failed.refunded_at.is_none());
        Ledger {
            balance_start: self.balance_start,
            balance: self.balance,
            adjusted_won: self.adjusted_won,
            issued_won: entries.iter().map(|entry| entry.price).sum(),
            cancelled_won: cancelled.map(|entry| entry.price).sum(),
            failed_won: failed.map(|failed| failed.price).sum(),
            live: count(Standing::Live),
            used: count(Standing::Used),
            cancelled: count(Standing::Cancelled),
            reserved: count(Standing::Reserved),
            expired: count(Standing::Expired),
            failed_sends: self.failed_sends.clone(),
            requests: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            in_flight_max: BTreeMap::new(),
            duplicates_refused: self.duplicates_refused,
            refused: self.refused.clone(),
            events: Vec::new(),
            entries,
        }
    }

    /// Whether this `tr_id` took money and issued nothing.
    fn has_failed(&self, tr_id: &str) -> bool {
        self.failed_sends.iter().any(|failed| failed.tr_id == tr_id)
    }

    fn coupon(&self, tr_id: &str) -> Option<&Coupon> {
        self.coupons.get(*self.by_tr_id.get(tr_id)?)
    }

    /// To be changed: whatever becomes of it is written down.
    fn coupon_mut(&mut self, tr_id: &str) -> Option<&mut Coupon> {
        let at = *self.by_tr_id.get(tr_id)?;
        self.touched.push(Touched::Coupon(at));
        self.coupons.get_mut(at)
    }
}

/// Korean wall-clock time, which is what the service writes.
pub(crate) fn kst(at: Timestamp) -> Zoned {
    at.to_zoned(korea())
}

/// Korea has had no daylight saving since 1988.
fn korea() -> TimeZone {
    TimeZone::fixed(Offset::constant(9))
}
