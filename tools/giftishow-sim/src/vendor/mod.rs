//! What the service does: a request and a moment in, an answer out, and the books changed by exactly that. No I/O, no clock.

mod account;
mod cancel;
mod lookup;
mod order;
mod send;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::api::Api;
use crate::codes::Code;
use crate::config::{Goods, GoodsState, SimConfig, SimCredentials, UnknownTrId};
use crate::ledger::{Entry, Ledger, PinStatus};
use crate::params::Params;
use crate::private::Private;

/// What the service answers, before it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Issued(Issued),
    Cancelled,
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
    pub(crate) status: PinStatus,
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
    /// The coupon is cancelled or used already.
    #[error("the coupon is not live")]
    NotLive,
    /// No such product.
    #[error("no goods with this code")]
    UnknownGoods,
}

struct Coupon {
    entry: Entry,
    phone: Private,
}

/// The service and its books.
pub(crate) struct Vendor {
    credentials: SimCredentials,
    goods: BTreeMap<String, Goods>,
    coupons: Vec<Coupon>,
    by_tr_id: HashMap<String, usize>,
    balance_start: u64,
    adjusted_won: i64,
    balance: u64,
    duplicates_refused: u64,
    refused: BTreeMap<Code, u64>,
    cancel_unknown_tr_id: UnknownTrId,
    lookup_unknown_tr_id: UnknownTrId,
    lookup_lag: Duration,
}

impl Vendor {
    pub(crate) fn new(config: SimConfig) -> Self {
        Self {
            credentials: config.credentials,
            goods: config.goods.into_iter().map(|goods| (goods.code.clone(), goods)).collect(),
            coupons: Vec::new(),
            by_tr_id: HashMap::new(),
            balance_start: config.balance_won,
            adjusted_won: 0,
            balance: config.balance_won,
            duplicates_refused: 0,
            refused: BTreeMap::new(),
            cancel_unknown_tr_id: config.cancel_unknown_tr_id,
            lookup_unknown_tr_id: config.lookup_unknown_tr_id,
            lookup_lag: config.lookup_lag,
        }
    }

    /// Serves one request.
    pub(crate) fn serve(&mut self, api: Api, params: &Params, now: Timestamp) -> Answer {
        let answer = match account::check(&self.credentials, api, params) {
            Err(code) => Answer::Refused(code),
            Ok(()) => match api {
                Api::Send => self.send(params, now),
                Api::Cancel => self.cancel(params, now),
                Api::Lookup => self.lookup(params, now),
                Api::Balance => Answer::Balance(self.balance),
            },
        };
        if let Answer::Refused(code) = &answer {
            *self.refused.entry(code.clone()).or_default() += 1;
        }
        answer
    }

    /// The answer for a `tr_id` that was never issued.
    pub(crate) fn not_found(&self, api: Api) -> Answer {
        let choice = if api == Api::Lookup { self.lookup_unknown_tr_id } else { self.cancel_unknown_tr_id };
        match choice {
            UnknownTrId::NoContent => Answer::NoContent,
            UnknownTrId::EmptyList if api == Api::Lookup => Answer::NoCoupon,
            UnknownTrId::Coupon0004 => Answer::Refused(Code::BAD_TR_ID),
            UnknownTrId::Err0214 | UnknownTrId::EmptyList => Answer::Refused(Code::UNKNOWN_TR_ID),
        }
    }

    /// A shop takes the coupon.
    pub(crate) fn use_coupon(&mut self, tr_id: &str, now: Timestamp) -> Result<(), ControlError> {
        let entry = &mut self.coupon_mut(tr_id).ok_or(ControlError::UnknownCoupon)?.entry;
        if !entry.status.is_live() {
            return Err(ControlError::NotLive);
        }
        entry.status = PinStatus::Used;
        entry.used_at = Some(now);
        Ok(())
    }

    /// Money is put in or taken out by hand. Saturates instead of overflowing: the books then no longer add up, and say so.
    pub(crate) fn set_balance(&mut self, won: u64) {
        let moved = i128::from(won) - i128::from(self.balance);
        self.adjusted_won = self.adjusted_won.saturating_add(i64::try_from(moved).unwrap_or(i64::MAX));
        self.balance = won;
    }

    pub(crate) fn set_credentials(&mut self, credentials: SimCredentials) {
        self.credentials = credentials;
    }

    pub(crate) fn credentials(&self) -> &SimCredentials {
        &self.credentials
    }

    pub(crate) fn set_goods_state(&mut self, code: &str, state: GoodsState) -> Result<(), ControlError> {
        self.goods.get_mut(code).ok_or(ControlError::UnknownGoods)?.state = state;
        Ok(())
    }

    /// The vendor's part of the ledger; requests, gauges and events are for the server to fill in.
    pub(crate) fn ledger(&self) -> Ledger {
        let entries: Vec<Entry> = self.coupons.iter().map(|coupon| coupon.entry.clone()).collect();
        let won = |wanted: Option<PinStatus>| {
            let counted = entries.iter().filter(|entry| wanted.is_none_or(|status| entry.status == status));
            counted.map(|entry| entry.price).sum()
        };
        let count = |wanted| entries.iter().filter(|entry| entry.status == wanted).count();
        Ledger {
            balance_start: self.balance_start,
            balance: self.balance,
            adjusted_won: self.adjusted_won,
            issued_won: won(None),
            cancelled_won: won(Some(PinStatus::Cancelled)),
            live: count(PinStatus::Issued),
            used: count(PinStatus::Used),
            cancelled: count(PinStatus::Cancelled),
            requests: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            in_flight_max: BTreeMap::new(),
            duplicates_refused: self.duplicates_refused,
            refused: self.refused.clone(),
            events: Vec::new(),
            entries,
        }
    }

    fn coupon(&self, tr_id: &str) -> Option<&Coupon> {
        self.coupons.get(*self.by_tr_id.get(tr_id)?)
    }

    fn coupon_mut(&mut self, tr_id: &str) -> Option<&mut Coupon> {
        self.coupons.get_mut(*self.by_tr_id.get(tr_id)?)
    }
}

/// Korean wall-clock time, which is what the service writes. Korea has had no daylight saving since 1988.
pub(crate) fn kst(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(Offset::constant(9)))
}
