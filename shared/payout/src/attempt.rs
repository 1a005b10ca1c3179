use serde::{Deserialize, Serialize};

use crate::event::Stamp;
use crate::ids::{Owner, PayoutKey, RewardCode, Slot, UserKey};
use crate::moment::Moment;
use crate::reward::Delivery;
use crate::rules::Rules;
use crate::tr_id::TrId;

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Promised, not yet being sent.
    Accepted,
    /// Claimed by a worker under a lease; a request may be on its way.
    Sending,
    /// A request may have left and nobody knows what became of it.
    Unknown,
    /// The coupon is live: the promise is kept.
    Sent,
    /// Refused for what was asked; a person or a repeated callback may re-open it.
    Failed,
    /// Nothing of it is live; the payout goes on in the next attempt.
    Dead,
    /// A person must decide.
    Review,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Accepted, Self::Sending, Self::Unknown, Self::Sent, Self::Failed, Self::Dead, Self::Review];

    /// As the row writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Review => "review",
        }
    }
}

/// One try at a payout: one row of the table `payouts`.
///
/// Moments are RFC 3339 in UTC with milliseconds. Absent values are absent attributes: an index key must not be null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Giftishow's transaction id; the table's key.
    pub tr_id: TrId,
    /// The reward that was won.
    pub code: RewardCode,
    /// Who won it.
    pub user_key: UserKey,
    /// Which win of it.
    pub slot: Slot,
    /// 1 for the first try at the payout.
    pub attempt: u8,
    /// 0, or one more than the salt whose id belonged to another payout.
    pub salt: u8,
    /// Where it stands.
    pub state: State,
    /// Since when it stands there.
    pub state_since: Moment,
    /// Who wrote the row last.
    pub owner: Owner,
    /// When this attempt was recorded.
    pub accepted_at: Moment,
    /// Who recorded it: tells a writer whose answer was lost that the row is its own, however far it has gone since.
    pub accepted_by: Owner,
    /// Partition of the index `due`, 0 to 3.
    pub due_shard: u8,
    /// When the sweeper must look at the row; absent on finished rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Moment>,
    /// Not to be claimed earlier than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// Until when a claimed attempt belongs to its owner; kept afterwards as the latest moment a request may have been on
    /// its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Moment>,
    /// When the request left, if its worker lived to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_started_at: Option<Moment>,
    /// How its coupon reaches the winner, as it was last asked for; absent until there is something to ask for. Set with the
    /// claim that counts the attempt against the caps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gubun: Option<Delivery>,
    /// Whether Giftishow has said that it knows the tr_id already, and nobody could see what became of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unclear_duplicate: bool,
    /// Tries in this state that led nowhere; drives the back-off.
    #[serde(default)]
    pub tries: u32,
    /// Giftishow's order number of the coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_no: Option<String>,
    /// The attempt that follows a dead one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_tr_id: Option<TrId>,
    /// The event that wrote the row last.
    pub last_event: String,
    /// The code that decided it: Giftishow's, or one of ours in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<String>,
    /// The HTTP status that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_http_status: Option<u16>,
    /// Callbacks that named this payout again.
    #[serde(default)]
    pub duplicates: u32,
    /// The latest of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_duplicate_at: Option<Moment>,
}

impl Attempt {
    /// Partitions of the index `due`.
    pub const DUE_SHARDS: u8 = 4;

    /// The first attempt at a payout.
    pub fn first(tr_id: TrId, salt: u8, payout: PayoutKey, stamp: &Stamp, rules: &Rules) -> Self {
        Self::new(tr_id, 1, salt, payout, stamp, rules)
    }

    /// The attempt after this one.
    pub(crate) fn following(&self, next: crate::event::NextId, stamp: &Stamp, rules: &Rules) -> Self {
        Self::new(next.tr_id, self.attempt.saturating_add(1), next.salt, self.payout(), stamp, rules)
    }

    fn new(tr_id: TrId, attempt: u8, salt: u8, payout: PayoutKey, stamp: &Stamp, rules: &Rules) -> Self {
        Self {
            due_shard: tr_id.due_shard(),
            tr_id,
            code: payout.code,
            user_key: payout.user_key,
            slot: payout.slot,
            attempt,
            salt,
            state: State::Accepted,
            state_since: stamp.at,
            owner: stamp.owner.clone(),
            accepted_at: stamp.at,
            accepted_by: stamp.owner.clone(),
            due_at: Some(stamp.at.after(rules.redrive_after)),
            not_before: None,
            lease_until: None,
            send_started_at: None,
            gubun: None,
            unclear_duplicate: false,
            tries: 0,
            order_no: None,
            next_tr_id: None,
            last_event: "accepted".into(),
            last_code: None,
            last_http_status: None,
            duplicates: 0,
            last_duplicate_at: None,
        }
    }

    /// The promise that this attempt is a try at.
    pub fn payout(&self) -> PayoutKey {
        PayoutKey { code: self.code.clone(), user_key: self.user_key.clone(), slot: self.slot.clone() }
    }

    /// Whether the sweeper must look at it now.
    pub fn is_due(&self, now: Moment) -> bool {
        self.due_at.is_some_and(|due_at| due_at <= now)
    }

    /// When the last request of this attempt was over on our side, at the latest. `None` if it was never claimed.
    fn send_over_at(&self, rules: &Rules) -> Option<Moment> {
        self.send_started_at.map(|started| started.after(rules.send_timeout)).or(self.lease_until)
    }

    /// Rule 1: from when on a cancel's "no such tr_id" means that nothing was issued and nothing will be.
    pub fn settled_after(&self, rules: &Rules) -> Option<Moment> {
        self.send_over_at(rules).map(|over| over.after(rules.grace))
    }

    /// Rule 1: whether "no such tr_id" counts, for a cancel that was *started* at this moment.
    pub fn not_found_counts(&self, cancel_started_at: Moment, rules: &Rules) -> bool {
        self.settled_after(rules).is_some_and(|settled| cancel_started_at > settled)
    }

    /// Rule 5: when an attempt that was not found is looked up next; `None` if it was looked up often enough.
    pub fn next_audit(&self, now: Moment, rules: &Rules) -> Option<Moment> {
        let over = self.send_over_at(rules)?;
        rules.audits().into_iter().map(|later| over.after(later)).find(|audit| *audit > now)
    }

    /// Whether the coupon's PIN came with an answer that is lost, so that a live coupon is of no use to the winner.
    pub fn would_be_lost(&self) -> bool {
        self.gubun.is_some_and(Delivery::is_in_the_answer)
    }

    /// Whether Giftishow may still take a cancel: 7 days after it issued (specification §6), which it may have done until the
    /// end of the grace period.
    pub fn is_cancellable(&self, now: Moment, rules: &Rules) -> bool {
        self.settled_after(rules).is_none_or(|over| now <= over.after(rules.cancellable()))
    }
}
