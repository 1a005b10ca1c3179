use crate::attempt::Attempt;
use crate::fault::LineFault;
use crate::tr_id::TrId;

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
    /// What a person has ordered could not be done: its coupon was used, or can be cancelled no more.
    OrderFailed,
    /// A coupon that was issued too late was used, or lives and cannot be cancelled: the winner may have two.
    PaidTwice,
}
