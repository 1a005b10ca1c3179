use crate::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use crate::faults::{Fault, FaultSet};
use crate::workers::Function;

/// What a run of histories is about: which faults they may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Every fault that the rules are made for.
    Every,
    /// None.
    None,
    /// None, and a hundred identical lists at once (R4).
    Crowd,
    /// Sends without a clear answer (R7).
    Unknown,
    /// `send` ends anywhere (R8).
    Crashes,
    /// Giftishow's answers only, of every sort, and often (R9).
    Answers,
    /// The stream's and the index's only: they may change when, and nothing else (R10).
    Wakes,
    /// What pauses the line (R11).
    Line,
    /// Every fault, and the table is put back to an earlier state (R13).
    Restore,
    /// Every fault, and Giftishow issues up to six days late (R15).
    Late,
    /// Processes that stand still, often.
    Freezes,
    /// Wins of the same people on several days, callbacks that are lost, and people who try again by hand (R17).
    Retries,
    /// Every fault, and people who do whatever they are offered, at any moment, twice, on what may be stale (R19, R20).
    People,
    /// Writes that come late, and what makes an attempt be claimed again meanwhile, often.
    Writes,
}

const UNKNOWN: FaultSet =
    FaultSet::of(&[Fault::SendLost, Fault::SendLate, Fault::SendUnheard, Fault::SendGarbled, Fault::SendUnclear]);
const CRASHES: FaultSet = FaultSet::of(&[Fault::Crash]);
const ANSWERS: FaultSet =
    FaultSet::of(&[Fault::SendGarbled, Fault::SendUnclear, Fault::CancelGarbled, Fault::LookupFailed]);
const WAKES: FaultSet = FaultSet::of(&[
    Fault::RecordDropped,
    Fault::RecordRepeated,
    Fault::RecordShuffled,
    Fault::RecordPoisoned,
    Fault::StreamOff,
    Fault::WakeRefused,
    Fault::WakeLost,
    Fault::WakeAnswerLost,
    Fault::WakeTwice,
    Fault::IndexBlind,
    Fault::IndexStale,
]);
const LINE: FaultSet = FaultSet::of(&[Fault::LineRefused, Fault::BalanceEmpty, Fault::CredentialsRefused]);
const RESTORED: FaultSet = FaultSet::of(&[Fault::Restored, Fault::BackupTorn]);
const FREEZES: FaultSet = FaultSet::of(&[Fault::Freeze]);
const LOST: FaultSet = FaultSet::of(&[Fault::CallbackLost, Fault::CallbackUnheard, Fault::HeardAndRetried]);
const RETRIES: FaultSet = FaultSet::of(&[
    Fault::CallbackLost,
    Fault::CallbackUnheard,
    Fault::CallbackRepeated,
    Fault::HeardAndRetried,
    Fault::Crash,
    Fault::Freeze,
    Fault::ClockJump,
    Fault::Throttled,
    Fault::RequestLost,
    Fault::AnswerLost,
    Fault::WriteLate,
    Fault::WrittenTwice,
    Fault::Conflict,
    Fault::RewardMissing,
    Fault::InputRefused,
]);
const WRITES: FaultSet = FaultSet::of(&[
    Fault::Freeze,
    Fault::WriteLate,
    Fault::NotConnected,
    Fault::SendLate,
    Fault::SendUnheard,
    Fault::InputRefused,
    Fault::RecipientMissing,
]);

impl Profile {
    pub(crate) fn faults(self) -> FaultSet {
        match self {
            Self::Every | Self::Late | Self::People => FaultSet::EVERY.without(RESTORED),
            Self::Restore => FaultSet::EVERY,
            Self::None | Self::Crowd => FaultSet::NONE,
            Self::Unknown => UNKNOWN,
            Self::Crashes => CRASHES,
            Self::Answers => ANSWERS,
            Self::Wakes => WAKES,
            Self::Line => LINE,
            Self::Freezes => FREEZES,
            Self::Retries => RETRIES,
            Self::Writes => WRITES,
        }
    }

    /// The faults that it is about, if it is about some: they happen often.
    pub(crate) fn is_about(self) -> FaultSet {
        match self {
            Self::Restore => FaultSet::of(&[Fault::Restored]),
            Self::Late => FaultSet::of(&[Fault::SendLate]),
            Self::Retries => LOST,
            _ => FaultSet::NONE,
        }
    }

    /// Whether some rewards have hours in which nobody is texted. What takes the time, or counts what is rare, goes without.
    pub(crate) fn has_send_hours(self) -> bool {
        matches!(self, Self::Every | Self::Wakes | Self::Restore | Self::Late | Self::Retries)
    }

    /// Whether its faults are rather frequent than rare.
    pub(crate) fn is_rough(self) -> bool {
        matches!(self, Self::Crashes | Self::Answers | Self::Freezes | Self::Writes)
    }

    /// One history of so many has people who do something about payouts.
    pub(crate) fn operated_once_in(self) -> Option<u64> {
        match self {
            Self::People => Some(1),
            Self::Every => Some(8),
            _ => None,
        }
    }

    /// Whether processes of this function may end or stand still.
    pub(crate) fn may_disturb(self, function: Function) -> bool {
        self != Self::Crashes || function == Function::Send
    }

    /// How long after it left a request may still be done. A send's deadline and the grace period, less what two clocks may
    /// be apart; or 6 days, likewise.
    pub(crate) fn lateness_ms(self) -> i64 {
        match self {
            Self::Late => 6 * DAY_MS - MINUTE_MS,
            _ => (15 + 600 - 2 * 25 - 1) * SECOND_MS,
        }
    }
}
