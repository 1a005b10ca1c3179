use payout::{Attempt, CouponStanding, Krw, Line, Moment, Reward, RewardCode, State, TrId, UserKey};
use serde::{Deserialize, Serialize};

use crate::audit::AuditRecord;
use crate::refusal::Refusal;
use crate::request::OrderId;
use crate::role::Role;
use crate::way::WayOut;

/// What was done, or found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// [`crate::Operation::Stack`].
    Stack(StackView),
    /// [`crate::Operation::Doctor`].
    Checks(Vec<Check>),
    /// Payouts, a page of them.
    Payouts(Page<PayoutLine>),
    /// One payout.
    Payout(Box<PayoutView>),
    /// One attempt was changed.
    Changed {
        /// Which.
        tr_id: TrId,
        /// Where it stands now.
        state: State,
        /// The attempt that the payout goes on in, if another was begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<TrId>,
    },
    /// An answer per row.
    Many(Many),
    /// Asked with `dry_run`: what it would come to. Nothing was changed.
    Would {
        /// How many rows it is about.
        rows: u64,
        /// The most that it can cost.
        cost: Krw,
        /// Whether a second person would have to approve.
        needs_second: bool,
    },
    /// It waits for a second person, who approves this order.
    WaitsForSecond {
        /// The order.
        order: OrderId,
        /// The most that it can cost.
        cost: Krw,
    },
    /// This order was carried out before; nothing was done now.
    AlreadyDone {
        /// When.
        at: Moment,
        /// What it came to.
        result: Option<String>,
    },
    /// 0203 was accepted. That is a request, not a delivery.
    ResendRequested {
        /// How many more are possible today.
        left_today: u8,
    },
    /// Giftishow did not answer: look before repeating.
    Unknown {
        /// What is not known.
        what: String,
    },
    /// The line, as it is now.
    Line(Line),
    /// The line, and by whose order it stands as it does.
    LineShown(Box<LineView>),
    /// Rewards.
    Rewards(Vec<RewardView>),
    /// Somebody's registration.
    Recipient(RecipientView),
    /// What was erased.
    Erased {
        /// Whether a number was registered.
        was_registered: bool,
        /// Rows without the user key now.
        rows: u64,
    },
    /// Recipients were imported.
    Imported(Imported),
    /// The PIN of a coupon; for whoever asked with a reason, and nobody else.
    Coupon {
        /// The number.
        pin_no: String,
        /// Where its barcode image is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        coupon_img_url: Option<String>,
    },
    /// The prepaid balance.
    Balance {
        /// In won.
        balance: Krw,
    },
    /// A month, per reward.
    Report(Vec<ReportLine>),
    /// Days, oldest first.
    Days(Vec<Day>),
    /// Balance against rows.
    Money(MoneyView),
    /// Who did what.
    Audit(Page<AuditRecord>),
    /// Rows were copied from a restored table.
    Copied {
        /// Copied now.
        copied: u64,
        /// There already.
        there: u64,
        /// Where to go on; `None` at the end.
        next: Option<TrId>,
    },
    /// The table was repaired.
    Repaired {
        /// Next attempts that were written again.
        successors: u64,
        /// Open rows that are looked up first now.
        looked_up_first: u64,
        /// Rows that a person must look at: Giftishow was asked to cancel them after the moment of the copy.
        for_a_person: u64,
        /// Where to go on: until then it is not repaired; `None` at the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<TrId>,
    },
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What to ask the next page with; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are in all, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Real money, or a simulated Giftishow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Giftishow {
    /// The real service: prepaid money is spent.
    Real,
    /// Anything else: nothing is bought.
    Simulated,
}

/// Which stack this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackView {
    /// Its name.
    pub name: String,
    /// Whether real money is spent.
    pub giftishow: Giftishow,
    /// Whose: Giftishow's `user_id`, masked; `None` if the secret cannot be read.
    pub account: Option<String>,
    /// The namespace of its tr_ids.
    pub namespace: String,
    /// Whom it takes the caller for.
    pub caller: String,
    /// What the caller may do.
    pub roles: Vec<Role>,
    /// Above which cost of one order a second person is needed.
    pub four_eyes_above: Option<Krw>,
}

/// A thing that must be in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at: a short name that stays the same (`giftishow_secret`).
    pub name: String,
    /// How it is.
    pub state: CheckState,
    /// What was found, in one sentence.
    pub found: String,
    /// What to type or do, if it is not in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// In order.
    Good,
    /// Works, and somebody should look at it.
    Doubtful,
    /// Does not work.
    Bad,
}

/// A payout in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutLine {
    /// Its attempt that was found; the last one if nothing else is said.
    pub tr_id: TrId,
    /// The reward.
    pub code: RewardCode,
    /// The winner; `None` once erased.
    pub user_key: Option<UserKey>,
    /// Where the attempt stands.
    pub state: State,
    /// Since when.
    pub since: Moment,
    /// When it was recorded.
    pub accepted_at: Moment,
    /// Which attempt it is.
    pub attempt: u8,
    /// What wrote it last.
    pub last_event: String,
    /// The code behind that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<String>,
}

impl From<&Attempt> for PayoutLine {
    fn from(row: &Attempt) -> Self {
        Self {
            tr_id: row.tr_id.clone(),
            code: row.code.clone(),
            user_key: row.user_key.clone(),
            state: row.state,
            since: row.state_since,
            accepted_at: row.accepted_at,
            attempt: row.attempt,
            last_event: row.last_event.clone(),
            last_code: row.last_code.clone(),
        }
    }
}

/// A payout as a person decides on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayoutView {
    /// All its attempts, first to last.
    pub attempts: Vec<Attempt>,
    /// The winner's number, masked; `None` if nobody is registered here.
    pub phone: Option<String>,
    /// What its code stands for now.
    pub reward: Option<Reward>,
    /// What Giftishow says of the last attempt (0201); `None` if it was never asked for.
    pub seen: Option<Seen>,
    /// What people did with it, oldest first.
    pub audit: Vec<AuditRecord>,
    /// What may be done, and what not, and why.
    pub ways: Vec<WayOut>,
}

/// What Giftishow says of a coupon (0201).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// As far as a payout cares.
    pub standing: Standing,
    /// Its raw status (`pinStatusCd`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether it has the goods that the row was sent with; `None` if that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_goods: Option<bool>,
    /// Whether it went to the number that is registered now; `None` if that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_phone: Option<bool>,
    /// Until when it is valid, as answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// How sending the message went, as answered (`sendRstCd`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_result_code: Option<String>,
}

/// [`CouponStanding`] on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in CouponStanding")]
pub enum Standing {
    Live,
    Used,
    Cancelled,
    Absent,
    Ambiguous,
    Unanswered,
}

impl From<CouponStanding> for Standing {
    fn from(standing: CouponStanding) -> Self {
        match standing {
            CouponStanding::Live => Self::Live,
            CouponStanding::Used => Self::Used,
            CouponStanding::Cancelled => Self::Cancelled,
            CouponStanding::Absent => Self::Absent,
            CouponStanding::Ambiguous => Self::Ambiguous,
            CouponStanding::Unanswered => Self::Unanswered,
        }
    }
}

impl From<Standing> for CouponStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Live => Self::Live,
            Standing::Used => Self::Used,
            Standing::Cancelled => Self::Cancelled,
            Standing::Absent => Self::Absent,
            Standing::Ambiguous => Self::Ambiguous,
            Standing::Unanswered => Self::Unanswered,
        }
    }
}

/// What came of an order about many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Many {
    /// Those that were looked at, each with its answer.
    pub rows: Vec<Row>,
    /// How many the time did not suffice for: ask again, with this number.
    pub left: u64,
}

/// The answer for one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub tr_id: TrId,
    /// Where it stands now; `None` if it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// A reward, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardView {
    /// The row.
    pub reward: Reward,
    /// What keeps it from being paid, in one sentence each.
    pub problems: Vec<String>,
    /// What should be known of it: a price near its limit, withholding tax.
    pub hints: Vec<String>,
    /// The catalogue's name of its goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_name: Option<String>,
    /// The catalogue's price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_krw: Option<Krw>,
}

/// The line, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineView {
    /// The line.
    pub line: Line,
    /// The order by which it is open or paused; `None` if no person has given it, or the audit does not tell yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AuditRecord>,
}

/// Somebody's registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientView {
    /// Bleepy's key.
    pub user_key: UserKey,
    /// The number: masked, or whole for whoever asked with a reason.
    pub phone: String,
    /// When it will be forgotten; `None` if never.
    pub expires_at: Option<Moment>,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Registered now.
    pub new: u64,
    /// Registered with another number or expiry before.
    pub changed: u64,
    /// As they were.
    pub unchanged: u64,
    /// Not taken, by their place in the request, from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ImportProblem>,
}

/// One that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProblem {
    /// Its place in the request, from 0.
    pub index: usize,
    /// Why; never the number.
    pub why: String,
}

/// A reward in a month's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    /// The reward.
    pub code: RewardCode,
    /// Payouts recorded in the month.
    pub wins: u64,
    /// Of these, sent.
    pub sent: u64,
    /// Of these, handed over by the company.
    pub handed_over: u64,
    /// Of these, under way.
    pub open: u64,
    /// Of these, closed by a person.
    pub closed: u64,
    /// Of these, waiting for a person, by reason.
    pub waiting: Vec<(String, u64)>,
    /// Attempts of which nothing lives: cancelled, or never issued.
    pub dead: u64,
    /// What the sent ones cost, by their rows.
    pub won: Krw,
}

/// One Korean day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `2026-11-22`.
    pub day: String,
    /// Payouts recorded.
    pub wins: u64,
    /// Of these, sent.
    pub sent: u64,
    /// Of these, waiting for a person.
    pub waiting: u64,
    /// Of these, under way.
    pub open: u64,
    /// What the sent ones cost.
    pub won: Krw,
}

/// Balance against rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyView {
    /// Days, newest first.
    pub days: Vec<MoneyDay>,
    /// For how many days the balance lasts, at the median of the last 14 days' spending.
    pub lasts_days: Option<u64>,
    /// What is left of today's budget.
    pub budget_left: Option<Krw>,
}

/// One snapshot, compared with the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyDay {
    /// The Korean day on whose morning it was taken.
    pub day: String,
    /// When.
    pub at: Moment,
    /// The balance.
    pub balance: Krw,
    /// What the rows say was issued since the snapshot before.
    pub issued: Krw,
    /// What they say was cancelled since.
    pub cancelled: Krw,
    /// What a person has confirmed to have been paid in since.
    pub topped_up: Krw,
    /// What the balance moved by more (or less) than that; `None` for the first snapshot.
    pub difference: Option<i64>,
    /// What could explain a difference, in one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<String>,
}
