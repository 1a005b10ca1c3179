use payout::{Attempt, CouponStanding, Event, Gubun, Moment, NextId, Rules, State, Then, korean_day};
use serde::{Deserialize, Serialize};

use crate::outcome::Seen;

/// An order that a person can give about one payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// [`crate::Operation::Reopen`].
    Reopen,
    /// [`crate::Operation::Grant`].
    Grant,
    /// [`crate::Operation::Confirm`].
    Confirm,
    /// [`crate::Operation::Cancel`], and then the next attempt.
    CancelAndReissue,
    /// [`crate::Operation::Cancel`], and nothing is owed.
    CancelAndClose,
    /// [`crate::Operation::Reissue`].
    Reissue,
    /// [`crate::Operation::Close`].
    Close,
    /// [`crate::Operation::Resend`].
    Resend,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 8] = [
        Self::Reopen,
        Self::Grant,
        Self::Confirm,
        Self::CancelAndReissue,
        Self::CancelAndClose,
        Self::Reissue,
        Self::Close,
        Self::Resend,
    ];

    /// Whether the payout waits for nobody afterwards.
    pub fn ends_the_waiting(self) -> bool {
        self != Self::Resend
    }
}

/// A way, and why it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayOut {
    /// Which.
    pub way: Way,
    /// Why not; `None` if it may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNot>,
}

/// Why something may not be done with a payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// It is not for a payout that stands there.
    State(State),
    /// A later attempt has taken its place.
    NotTheLast,
    /// Its code stands for no reward.
    RewardMissing,
    /// Its reward is switched off.
    RewardInactive,
    /// Its reward could not be paid as it is.
    RewardWrong(String),
    /// Nobody is registered for its user key.
    RecipientMissing,
    /// Its user key was erased.
    Erased,
    /// It is no question of repetition.
    NotRepeated,
    /// A person must say whether it is a win of its own: grant it, or close it.
    MaybeRepeated,
    /// Giftishow has been asked for it: whether the same tr_id may be sent again cannot be told.
    WasSent,
    /// Giftishow was never asked for it: re-open it, or grant it.
    NeverSent,
    /// Giftishow does not answer: whether a coupon lives is not known.
    Unanswered,
    /// Its coupon lives: cancel it first.
    CouponLives,
    /// The winner has used its coupon: confirm it.
    CouponUsed,
    /// There is no coupon.
    NoCoupon,
    /// What its coupon's status means only Giftishow can say.
    CouponUnclear,
    /// Its coupon is somebody else's: other goods than were ever asked for.
    NotOurs,
    /// A cancel that left before may still end its coupon.
    Settling {
        /// From when on none can.
        again_at: Moment,
    },
    /// Its PIN came with an answer that was lost: the coupon is of no use to the winner.
    PinLost,
    /// Later than seven days after the send: Giftishow cancels it no more.
    TooLate,
    /// It has had as many attempts as can be counted.
    NoMoreAttempts,
    /// The company shows the coupon itself: there is no message to send again.
    NoMessage,
    /// It was sent again a moment ago.
    TooSoon {
        /// When it may be sent again.
        again_at: Moment,
    },
    /// It was sent again three times today.
    TooOften,
}

/// All that decides what may be done.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The attempt; the payout's last one.
    pub attempt: &'a Attempt,
    /// What 0201 says of it now; `None` if it was not asked.
    pub seen: Option<&'a Seen>,
    /// What keeps its reward from being paid now.
    pub reward: Result<(), &'a WhyNot>,
    /// Whether somebody is registered for its user key, or the company's own service may know them.
    pub has_recipient: bool,
    /// Whether its PIN is kept.
    pub pin_kept: bool,
    /// When its message was sent again today and the day before, oldest first.
    pub resent: &'a [Moment],
    /// Now.
    pub now: Moment,
    /// The rules of payouts.
    pub rules: &'a Rules,
}

/// At most so many resends on a Korean day.
pub const RESENDS_A_DAY: usize = 3;
/// At most one resend in this time.
pub const BETWEEN_RESENDS: std::time::Duration = std::time::Duration::from_mins(5);

impl Facts<'_> {
    /// Why this way is closed; `None` if it may be gone.
    pub fn why_not(&self, way: Way) -> Option<WhyNot> {
        let state = self.attempt.state;
        if self.attempt.next_tr_id.is_some() {
            return Some(WhyNot::NotTheLast);
        }
        match (way, state) {
            (Way::Reopen, State::Failed | State::Review) => self.not_reopened(),
            (Way::Grant, State::Review) if !self.attempt.may_be_repeated() => Some(WhyNot::NotRepeated),
            (Way::Grant, State::Review) => self.not_payable(),
            (Way::Confirm, State::Review) => self.not_confirmed(),
            (Way::CancelAndReissue, State::Sent | State::Review) => self.not_cancelled(Then::Reissue),
            (Way::CancelAndClose, State::Sent | State::Review) => self.not_cancelled(Then::Close),
            (Way::Reissue, State::Sent | State::Review) => self.not_reissued(),
            (Way::Close, State::Failed | State::Review) => self.not_closed(),
            (Way::Resend, State::Sent) => self.not_resent(),
            _ => Some(WhyNot::State(state)),
        }
    }

    fn standing(&self) -> CouponStanding {
        self.seen.map_or(CouponStanding::Unanswered, |seen| seen.standing.into())
    }

    /// Of a row that names no goods, nobody can tell.
    fn same_goods(&self) -> Option<bool> {
        self.attempt.goods_code.as_ref().and(self.seen?.same_goods)
    }

    /// 0201 shows other goods than were ever asked for with this tr_id.
    fn is_foreign(&self) -> bool {
        self.attempt.state == State::Review && self.same_goods() == Some(false) && !self.attempt.is_unclear()
    }

    /// Whether what lives may be somebody else's: it is never cancelled.
    fn may_be_foreign(&self) -> bool {
        let untold = self.same_goods().is_none();
        self.is_foreign() || untold && (self.attempt.met_a_foreign_coupon() || self.was_never_sent())
    }

    fn was_never_sent(&self) -> bool {
        self.attempt.state == State::Review && self.attempt.was_never_sent()
    }

    /// What to do instead with what was never sent.
    fn never_sent(&self) -> WhyNot {
        if self.attempt.may_be_repeated() { WhyNot::MaybeRepeated } else { WhyNot::NeverSent }
    }

    /// The event to tell of an attempt when this way is gone; `next` is the id to go on with. `None` for a way that leaves the
    /// attempt as it is. Whether the way is open is [`Facts::why_not`]'s to say.
    pub fn event(&self, way: Way, next: NextId) -> Option<Event> {
        let standing = self.standing();
        let ended = |then| {
            if self.is_foreign() { Event::Disowned { then, next } } else { Event::Ordered { then, standing } }
        };
        Some(match way {
            Way::Reopen => Event::Reopen,
            Way::Grant => Event::Granted,
            Way::Confirm => Event::Confirmed { standing, kept: self.pin_kept },
            Way::CancelAndReissue => Event::Ordered { then: Then::Reissue, standing },
            Way::CancelAndClose => Event::Ordered { then: Then::Close, standing },
            Way::Reissue => ended(Then::Reissue),
            Way::Close => ended(Then::Close),
            Way::Resend => return None,
        })
    }

    fn not_payable(&self) -> Option<WhyNot> {
        match self.reward {
            Err(why) => Some(why.clone()),
            Ok(()) if self.attempt.user_key.is_none() => Some(WhyNot::Erased),
            Ok(()) if !self.has_recipient => Some(WhyNot::RecipientMissing),
            Ok(()) => None,
        }
    }

    fn not_reopened(&self) -> Option<WhyNot> {
        if self.attempt.may_be_repeated() {
            return Some(WhyNot::MaybeRepeated);
        }
        if self.attempt.state == State::Review && !self.attempt.was_not_asked_for() {
            return Some(WhyNot::WasSent);
        }
        self.not_payable()
    }

    fn not_confirmed(&self) -> Option<WhyNot> {
        match self.standing() {
            CouponStanding::Live | CouponStanding::Used if self.same_goods() == Some(false) => Some(WhyNot::NotOurs),
            CouponStanding::Live | CouponStanding::Used if self.was_never_sent() => Some(self.never_sent()),
            CouponStanding::Live | CouponStanding::Used if self.attempt.would_be_lost() && !self.pin_kept => {
                Some(WhyNot::PinLost)
            }
            CouponStanding::Live | CouponStanding::Used => {
                let again_at = self.attempt.settles_at(self.rules);
                (again_at > self.now).then_some(WhyNot::Settling { again_at })
            }
            CouponStanding::Cancelled | CouponStanding::Absent => Some(WhyNot::NoCoupon),
            CouponStanding::Ambiguous => Some(WhyNot::CouponUnclear),
            CouponStanding::Unanswered => Some(WhyNot::Unanswered),
        }
    }

    fn not_cancelled(&self, then: Then) -> Option<WhyNot> {
        if then == Then::Reissue && self.attempt.attempt == u8::MAX {
            return Some(WhyNot::NoMoreAttempts);
        }
        if then == Then::Reissue && self.was_never_sent() {
            return Some(self.never_sent());
        }
        match self.standing() {
            CouponStanding::Cancelled | CouponStanding::Absent => Some(WhyNot::NoCoupon),
            CouponStanding::Unanswered => Some(WhyNot::Unanswered),
            _ if self.may_be_foreign() => Some(WhyNot::NotOurs),
            CouponStanding::Used => Some(WhyNot::CouponUsed),
            CouponStanding::Live if !self.is_cancellable() => Some(WhyNot::TooLate),
            CouponStanding::Ambiguous if self.attempt.state != State::Review => Some(WhyNot::CouponUnclear),
            CouponStanding::Live | CouponStanding::Ambiguous if then == Then::Reissue => self.not_payable(),
            CouponStanding::Live | CouponStanding::Ambiguous => None,
        }
    }

    fn is_cancellable(&self) -> bool {
        self.attempt.is_cancellable(self.now, self.rules)
    }

    fn not_reissued(&self) -> Option<WhyNot> {
        if self.was_never_sent() {
            return Some(self.never_sent());
        }
        if self.attempt.attempt == u8::MAX {
            return Some(WhyNot::NoMoreAttempts);
        }
        match self.standing() {
            _ if self.is_foreign() => self.not_payable(),
            CouponStanding::Cancelled | CouponStanding::Absent => self.not_payable(),
            standing => Self::something_may_live(standing),
        }
    }

    fn not_closed(&self) -> Option<WhyNot> {
        // Nobody can cancel it, and it is of no use to the winner.
        let for_good = |why: &WhyNot| !matches!(why, WhyNot::Settling { .. });
        let is_useless = || self.attempt.state == State::Review && self.not_confirmed().as_ref().is_some_and(for_good);
        match self.standing() {
            _ if self.is_foreign() => None,
            CouponStanding::Used if is_useless() => None,
            CouponStanding::Live if !self.is_cancellable() && is_useless() => None,
            standing => Self::something_may_live(standing),
        }
    }

    fn something_may_live(standing: CouponStanding) -> Option<WhyNot> {
        match standing {
            CouponStanding::Live => Some(WhyNot::CouponLives),
            CouponStanding::Used => Some(WhyNot::CouponUsed),
            CouponStanding::Ambiguous => Some(WhyNot::CouponUnclear),
            CouponStanding::Unanswered => Some(WhyNot::Unanswered),
            CouponStanding::Cancelled | CouponStanding::Absent => None,
        }
    }

    /// How often its message was sent again on the Korean day of now.
    pub fn resent_today(&self) -> usize {
        let today = korean_day(self.now);
        self.resent.iter().filter(|at| korean_day(**at) == today).count()
    }

    fn not_resent(&self) -> Option<WhyNot> {
        if self.attempt.gubun != Some(Gubun::Mms) {
            return Some(WhyNot::NoMessage);
        }
        if self.resent_today() >= RESENDS_A_DAY {
            return Some(WhyNot::TooOften);
        }
        if let Some(last) = self.resent.last() {
            let again_at = last.after(BETWEEN_RESENDS);
            if again_at > self.now {
                return Some(WhyNot::TooSoon { again_at });
            }
        }
        match self.standing() {
            CouponStanding::Live => None,
            CouponStanding::Used => Some(WhyNot::CouponUsed),
            CouponStanding::Cancelled | CouponStanding::Absent => Some(WhyNot::NoCoupon),
            CouponStanding::Ambiguous => Some(WhyNot::CouponUnclear),
            CouponStanding::Unanswered => Some(WhyNot::Unanswered),
        }
    }
}

/// What may be done with a payout, and what not, and why.
pub fn ways(facts: &Facts<'_>) -> Vec<WayOut> {
    Way::ALL.into_iter().map(|way| WayOut { way, why_not: facts.why_not(way) }).collect()
}
