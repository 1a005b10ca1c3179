use crate::profile::Profile;
use crate::random::Random;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident = $name:literal,)*) => {
        /// What can go wrong in a history.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault { $($(#[$doc])* $fault,)* }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$fault,)*];

            /// As traces and counts name it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$fault => $name,)* }
            }
        }
    };
}

faults! {
    /// A process ends without a word.
    Crash = "crash",
    /// A process stands still for up to 20 minutes, and may go on past its time limit.
    Freeze = "freeze",
    /// A process finds its clock elsewhere, back or forth, within the 25 s that clocks may be off.
    ClockJump = "clock jump",

    /// The table takes nothing just now; nothing is written.
    Throttled = "table throttled",
    /// The request never reaches the table.
    RequestLost = "table request lost",
    /// The table did it and nobody hears of it.
    AnswerLost = "table answer lost",
    /// The caller gives up, and the table does it later all the same.
    WriteLate = "table write late",
    /// The SDK tries a second time, and the first try had done it.
    WrittenTwice = "table write tried twice",
    /// The transaction meets another one.
    Conflict = "transaction conflict",
    /// The index shows what was.
    IndexStale = "index stale",
    /// The index does not show a row yet.
    IndexBlind = "index blind",

    /// No record of a change comes.
    RecordDropped = "stream record dropped",
    /// A record comes up to five times more.
    RecordRepeated = "stream record repeated",
    /// A record comes later, behind others.
    RecordShuffled = "stream record shuffled",
    /// A record that cannot be read.
    RecordPoisoned = "stream record poisoned",
    /// The stream is off, up to a day.
    StreamOff = "stream off",

    /// `send` cannot be invoked.
    WakeRefused = "wake refused",
    /// An invocation of `send` is taken and lost.
    WakeLost = "wake lost",
    /// `send` is invoked and the sweeper is told that it is not.
    WakeAnswerLost = "wake answer lost",
    /// One invocation of `send` comes twice.
    WakeTwice = "wake twice",
    /// The schedule starts a second sweep beside the first.
    TwoSweepers = "two sweepers",

    /// No connection to Giftishow.
    NotConnected = "not connected",
    /// A request leaves and never arrives.
    SendLost = "send lost",
    /// Giftishow issues after everybody has given up.
    SendLate = "send late",
    /// Giftishow issues and its answer is lost.
    SendUnheard = "send unheard",
    /// Giftishow issues and its answer cannot be understood.
    SendGarbled = "send garbled",
    /// Giftishow issues nothing and its answer does not say so.
    SendUnclear = "send unclear",
    /// Giftishow refuses what was asked.
    InputRefused = "input refused",
    /// Giftishow refuses the line, once.
    LineRefused = "line refused",
    /// The balance is too low for a while.
    BalanceEmpty = "balance empty",
    /// The credentials are refused for a while.
    CredentialsRefused = "credentials refused",
    /// Giftishow is out, for seconds or for days.
    Outage = "outage",
    /// A cancel leaves and never arrives.
    CancelLost = "cancel lost",
    /// A cancel works after everybody has given up.
    CancelLate = "cancel late",
    /// A cancel works and its answer is lost.
    CancelUnheard = "cancel unheard",
    /// A cancel is answered with what does not say what was done.
    CancelGarbled = "cancel garbled",
    /// A cancel finds nothing although there is something.
    CancelBlind = "cancel blind",
    /// A coupon that cannot be cancelled.
    NotCancellable = "not cancellable",
    /// A look-up is not answered, or not understood.
    LookupFailed = "look-up failed",
    /// A look-up does not show a coupon that was just issued.
    LookupBlind = "look-up blind",
    /// A look-up shows a state that only a person can judge.
    PinAmbiguous = "pin ambiguous",
    /// The winner uses the coupon.
    CouponUsed = "coupon used",
    /// Somebody else has used our tr_id at Giftishow.
    ForeignCoupon = "foreign coupon",

    /// Somebody else's row has our tr_id.
    ForeignRow = "foreign row",
    /// The reward's row is gone or off.
    RewardMissing = "reward missing",
    /// The recipient is not registered.
    RecipientMissing = "recipient missing",
    /// The recipient's number is none.
    RecipientMalformed = "recipient malformed",

    /// A cap is so low that it is reached.
    CapReached = "cap reached",

    /// What Bleepy posts never comes.
    CallbackLost = "callback lost",
    /// Bleepy does not hear the answer.
    CallbackUnheard = "callback unheard",
    /// Bleepy asks again although it was answered 200.
    CallbackRepeated = "callback repeated",
    /// People at Bleepy try again what was answered 200.
    HeardAndRetried = "retried though answered 200",
    /// The table is put back to what it was.
    Restored = "table restored",
    /// What it is put back to holds some rows as they were a while later: half of a transaction, say.
    BackupTorn = "backup torn",
}

/// Rates to choose from, of 2^32.
const USUAL: &[u32] = &[0, 0, 0, 0, 1 << 25, 1 << 26, 1 << 28, 1 << 30];
const ROUGH: &[u32] = &[0, 1 << 28, 1 << 29, 1 << 30, 1 << 30];
const COUNT: usize = Fault::ALL.len();

/// Times that each fault happened, in the order of [`Fault::ALL`].
pub type Hits = [u64; COUNT];

/// A set of faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultSet(u64);

impl FaultSet {
    pub(crate) const EVERY: Self = Self(u64::MAX);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn of(faults: &[Fault]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < faults.len() {
            bits |= 1 << faults[index] as u64;
            index += 1;
        }
        Self(bits)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn has(self, fault: Fault) -> bool {
        self.0 & 1 << fault as u64 != 0
    }
}

/// A fault that happened: where in the history, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) place: u64,
    pub(crate) fault: Fault,
}

/// Which faults happen in a history, and which have.
pub(crate) struct Faults {
    /// Of 2^32 draws, how many bring the fault.
    rates: [u32; COUNT],
    on: bool,
    /// Only these may happen; for showing which of them a failure needs.
    kept: Option<Vec<u64>>,
    listed: Option<Vec<Hit>>,
    pub(crate) hits: Hits,
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self { rates: [0; COUNT], on: true, kept: None, listed: None, hits: [0; COUNT] }
    }

    /// A new history. Each has a mixture of its own: half of the faults not at all, the others rarely or often.
    pub(crate) fn begin(&mut self, profile: Profile, random: &mut Random) {
        self.on = true;
        let possible = profile.faults();
        let calm = if profile.is_rough() { 0 } else { random.one(&[0, 0, 2, 4, 31]) };
        let rates: &[u32] = if profile.is_rough() { ROUGH } else { USUAL };
        for (fault, rate) in Fault::ALL.iter().zip(&mut self.rates) {
            let often = random.one(rates);
            // Met at every wait.
            let everywhere = matches!(fault, Fault::Crash | Fault::Freeze | Fault::ClockJump);
            *rate = if possible.has(*fault) { often >> calm >> (2 * u32::from(everywhere)) } else { 0 };
        }
        for fault in Fault::ALL.iter().filter(|fault| profile.is_about().has(**fault)) {
            self.rates[*fault as usize] = 1 << 30;
        }
    }

    /// Remembers every fault that happens; `kept` are the only ones that may.
    pub(crate) fn list(&mut self, kept: Option<Vec<u64>>) {
        self.kept = kept;
        self.listed = Some(Vec::new());
    }

    /// What was remembered; nothing is from now on.
    pub(crate) fn listed(&mut self) -> Vec<Hit> {
        self.kept = None;
        self.listed.take().unwrap_or_default()
    }

    /// Nothing goes wrong any more.
    pub(crate) fn end(&mut self) {
        self.on = false;
    }

    /// Whether this fault happens now.
    pub(crate) fn hit(&mut self, fault: Fault, random: &mut Random) -> bool {
        self.one_of(&[fault], random).is_some()
    }

    /// Which of these faults happens now, if any.
    pub(crate) fn one_of(&mut self, faults: &[Fault], random: &mut Random) -> Option<Fault> {
        let mut roll = random.roll();
        if !self.on {
            return None;
        }
        for fault in faults {
            let rate = u64::from(self.rates[*fault as usize]);
            if roll < rate {
                return self.happens(*fault, random.place()).then_some(*fault);
            }
            roll -= rate;
        }
        None
    }

    fn happens(&mut self, fault: Fault, place: u64) -> bool {
        if self.kept.as_ref().is_some_and(|kept| !kept.contains(&place)) {
            return false;
        }
        self.hits[fault as usize] += 1;
        if let Some(listed) = &mut self.listed {
            listed.push(Hit { place, fault });
        }
        true
    }
}
