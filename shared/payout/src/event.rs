use crate::attempt::Attempt;
use crate::caps::Cap;
use crate::ids::Owner;
use crate::moment::Moment;
use crate::reward::Delivery;
use crate::tr_id::TrId;

/// What happened to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A worker takes it.
    Claim {
        /// Rule 3: later than the worker can live.
        lease_until: Moment,
        /// How its coupon shall reach the winner; `None` if it is known already that nothing can be asked for.
        gubun: Option<Delivery>,
    },
    /// A cap of its reward or user is reached.
    Capped {
        /// Which.
        cap: Cap,
        /// When the cap begins anew.
        until: Moment,
    },
    /// It was buried before the table was restored from a backup: its successor may have been sent.
    Buried,
    /// 0204: the coupon was issued.
    Issued {
        /// Giftishow's order number.
        order_no: String,
    },
    /// Proven that no byte of a request left.
    NotSent,
    /// 0204: Giftishow takes nothing from us at all just now.
    LineRefused(LineFault),
    /// What was to be sent is wrong: refused by Giftishow, or found to be wrong before it was asked.
    InputRefused,
    /// Giftishow was not asked: it has withdrawn the goods since the reward was made.
    GoodsWithdrawn,
    /// 0204: anything else; a coupon may have been issued, or may be later.
    NoAnswer {
        /// When the request left.
        send_started_at: Moment,
    },
    /// 0204: this tr_id is known already, and looking it up showed a coupon of ours in this standing.
    DuplicateOfOurs(CouponStanding),
    /// 0204: this tr_id is known already, its coupon lives, and what only the first answer told is kept: the table of payouts
    /// was restored from a backup.
    DuplicateOfKept,
    /// 0204: this tr_id is known already, and its coupon has other goods or another phone: it must never be cancelled.
    DuplicateOfForeign,
    /// 0204: issued, but what only its answer tells could not be kept.
    CouponLost,
    /// Rule 4: the lease ran out and its owner told nothing.
    LeaseExpired,
    /// 0202: nothing of it is live.
    Cancelled {
        /// The id to go on with.
        next: NextId,
    },
    /// 0202: no such tr_id.
    NotFound {
        /// When the cancel left; not when its answer was read.
        cancel_started_at: Moment,
        /// 0201's word on it; asked only if the first answer counts, else [`CouponStanding::Unanswered`].
        second_opinion: CouponStanding,
        /// The id to go on with.
        next: NextId,
    },
    /// 0202: the winner has used it.
    AlreadyUsed,
    /// 0202 refuses for good, or is 7 days too late; 0201's word decides.
    NotCancellable {
        /// What 0201 says.
        standing: CouponStanding,
        /// The id to go on with, should it turn out to be cancelled.
        next: NextId,
    },
    /// 0202: no answer, or none that says anything.
    CancelUnanswered,
    /// Rule 5: 0201's word on an attempt that was not found. `Live` means that it can be cancelled no more.
    Audited(CouponStanding),
    /// Rule 5: it had been issued late, and is cancelled now.
    LateCancelled,
    /// A person or a repeated callback wants a failed one tried again.
    Reopen,
}

impl Event {
    /// The name that rows and logs write.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Claim { .. } => "claimed",
            Self::Capped { cap, .. } => cap.name(),
            Self::Buried => "buried",
            Self::Issued { .. } => "issued",
            Self::NotSent => "not_sent",
            Self::LineRefused(fault) => fault.name(),
            Self::InputRefused => "input_refused",
            Self::GoodsWithdrawn => "goods_withdrawn",
            Self::NoAnswer { .. } => "no_answer",
            Self::DuplicateOfOurs(_) => "duplicate_of_ours",
            Self::DuplicateOfKept => "duplicate_of_kept",
            Self::DuplicateOfForeign => "duplicate_of_foreign",
            Self::CouponLost => "coupon_lost",
            Self::LeaseExpired => "lease_expired",
            Self::Cancelled { .. } => "cancelled",
            Self::NotFound { .. } => "not_found",
            Self::AlreadyUsed => "already_used",
            Self::NotCancellable { .. } => "not_cancellable",
            Self::CancelUnanswered => "cancel_unanswered",
            Self::Audited(_) => "audited",
            Self::LateCancelled => "late_cancelled",
            Self::Reopen => "reopened",
        }
    }
}

/// Why Giftishow takes nothing from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// The credentials.
    Credentials,
    /// The account, or how it is asked.
    Configuration,
    /// The prepaid balance is too low.
    Balance,
}

impl LineFault {
    /// The name that rows, logs and metrics write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials_refused",
            Self::Configuration => "configuration_refused",
            Self::Balance => "balance_too_low",
        }
    }
}

/// What looking a coupon up (0201) says, as far as a payout cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponStanding {
    /// It can be used.
    Live,
    /// The winner has used it.
    Used,
    /// It was cancelled.
    Cancelled,
    /// There is none.
    Absent,
    /// A pin status that only a person can judge.
    Ambiguous,
    /// No answer.
    Unanswered,
}

/// The id of the attempt that would follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextId {
    /// Its tr_id.
    pub tr_id: TrId,
    /// The salt that gave it.
    pub salt: u8,
}

/// Who says so, when, and on what ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The token of the writer.
    pub owner: Owner,
    /// Now, on the writer's clock.
    pub at: Moment,
    /// The answer behind it, if one was.
    pub evidence: Evidence,
}

/// The answer behind an event. Never a body, never a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Giftishow's raw code, or one of ours in lower case.
    pub code: Option<String>,
    /// The HTTP status.
    pub http_status: Option<u16>,
}

/// What must happen together with, or because of, a written transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This row must be put in the same transaction.
    StartAttempt(Box<Attempt>),
    /// A person must learn of it.
    Alarm(Alarm),
    /// That nothing of this tr_id lives must be kept outside the table of payouts, in the same transaction: if the table is
    /// restored from a backup, nothing else surely keeps it from being sent beside its successor.
    Bury(TrId),
    /// Giftishow refuses the line, not this payout.
    LineRefused(LineFault),
}

/// Why a person is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The payout failed for what was asked.
    Failed,
    /// The machine may not decide this one.
    Review,
    /// It has been tried for about an hour to no effect, and still is.
    Stuck,
    /// A cap of its reward or user keeps it waiting.
    Capped,
    /// A coupon was issued later than Giftishow may be late, and was cancelled: the grace period is too short.
    LateIssuance,
    /// A coupon that was issued too late was used, or lives and cannot be cancelled: the winner may have two.
    PaidTwice,
}
