use payout::{Krw, Moment, Reward, RewardCode, State, Then, TrId, UserKey};
use serde::{Deserialize, Serialize};

use crate::phone::Phone;
use crate::request::OrderId;

/// What can be asked. One variant, one file in `operate`, one line of [`crate::may`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Which stack this is, whose money it spends, and who asks.
    Stack,
    /// Whether everything is as it must be, and what mends what is not.
    Doctor,

    /// Payouts and winners by what is known of them.
    Find(FindBy),
    /// Payouts of a time, or those that wait for a person.
    List(Listing),
    /// One payout: all its attempts, what Giftishow says, what may be done and what not.
    Look {
        /// Any attempt of it.
        tr_id: TrId,
    },

    /// Failed, or in review and never sent → accepted.
    Reopen(Which),
    /// In review because it may be a repetition → accepted.
    Grant(Which),
    /// A new payout that Bleepy has told nothing of, or only in passing.
    GrantNew {
        /// The reward.
        code: RewardCode,
        /// The winner.
        user_key: UserKey,
    },
    /// In review → sent: the winner has it.
    Confirm {
        /// The attempt.
        tr_id: TrId,
    },
    /// The coupon lives and shall not: sent or in review → unknown, for the sweeper to cancel.
    Cancel {
        /// The attempt.
        tr_id: TrId,
        /// What shall become of the payout.
        then: Then,
    },
    /// Nothing of it lives: in review → dead, and the next attempt.
    Reissue {
        /// The attempt.
        tr_id: TrId,
    },
    /// Nothing of it lives, and nothing is owed.
    Close {
        /// The attempt.
        tr_id: TrId,
    },
    /// 0203: the message once more.
    Resend {
        /// The attempt.
        tr_id: TrId,
    },

    /// Whether anything is sent; if not, why, since when, and by whose order.
    LineShow,
    /// Nothing is sent until somebody resumes.
    Pause,
    /// Sending goes on.
    Resume,

    /// Describes what a code stands for.
    RewardPut {
        /// The whole row.
        reward: Box<Reward>,
    },
    /// All rewards, with what is wrong with them.
    RewardList,
    /// One.
    RewardShow {
        /// Its code.
        code: RewardCode,
    },
    /// Wins of it are held from now on.
    RewardDisable {
        /// Its code.
        code: RewardCode,
    },

    /// Registers who stands behind a user key.
    RecipientPut(NewRecipient),
    /// Who stands behind a user key.
    RecipientShow {
        /// The user key.
        user_key: UserKey,
        /// Whether the whole number is wanted, and not its masked form.
        #[serde(default)]
        reveal: bool,
    },
    /// Deletes the number, and the user key from every row.
    RecipientErase {
        /// The user key.
        user_key: UserKey,
    },
    /// Many at once, at most [`Operation::MOST_RECIPIENTS`].
    RecipientImport {
        /// Those.
        recipients: Vec<NewRecipient>,
    },

    /// The PIN of a coupon that the company shows itself (`gubun` `Y` and `I`).
    CouponShow {
        /// The attempt.
        tr_id: TrId,
    },

    /// 0301: the prepaid balance.
    Balance,
    /// What became of a month's wins, per reward.
    Report {
        /// `2026-11`.
        month: String,
    },
    /// Wins and what became of them, day by day.
    Days {
        /// How many, up to today; at most 92.
        days: u16,
    },
    /// Balance against rows, day by day.
    Money,
    /// Takes the balance now and compares it with what the rows say.
    Reconcile,
    /// Confirms that money was paid in.
    TopUp {
        /// The Korean day (`2026-11-22`) whose difference it explains.
        day: String,
        /// How much.
        amount: Krw,
    },

    /// Who did what; newest first.
    Audit {
        /// The Korean month, as `2026-11`.
        month: String,
        /// Where the page before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// The second pair of eyes: carries out what another has ordered.
    Approve {
        /// That order.
        order: OrderId,
    },

    /// Copies what is missing from a restored table, which is another one, into the live one.
    RestoreCopy {
        /// The restored table's name.
        table: String,
        /// Where the call before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<TrId>,
    },
    /// Completes half transactions, and ends the standstill of a table that was swapped for an older copy.
    RestoreRepair {
        /// The moment that the table shows, for whoever knows that it was swapped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        taken_at: Option<Moment>,
        /// Where the call before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<TrId>,
    },
}

/// By what somebody looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindBy {
    /// The winner's phone number.
    Phone(Phone),
    /// Its last four digits.
    LastFour(String),
    /// Bleepy's key of the winner.
    UserKey(UserKey),
    /// Giftishow's transaction id.
    TrId(TrId),
    /// Giftishow's order number.
    OrderNo(String),
}

/// Which payouts to list, oldest first. A page is one query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Those recorded on this Korean day (`2026-11-22`); without it, those that wait for a person, whenever they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Only of this reward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<RewardCode>,
    /// Only in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Where the page before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One payout, or all that a filter finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// This attempt.
    One(TrId),
    /// All of them, if they are as many as expected.
    All {
        /// Which.
        filter: Filter,
        /// As many as whoever asks has seen; another number changes nothing.
        expect: u64,
    },
}

/// Payouts that wait for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Of this reward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<RewardCode>,
    /// For this reason: the row's `last_code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Recorded at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Recorded before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// Who stands behind a user key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRecipient {
    /// Bleepy's key of the user.
    pub user_key: UserKey,
    /// The number.
    pub phone: Phone,
    /// When it must be forgotten.
    pub expires_at: Moment,
}

/// An [`Operation`] without what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is described at the operation of its name")]
pub enum Kind {
    Stack,
    Doctor,
    Find,
    List,
    Look,
    Reopen,
    Grant,
    GrantNew,
    Confirm,
    Cancel,
    Reissue,
    Close,
    Resend,
    LineShow,
    Pause,
    Resume,
    RewardPut,
    RewardList,
    RewardShow,
    RewardDisable,
    RecipientPut,
    RecipientShow,
    RecipientReveal,
    RecipientErase,
    RecipientImport,
    CouponShow,
    Balance,
    Report,
    Days,
    Money,
    Reconcile,
    TopUp,
    Audit,
    Approve,
    RestoreCopy,
    RestoreRepair,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 36] = [
        Self::Stack,
        Self::Doctor,
        Self::Find,
        Self::List,
        Self::Look,
        Self::Reopen,
        Self::Grant,
        Self::GrantNew,
        Self::Confirm,
        Self::Cancel,
        Self::Reissue,
        Self::Close,
        Self::Resend,
        Self::LineShow,
        Self::Pause,
        Self::Resume,
        Self::RewardPut,
        Self::RewardList,
        Self::RewardShow,
        Self::RewardDisable,
        Self::RecipientPut,
        Self::RecipientShow,
        Self::RecipientReveal,
        Self::RecipientErase,
        Self::RecipientImport,
        Self::CouponShow,
        Self::Balance,
        Self::Report,
        Self::Days,
        Self::Money,
        Self::Reconcile,
        Self::TopUp,
        Self::Audit,
        Self::Approve,
        Self::RestoreCopy,
        Self::RestoreRepair,
    ];

    /// As the audit writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Doctor => "doctor",
            Self::Find => "find",
            Self::List => "list",
            Self::Look => "look",
            Self::Reopen => "reopen",
            Self::Grant => "grant",
            Self::GrantNew => "grant_new",
            Self::Confirm => "confirm",
            Self::Cancel => "cancel",
            Self::Reissue => "reissue",
            Self::Close => "close",
            Self::Resend => "resend",
            Self::LineShow => "line_show",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::RewardPut => "reward_put",
            Self::RewardList => "reward_list",
            Self::RewardShow => "reward_show",
            Self::RewardDisable => "reward_disable",
            Self::RecipientPut => "recipient_put",
            Self::RecipientShow => "recipient_show",
            Self::RecipientReveal => "recipient_reveal",
            Self::RecipientErase => "recipient_erase",
            Self::RecipientImport => "recipient_import",
            Self::CouponShow => "coupon_show",
            Self::Balance => "balance",
            Self::Report => "report",
            Self::Days => "days",
            Self::Money => "money",
            Self::Reconcile => "reconcile",
            Self::TopUp => "top_up",
            Self::Audit => "audit",
            Self::Approve => "approve",
            Self::RestoreCopy => "restore_copy",
            Self::RestoreRepair => "restore_repair",
        }
    }

    /// Whether it is recorded in the audit: whatever changes something, and whatever shows personal data. A refused try of it
    /// is recorded, too.
    pub fn is_audited(self) -> bool {
        !matches!(
            self,
            Self::Stack
                | Self::Doctor
                | Self::Find
                | Self::List
                | Self::Look
                | Self::LineShow
                | Self::RewardList
                | Self::RewardShow
                | Self::RecipientShow
                | Self::Balance
                | Self::Report
                | Self::Days
                | Self::Money
        )
    }

    /// Whether it must not be asked without a reason.
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::Grant
                | Self::GrantNew
                | Self::Confirm
                | Self::Cancel
                | Self::Reissue
                | Self::Close
                | Self::Pause
                | Self::Resume
                | Self::RecipientReveal
                | Self::RecipientErase
                | Self::CouponShow
                | Self::TopUp
        )
    }

    /// Whether it may spend money.
    pub fn spends(self) -> bool {
        matches!(self, Self::Reopen | Self::Grant | Self::GrantNew | Self::Reissue | Self::Cancel | Self::Approve)
    }
}

impl Operation {
    /// Most recipients of one import: 500 keep a request under a megabyte.
    pub const MOST_RECIPIENTS: usize = 500;
    /// What [`Operation::Pause`] and [`Operation::Resume`] are about.
    pub const ABOUT_LINE: &str = "line";

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Stack => Kind::Stack,
            Self::Doctor => Kind::Doctor,
            Self::Find(_) => Kind::Find,
            Self::List(_) => Kind::List,
            Self::Look { .. } => Kind::Look,
            Self::Reopen(_) => Kind::Reopen,
            Self::Grant(_) => Kind::Grant,
            Self::GrantNew { .. } => Kind::GrantNew,
            Self::Confirm { .. } => Kind::Confirm,
            Self::Cancel { .. } => Kind::Cancel,
            Self::Reissue { .. } => Kind::Reissue,
            Self::Close { .. } => Kind::Close,
            Self::Resend { .. } => Kind::Resend,
            Self::LineShow => Kind::LineShow,
            Self::Pause => Kind::Pause,
            Self::Resume => Kind::Resume,
            Self::RewardPut { .. } => Kind::RewardPut,
            Self::RewardList => Kind::RewardList,
            Self::RewardShow { .. } => Kind::RewardShow,
            Self::RewardDisable { .. } => Kind::RewardDisable,
            Self::RecipientPut(_) => Kind::RecipientPut,
            Self::RecipientShow { reveal: false, .. } => Kind::RecipientShow,
            Self::RecipientShow { reveal: true, .. } => Kind::RecipientReveal,
            Self::RecipientErase { .. } => Kind::RecipientErase,
            Self::RecipientImport { .. } => Kind::RecipientImport,
            Self::CouponShow { .. } => Kind::CouponShow,
            Self::Balance => Kind::Balance,
            Self::Report { .. } => Kind::Report,
            Self::Days { .. } => Kind::Days,
            Self::Money => Kind::Money,
            Self::Reconcile => Kind::Reconcile,
            Self::TopUp { .. } => Kind::TopUp,
            Self::Audit { .. } => Kind::Audit,
            Self::Approve { .. } => Kind::Approve,
            Self::RestoreCopy { .. } => Kind::RestoreCopy,
            Self::RestoreRepair { .. } => Kind::RestoreRepair,
        }
    }

    /// Whom or what it is about, for the audit: an attempt, a user key, a code, an order, a table, the line. Never a phone
    /// number.
    pub fn about(&self) -> Option<String> {
        let text = match self {
            Self::Look { tr_id }
            | Self::Reopen(Which::One(tr_id))
            | Self::Grant(Which::One(tr_id))
            | Self::Confirm { tr_id }
            | Self::Cancel { tr_id, .. }
            | Self::Reissue { tr_id }
            | Self::Close { tr_id }
            | Self::Resend { tr_id }
            | Self::CouponShow { tr_id } => tr_id.as_str(),
            Self::Reopen(Which::All { filter, .. }) | Self::Grant(Which::All { filter, .. }) => {
                filter.code.as_ref()?.as_str()
            }
            Self::GrantNew { user_key, .. }
            | Self::RecipientShow { user_key, .. }
            | Self::RecipientErase { user_key }
            | Self::RecipientPut(NewRecipient { user_key, .. }) => user_key.as_str(),
            Self::RewardPut { reward } => reward.code.as_str(),
            Self::RewardShow { code } | Self::RewardDisable { code } => code.as_str(),
            Self::TopUp { day, .. } => day,
            Self::Approve { order } => order.as_str(),
            Self::RestoreCopy { table, .. } => table,
            Self::Pause | Self::Resume => Self::ABOUT_LINE,
            _ => return None,
        };
        Some(text.to_owned())
    }
}
