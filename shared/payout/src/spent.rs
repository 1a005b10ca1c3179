use crate::attempt::{Attempt, State};
use crate::moment::Moment;
use crate::rules::Rules;

/// How the codes of look-ups begin that showed a coupon.
const SAW_A_COUPON: &str = "pin_status_";

/// What an attempt did to the prepaid money, as far as its row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spent {
    /// Nothing: it has no coupon, or somebody else's.
    Nothing,
    /// Its coupon was issued and paid for.
    Kept,
    /// Its coupon was issued and cancelled: the money came back.
    GivenBack,
    /// The row does not tell: 0201 does.
    Unclear,
}

impl Attempt {
    /// What it did to the prepaid money. While it is sending or unknown, that is what was known before.
    pub fn spent(&self) -> Spent {
        let was_issued = self.order_no.is_some();
        match self.state {
            State::Sent => Spent::Kept,
            State::Sending | State::Unknown if was_issued => Spent::Kept,
            State::Sending | State::Unknown => Spent::Nothing,
            State::Accepted | State::Failed | State::HandedOver if self.is_unclear() => Spent::Unclear,
            State::Accepted | State::Failed | State::HandedOver => Spent::Nothing,
            State::Dead | State::Review | State::Closed => self.spent_by_last_event(),
        }
    }

    /// What is left of one that has ended otherwise than with a coupon: how it ended tells.
    fn spent_by_last_event(&self) -> Spent {
        let gone = if self.order_no.is_some() { Spent::GivenBack } else { Spent::Nothing };
        let saw_a_coupon = self.last_code.as_deref().is_some_and(|code| code.starts_with(SAW_A_COUPON));
        match self.last_event.as_str() {
            "cancelled" | "late_cancelled" => Spent::GivenBack,
            "already_used" => Spent::Kept,
            "buried" => gone,
            "held" | "disowned" | "duplicate_of_foreign" => Spent::Nothing,
            // Closed without a cancel: nothing was ever sent, or the winner keeps the coupon.
            "close_ordered" if self.lease_until.is_none() && !self.is_unclear() => Spent::Nothing,
            "goods_withdrawn" | "refused_alone" if !self.is_unclear() => Spent::Nothing,
            "not_found" | "audited" if !saw_a_coupon => gone,
            "not_cancellable" if !saw_a_coupon && self.state != State::Review => gone,
            _ => Spent::Unclear,
        }
    }

    /// Whether what it did to the prepaid money can still become something else: it is open, waits for a person or for an
    /// audit, or its coupon could be cancelled.
    pub fn may_move_money(&self, now: Moment, rules: &Rules) -> bool {
        match self.state {
            State::Accepted | State::Sending | State::Unknown | State::Failed | State::Review => true,
            State::Sent => self.is_cancellable(now, rules),
            State::Dead | State::Closed => self.due_at.is_some(),
            State::HandedOver => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        CouponStanding, Event, Evidence, Gubun, Held, Krw, Owner, PayoutKey, Purchase, RewardCode, Slot, Stamp, Then,
        TrIdScheme, UserKey, transition,
    };

    fn rules() -> Rules {
        Rules::default()
    }

    fn at() -> Moment {
        Moment::from_millis(1_790_000_000_000)
    }

    fn accepted() -> Attempt {
        let (code, user) = ("CODE".to_owned(), "user".to_owned());
        let payout = PayoutKey {
            code: RewardCode::try_from(code).unwrap(),
            user_key: UserKey::try_from(user).unwrap(),
            slot: Slot::new("once"),
        };
        Attempt::first(&TrIdScheme::new("bg", "test").unwrap(), &payout, 0, &stamp(at(), None), &rules())
    }

    fn stamp(at: Moment, code: Option<&str>) -> Stamp {
        let evidence = Evidence { code: code.map(ToOwned::to_owned), http_status: Some(200) };
        Stamp { owner: Owner::new("one"), at, evidence }
    }

    fn then(row: &Attempt, event: Event, at: Moment, code: Option<&str>) -> Attempt {
        transition(row, event, &stamp(at, code), &rules()).unwrap().after
    }

    fn sending() -> Attempt {
        let purchase = Purchase { gubun: Gubun::Mms, goods_code: "G1".to_owned(), price_krw: Some(Krw(4_500)) };
        let claim = Event::Claim { lease_until: at().after(Duration::from_mins(2)), purchase: Some(purchase) };
        then(&accepted(), claim, at(), None)
    }

    fn sent() -> Attempt {
        then(&sending(), Event::Issued { order_no: "1".to_owned() }, at(), Some("0000"))
    }

    fn unknown() -> Attempt {
        then(&sending(), Event::NoAnswer { send_started_at: at() }, at(), Some("timeout"))
    }

    fn next() -> crate::NextId {
        accepted().next_id(&TrIdScheme::new("bg", "test").unwrap(), 0)
    }

    fn later() -> Moment {
        at().after(Duration::from_hours(1))
    }

    #[test]
    fn a_coupon_is_paid_for_from_its_issue_until_a_cancel_has_had_its_effect() {
        assert_eq!(accepted().spent(), Spent::Nothing);
        assert_eq!(sent().spent(), Spent::Kept);
        let ordered = Event::Ordered { then: Then::Close, standing: CouponStanding::Live };
        let ordered = then(&sent(), ordered, later(), None);
        assert_eq!(ordered.spent(), Spent::Kept, "it is not cancelled yet");
        let closed = then(&ordered, Event::Cancelled { next: next() }, later(), Some("0000"));
        assert_eq!((closed.state, closed.spent()), (State::Closed, Spent::GivenBack));
        let back = then(&ordered, Event::AlreadyUsed, later(), Some("COUPON.0007"));
        assert_eq!((back.state, back.spent()), (State::Sent, Spent::Kept));
    }

    #[test]
    fn an_unknown_send_that_was_cancelled_had_been_issued_and_one_that_nobody_knows_had_not() {
        let dead = then(&unknown(), Event::Cancelled { next: next() }, later(), Some("0000"));
        assert_eq!((dead.state, dead.spent()), (State::Dead, Spent::GivenBack));
        let not_found =
            |standing| Event::NotFound { cancel_started_at: later(), second_opinion: standing, next: next() };
        let dead = then(&unknown(), not_found(CouponStanding::Absent), later(), Some("ERR0214"));
        assert_eq!((dead.state, dead.spent()), (State::Dead, Spent::Nothing));
        assert!(dead.may_move_money(later(), &rules()), "it may turn up late");
        let seen = then(&unknown(), not_found(CouponStanding::Cancelled), later(), Some("pin_status_07"));
        assert_eq!(seen.spent(), Spent::Unclear);
        let paid_twice = then(&dead, Event::Audited(CouponStanding::Used), later(), Some("pin_status_02"));
        assert_eq!(paid_twice.spent(), Spent::Unclear);
        let late = then(&dead, Event::LateCancelled, later(), Some("0000"));
        assert_eq!((late.spent(), late.may_move_money(later(), &rules())), (Spent::GivenBack, false));
    }

    #[test]
    fn what_was_never_asked_for_cost_nothing() {
        let failed = then(&sending(), Event::InputRefused, at(), Some("ERR0201"));
        assert_eq!(failed.spent(), Spent::Nothing);
        assert_eq!(accepted().held(Held::MaybeRepeated).spent(), Spent::Nothing);
        assert_eq!(then(&sending(), Event::GoodsWithdrawn, at(), None).spent(), Spent::Nothing);
        assert_eq!(then(&sending(), Event::DuplicateOfForeign, at(), Some("pin_status_01")).spent(), Spent::Nothing);
        let unclear = then(&sending(), Event::DuplicateOfOurs(CouponStanding::Absent), at(), Some("ERR0215"));
        assert_eq!((unclear.state, unclear.spent()), (State::Accepted, Spent::Unclear));
    }

    #[test]
    fn what_is_closed_without_a_cancel_cost_nothing_only_if_it_was_never_sent() {
        let close = |row: &Attempt, standing| then(row, Event::Ordered { then: Then::Close, standing }, later(), None);
        let failed = then(&sending(), Event::InputRefused, at(), Some("ERR0201"));
        assert_eq!(close(&failed, CouponStanding::Absent).spent(), Spent::Nothing);
        let held = accepted().held(Held::MaybeRepeated);
        assert_eq!(close(&held, CouponStanding::Absent).spent(), Spent::Nothing);
        let review = then(&sending(), Event::DuplicateOfOurs(CouponStanding::Ambiguous), at(), Some("pin_status_05"));
        let closed = close(&review, CouponStanding::Used);
        assert_eq!((closed.state, closed.spent()), (State::Closed, Spent::Unclear));
    }

    #[test]
    fn a_sent_coupon_moves_no_money_once_it_can_be_cancelled_no_more() {
        assert!(sent().may_move_money(later(), &rules()));
        assert!(!sent().may_move_money(at().after(Duration::from_hours(24 * 8)), &rules()));
        assert!(accepted().may_move_money(at().after(Duration::from_hours(24 * 800)), &rules()));
    }
}
