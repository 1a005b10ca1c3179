use crate::attempt::{Purchase, Then};
use crate::cap::Cap;
use crate::fault::LineFault;
use crate::moment::Moment;
use crate::stamp::NextId;

/// What happened to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A worker takes it.
    Claim {
        /// Rule 3: later than the worker can live.
        lease_until: Moment,
        /// What shall be bought; `None` if it is known already that nothing can be asked for.
        purchase: Option<Purchase>,
    },
    /// A cap of its reward or user is reached, or its goods are dearer than allowed (rule 12).
    Capped {
        /// Which.
        cap: Cap,
        /// When the cap begins anew.
        until: Moment,
    },
    /// Nobody stands behind its `userKey` yet, and may still register.
    AwaitsRecipient {
        /// When nobody waits any longer.
        until: Moment,
    },
    /// Winners are not texted at this time of the day.
    OutsideHours {
        /// When the hours begin.
        until: Moment,
    },
    /// It was buried before the table was restored from a backup: its successor may have been sent, or a person has had it
    /// cancelled.
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
    /// 0204: refused once more as if Giftishow took nothing from us, while it does take others (rule 8).
    RefusedAlone(LineFault),
    /// The company hands this reward over; Giftishow was not asked.
    HandedOver,
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
    /// 0201, before any cancel: what became of an attempt that a restored table holds as open.
    FoundAfterRestore {
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
    /// A person or a repeated callback wants one tried again of which nothing was ever issued: it failed, or it is in review
    /// and Giftishow was not asked.
    Reopen,
    /// It was found open in a restored table; what came of it later is not in there.
    Restored,
    /// A person: it is a win of its own, although it may have looked like another one's repetition.
    Granted,
    /// A person: its coupon is with the winner.
    Confirmed {
        /// What 0201 says of it: a coupon of ours.
        standing: CouponStanding,
        /// Whether what only the answer to its send told (`gubun` `Y` and `I`) is kept.
        kept: bool,
    },
    /// A person: whatever lives of it shall be cancelled, and the payout then go on or end. The sweeper carries it out, unless
    /// there is nothing to cancel.
    Ordered {
        /// What shall become of the payout.
        then: Then,
        /// What 0201 says of it just now.
        standing: CouponStanding,
    },
    /// A person: what Giftishow has under this tr_id has other goods than were ever asked for, so it is somebody else's and
    /// stays as it is.
    Disowned {
        /// What shall become of the payout.
        then: Then,
        /// The id to go on with.
        next: NextId,
    },
    /// A person has had everything erased that says who won.
    Erased,
}

impl Event {
    /// The name that rows and logs write.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Claim { .. } => "claimed",
            Self::Capped { cap, .. } => cap.name(),
            Self::AwaitsRecipient { .. } => "awaits_recipient",
            Self::OutsideHours { .. } => "outside_send_hours",
            Self::Buried => "buried",
            Self::Issued { .. } => "issued",
            Self::NotSent => "not_sent",
            Self::LineRefused(fault) => fault.name(),
            Self::RefusedAlone(_) => "refused_alone",
            Self::HandedOver => "handed_over",
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
            Self::FoundAfterRestore { .. } => "found_after_restore",
            Self::CancelUnanswered => "cancel_unanswered",
            Self::Audited(_) => "audited",
            Self::LateCancelled => "late_cancelled",
            Self::Reopen => "reopened",
            Self::Restored => "restored",
            Self::Granted => "granted",
            Self::Confirmed { .. } => "confirmed",
            Self::Ordered { then: Then::Reissue, .. } => "reissue_ordered",
            Self::Ordered { then: Then::Close, .. } => "close_ordered",
            Self::Disowned { .. } => "disowned",
            Self::Erased => "erased",
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
