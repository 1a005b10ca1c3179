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
    /// Coupons whose reserved time is still to come.
    #[serde(default)]
    pub reserved: usize,
    /// Coupons that nobody used in time.
    #[serde(default)]
    pub expired: usize,
    /// What sends without a coupon have taken and 0205 has not given back, in won.
    #[serde(default)]
    pub failed_won: u64,
    /// Sends that took the money and issued no coupon.
    #[serde(default)]
    pub failed_sends: Vec<FailedSend>,
    /// One entry per coupon, in the order of ordering.
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
        self.entries.iter().filter(|entry| entry.is_live())
    }

    /// How many of these `tr_id`s (the attempts of one payout, say) are live.
    pub fn live_for<'a>(&self, tr_ids: impl IntoIterator<Item = &'a str>) -> usize {
        tr_ids.into_iter().filter(|tr_id| self.find(tr_id).is_some_and(Entry::is_live)).count()
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

    /// Whether the won add up: issued = sent + cancelled, and the balance moved by exactly that and what failed sends hold.
    pub fn adds_up(&self) -> bool {
        let expected = i128::from(self.balance_start) + i128::from(self.adjusted_won) - i128::from(self.issued_won)
            + i128::from(self.cancelled_won)
            - i128::from(self.failed_won);
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
    /// What was done with it.
    pub status: PinStatus,
    /// When it was issued, by the simulator's clock; a reserved one: when it is going to be.
    pub issued_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// Set while it waits for this reserved time.
    #[serde(default)]
    pub waits_until: Option<Timestamp>,
    /// Set once it is too late to use it.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// Every time that its message was sent again.
    #[serde(default)]
    pub resends: Vec<Resend>,
    /// The card that its message was to have (`template_id`).
    #[serde(default)]
    pub template_id: Option<String>,
    /// The banner (`banner_id`).
    #[serde(default)]
    pub banner_id: Option<String>,
}

impl Entry {
    /// Whether somebody can use it now.
    pub fn is_live(&self) -> bool {
        self.status.is_live() && self.waits_until.is_none() && self.expired_at.is_none()
    }
}

/// A message that was sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resend {
    /// By the simulator's clock.
    pub at: Timestamp,
    /// As an SMS (`sms_flag` Y) and not as an MMS.
    pub sms: bool,
}

/// A send that took the money and issued no coupon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedSend {
    /// The caller's id.
    pub tr_id: String,
    /// What was taken, in won.
    pub price: u64,
    /// By the simulator's clock.
    pub failed_at: Timestamp,
    /// When 0205 gave the money back.
    pub refunded_at: Option<Timestamp>,
}

/// What was done with a coupon, as its `pinStatusCd` (section 5). What time alone does (a reserved time that is still to come: 24;
/// the end of validity: 08) shows in the [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinStatus {
    /// Ordered, and nothing since.
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

    /// Whether neither a shop nor 0202 has taken it.
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
    /// What the service did: `issued`, `reserved`, `charged` (and issued nothing), `cancelled`, `refunded`, `resent`, `answered`, `refused`, or
    /// `nothing` where a fault came first.
    pub did: String,
    /// The code of the answer that was meant; a fault may have kept it from the caller.
    pub code: Option<Code>,
    /// The scripted fault that applied.
    pub fault: Option<String>,
}
