use serde::{Deserialize, Serialize};

use crate::ids::{Owner, PayoutId, PayoutKey, RewardCode, Slot, UserKey};
use crate::krw::Krw;
use crate::kst;
use crate::moment::Moment;
use crate::reward::{Delivery, Gubun};
use crate::rules::Rules;
use crate::stamp::{NextId, Stamp};
use crate::tr_id::{TrId, TrIdScheme};

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
    /// The company hands it over itself: recorded, told, and done with.
    HandedOver,
    /// A person has decided that nothing is owed.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::Sending,
        Self::Unknown,
        Self::Sent,
        Self::Failed,
        Self::Dead,
        Self::Review,
        Self::HandedOver,
        Self::Closed,
    ];

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
            Self::HandedOver => "handed_over",
            Self::Closed => "closed",
        }
    }

    /// Whether only a person can move a row that stands there.
    pub fn waits_for_a_person(self) -> bool {
        matches!(self, Self::Failed | Self::Review)
    }
}

/// Why a win is recorded and not taken at once. A person is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// Its code stands for no reward.
    RewardMissing,
    /// Its reward is switched off.
    RewardInactive,
    /// It may be a win that was recorded before.
    MaybeRepeated,
}

impl Held {
    /// The code that the row keeps of it.
    pub fn code(self) -> &'static str {
        match self {
            Self::RewardMissing => "reward_missing",
            Self::RewardInactive => "reward_inactive",
            Self::MaybeRepeated => MAYBE_REPEATED,
        }
    }

    fn state(self) -> State {
        match self {
            Self::RewardMissing | Self::RewardInactive => State::Failed,
            Self::MaybeRepeated => State::Review,
        }
    }
}

/// What a person wants to become of a payout once nothing of this attempt lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// It goes on in the next attempt.
    Reissue,
    /// Nothing is owed.
    Close,
}

/// What a person has decided about an attempt, for the sweeper to carry out: it alone cancels (rule 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// What shall become of the payout.
    pub then: Then,
    /// Where the attempt stood.
    pub from: State,
}

/// What is bought of Giftishow with an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// How the coupon reaches the winner.
    pub gubun: Gubun,
    /// Giftishow's goods code.
    pub goods_code: String,
    /// The catalogue's purchase price; `None` if the catalogue has never had these goods.
    pub price_krw: Option<Krw>,
}

/// Codes of ours by which a row in review is known again.
const MAYBE_REPEATED: &str = "maybe_repeated";

/// One try at a payout: one row of the table `payouts`.
///
/// Moments are RFC 3339 in UTC with milliseconds. Absent values are absent attributes: an index key must not be null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Giftishow's transaction id; the table's key.
    pub tr_id: TrId,
    /// Which promise it is a try at.
    pub payout_id: PayoutId,
    /// The reward that was won.
    pub code: RewardCode,
    /// Who won it; absent once a person has had it erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_key: Option<UserKey>,
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
    /// Whether a list put its payout there: then nobody can tell whose win of the slot it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_list: bool,
    /// When this attempt was recorded.
    pub accepted_at: Moment,
    /// Who recorded it: tells a writer whose answer was lost that the row is its own, however far it has gone since.
    pub accepted_by: Owner,
    /// Partition of the index `by_day`: the Korean day on which it was recorded, and 0 to 3.
    pub day_shard: String,
    /// Partition of the index `attention`, 0 to 3; only on rows that wait for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<u8>,
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
    pub gubun: Option<Gubun>,
    /// Giftishow's goods code, as it was last asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_code: Option<String>,
    /// What the catalogue said that it costs, when it was last asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_krw: Option<Krw>,
    /// How often Giftishow has said that it knows the tr_id already, and nobody could see what became of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unclear_duplicates: u32,
    /// How often it was refused as if Giftishow took nothing from us.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line_refusals: u32,
    /// The first of these times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_refused_since: Option<Moment>,
    /// When it was found in a restored table, still open: it is looked up before it is cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Moment>,
    /// What a person has ordered, until it is carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What all attempts at one payout have in common.
struct Promise {
    payout_id: PayoutId,
    code: RewardCode,
    user_key: Option<UserKey>,
    slot: Slot,
    by_list: bool,
}

impl Attempt {
    /// The first attempt at a payout; `salt` is 0 unless the id that it gives belongs to another payout.
    pub fn first(scheme: &TrIdScheme, payout: &PayoutKey, salt: u8, stamp: &Stamp, rules: &Rules) -> Self {
        let id = NextId { tr_id: scheme.tr_id(payout, 1, salt), salt };
        let PayoutKey { code, user_key, slot } = payout.clone();
        let promise =
            Promise { payout_id: scheme.payout_id(payout), code, user_key: Some(user_key), slot, by_list: false };
        Self::new(id, 1, promise, stamp, rules)
    }

    /// The id of the attempt after this one.
    pub fn next_id(&self, scheme: &TrIdScheme, salt: u8) -> NextId {
        let number = self.attempt.saturating_add(1);
        let tr_id = match self.payout() {
            Some(payout) => scheme.tr_id(&payout, number, salt),
            None => scheme.erased_tr_id(&self.payout_id, number, salt),
        };
        NextId { tr_id, salt }
    }

    /// The attempt after this one.
    #[must_use]
    pub fn following(&self, next: NextId, stamp: &Stamp, rules: &Rules) -> Self {
        let promise = Promise {
            payout_id: self.payout_id.clone(),
            code: self.code.clone(),
            user_key: self.user_key.clone(),
            slot: self.slot.clone(),
            by_list: self.by_list,
        };
        Self::new(next, self.attempt.saturating_add(1), promise, stamp, rules)
    }

    /// This new attempt, for a reward that is delivered like this: what the company hands over is done with once it is
    /// recorded.
    #[must_use]
    pub fn delivered_by(self, delivery: Delivery) -> Self {
        match delivery {
            Delivery::Giftishow => self,
            Delivery::Company => {
                Self { state: State::HandedOver, due_at: None, last_event: State::HandedOver.as_str().into(), ..self }
            }
        }
    }

    /// This new attempt, recorded and put before a person instead of being taken.
    #[must_use]
    pub fn held(self, why: Held) -> Self {
        Self {
            state: why.state(),
            attention: Some(self.due_shard),
            due_at: None,
            last_event: "held".into(),
            last_code: Some(why.code().into()),
            ..self
        }
    }

    fn new(id: NextId, attempt: u8, promise: Promise, stamp: &Stamp, rules: &Rules) -> Self {
        let shard = id.tr_id.shard();
        Self {
            day_shard: day_shard(stamp.at, shard),
            attention: None,
            due_shard: shard,
            tr_id: id.tr_id,
            payout_id: promise.payout_id,
            code: promise.code,
            user_key: promise.user_key,
            slot: promise.slot,
            by_list: promise.by_list,
            attempt,
            salt: id.salt,
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
            goods_code: None,
            price_krw: None,
            unclear_duplicates: 0,
            line_refusals: 0,
            line_refused_since: None,
            restored_at: None,
            order: None,
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

    /// The promise that this attempt is a try at; `None` once its `userKey` is erased.
    pub fn payout(&self) -> Option<PayoutKey> {
        let user_key = self.user_key.clone()?;
        Some(PayoutKey { code: self.code.clone(), user_key, slot: self.slot.clone() })
    }

    /// Whether a person has been asked whether it is a win of its own, and has not answered.
    pub fn may_be_repeated(&self) -> bool {
        self.state == State::Review && self.last_code.as_deref() == Some(MAYBE_REPEATED)
    }

    /// Whether it is in review without Giftishow having been asked for anything, or having taken anything: the same tr_id may
    /// be tried once what kept it is mended.
    pub fn was_not_asked_for(&self) -> bool {
        let kept = matches!(self.last_event.as_str(), "goods_withdrawn" | "refused_alone");
        self.state == State::Review && kept && !self.is_unclear()
    }

    /// Whether Giftishow was never asked for anything with this tr_id, as far as the row knows.
    pub fn was_never_sent(&self) -> bool {
        self.was_not_asked_for() || self.lease_until.is_none() && !self.is_unclear()
    }

    /// Whether it is in review because Giftishow knows its tr_id with other goods or another phone.
    pub fn met_a_foreign_coupon(&self) -> bool {
        self.state == State::Review && self.last_event == "duplicate_of_foreign"
    }

    /// Whether it is in review for goods that Giftishow has withdrawn, before it was asked for anything.
    pub fn awaits_other_goods(&self) -> bool {
        self.was_not_asked_for() && self.last_event == "goods_withdrawn"
    }

    /// Whether Giftishow may have issued something for it already, although nobody has seen it.
    pub fn is_unclear(&self) -> bool {
        self.unclear_duplicates > 0
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

    /// From when on no cancel that left before it came to where it stands can still have its effect.
    pub fn settles_at(&self, rules: &Rules) -> Moment {
        rules.settled(self.state_since)
    }

    /// Whether the coupon's PIN came with an answer that is lost, so that a live coupon is of no use to the winner.
    pub fn would_be_lost(&self) -> bool {
        self.gubun.is_some_and(Gubun::is_in_the_answer)
    }

    /// Whether Giftishow may still take a cancel: 7 days after it issued (specification §6), which it may have done until the
    /// end of the grace period.
    pub fn is_cancellable(&self, now: Moment, rules: &Rules) -> bool {
        self.settled_after(rules).is_none_or(|over| now <= over.after(rules.cancellable()))
    }
}

/// The partition of the index `by_day` for what was recorded then.
pub fn day_shard(at: Moment, shard: u8) -> String {
    format!("{}/{shard}", kst::day(at))
}
