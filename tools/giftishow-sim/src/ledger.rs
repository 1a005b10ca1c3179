//! What was really issued and cancelled, and for how many won. No phone number, PIN or token ever gets in here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api::Api;
use crate::codes::Code;

/// The whole truth at one moment; also the body of `GET /_ledger`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Balance at the start, in won.
    pub balance_start: u64,
    /// Balance now, in won.
    pub balance: u64,
    /// What `POST /_balance` put in (or, negative, took out), in won.
    pub adjusted_won: i64,
    /// Price of everything ever issued, in won.
    pub issued_won: u64,
    /// Price of everything cancelled, in won: it came back to the balance.
    pub cancelled_won: u64,
    /// Coupons that somebody can use now.
    pub live: usize,
    /// Coupons that were used.
    pub used: usize,
    /// Coupons that were cancelled.
    pub cancelled: usize,
    /// One entry per coupon, in the order of issuing.
    pub entries: Vec<Entry>,
    /// Requests received per operation, answered or not.
    pub requests: BTreeMap<Api, u64>,
    /// Requests being served now.
    pub in_flight: BTreeMap<Api, u64>,
    /// Most requests ever served at the same time.
    pub in_flight_max: BTreeMap<Api, u64>,
    /// Requests refused because their `tr_id` had been issued before.
    pub duplicates_refused: u64,
    /// Refusals per code.
    pub refused: BTreeMap<Code, u64>,
    /// What happened, oldest first; the latest [`Ledger::EVENTS_MAX`].
    pub events: Vec<Event>,
}

impl Ledger {
    /// How many events are kept.
    pub const EVENTS_MAX: usize = 10_000;

    /// The entry of one `tr_id`.
    pub fn find(&self, tr_id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tr_id == tr_id)
    }

    /// Coupons that somebody can use now.
    pub fn live_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.status.is_live())
    }

    /// How many of these `tr_id`s (the attempts of one payout, say) are live.
    pub fn live_for<'a>(&self, tr_ids: impl IntoIterator<Item = &'a str>) -> usize {
        tr_ids.into_iter().filter(|tr_id| self.find(tr_id).is_some_and(|entry| entry.status.is_live())).count()
    }

    /// What was issued and not cancelled, in won: what the gifts really cost.
    pub fn sent_won(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.status != PinStatus::Cancelled).map(|entry| entry.price).sum()
    }

    /// Requests received for one operation.
    pub fn requests_for(&self, api: Api) -> u64 {
        self.requests.get(&api).copied().unwrap_or_default()
    }

    /// Most requests for one operation ever served at the same time.
    pub fn in_flight_max_for(&self, api: Api) -> u64 {
        self.in_flight_max.get(&api).copied().unwrap_or_default()
    }

    /// Whether the won add up: issued = sent + cancelled, and the balance moved by exactly that.
    pub fn adds_up(&self) -> bool {
        let expected = i128::from(self.balance_start) + i128::from(self.adjusted_won) - i128::from(self.issued_won)
            + i128::from(self.cancelled_won);
        self.issued_won == self.sent_won() + self.cancelled_won && i128::from(self.balance) == expected
    }
}

/// One issued coupon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The caller's id.
    pub tr_id: String,
    /// The service's id.
    pub order_no: String,
    /// What was ordered.
    pub goods_code: String,
    /// What it cost, in won.
    pub price: u64,
    /// `N` (MMS), `Y` (PIN) or `I` (image).
    pub gubun: String,
    /// `pinStatusCd`.
    pub status: PinStatus,
    /// When it was issued, by the simulator's clock.
    pub issued_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// `pinStatusCd`, section 5. Only the states that can be reached here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinStatus {
    /// Issued and usable.
    #[serde(rename = "01")]
    Issued,
    /// Used at a shop.
    #[serde(rename = "02")]
    Used,
    /// Cancelled by 0202.
    #[serde(rename = "07")]
    Cancelled,
}

impl PinStatus {
    /// The code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issued => "01",
            Self::Used => "02",
            Self::Cancelled => "07",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Issued => "발행",
            Self::Used => "사용완료",
            Self::Cancelled => "구매취소",
        }
    }

    /// Whether somebody can use the coupon.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Issued)
    }
}

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// By the simulator's clock.
    pub at: Timestamp,
    /// Which operation.
    pub api: Api,
    /// The `tr_id` of the request, if it had one of a sane length.
    pub tr_id: Option<String>,
    /// What the service did: `issued`, `cancelled`, `answered`, `refused`, or `nothing` where a fault came first.
    pub did: String,
    /// The code of the answer that was meant; a fault may have kept it from the caller.
    pub code: Option<Code>,
    /// The scripted fault that applied.
    pub fault: Option<String>,
}
