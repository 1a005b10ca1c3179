use thiserror::Error;

use crate::attempt::{Attempt, Order, Purchase, State, Then};
use crate::effect::{Alarm, Effect};
use crate::event::{CouponStanding, Event};
use crate::fault::LineFault;
use crate::moment::Moment;
use crate::rules::Rules;
use crate::stamp::{NextId, Stamp};

/// A duplicate that cannot be told for this many tries goes to a person.
const MOST_UNCLEAR_DUPLICATES: u32 = 5;
/// After so many tries to no effect, about an hour, and again after as many more, a person is told.
const STUCK_AFTER: u32 = 8;

/// What an event makes of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The row to write, on condition that the state and the owner are still those of the attempt it was made from.
    pub after: Attempt,
    /// What goes with it.
    pub effects: Vec<Effect>,
}

/// An event that has no place in the attempt's state, or comes from somebody who may not say so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{event} is not possible for an attempt that is {} (attempt {attempt})", state.as_str())]
pub struct IllegalEvent {
    /// Where the attempt stands.
    pub state: State,
    /// Which try at the payout it is.
    pub attempt: u8,
    /// What was said to have happened.
    pub event: &'static str,
}

/// The one transition function of the product: what `event`, told by `stamp`, makes of `attempt`.
///
/// Only the owner of a lease may tell what came of a send, only an attempt that is unknown is ever cancelled, and an
/// attempt that was unknown is never sent again (rules 1, 2, 4 and 6).
#[expect(clippy::too_many_lines, reason = "it is a table: a line for each pair that is allowed")]
pub fn transition(attempt: &Attempt, event: Event, stamp: &Stamp, rules: &Rules) -> Result<Transition, IllegalEvent> {
    use CouponStanding as Coupon;
    use State::{Accepted, Closed, Dead, Failed, HandedOver, Review, Sending, Sent, Unknown};

    let now = stamp.at;
    let held = attempt.owner == stamp.owner;
    let illegal = IllegalEvent { state: attempt.state, attempt: attempt.attempt, event: event.name() };
    let step = Step::new(attempt, &event, stamp, rules);
    Ok(match (attempt.state, event) {
        (Accepted, Event::Claim { lease_until, purchase }) if claimable(attempt, lease_until, now) => {
            step.claim(lease_until, purchase)
        }
        (Accepted, Event::Buried) => step.known_dead(),
        (Accepted, Event::Capped { until, .. }) => step.capped(until),
        (Accepted, Event::AwaitsRecipient { until }) => step.looked_at_again(until),
        // Not sooner: a night's wins are written once each.
        (Accepted, Event::OutsideHours { until }) => step.accepted_at(until),

        (Sending, Event::Issued { order_no }) if held => step.sent(Some(order_no)),
        (Sending, Event::NotSent) if held => step.accepted_later(),
        (Sending, Event::LineRefused(fault)) if held => step.line_refused(fault),
        (Sending, Event::RefusedAlone(_)) if held => step.review(),
        (Sending, Event::HandedOver) if held && !attempt.is_unclear() => step.enter(HandedOver, None).done(),
        // An earlier request with this tr_id arrived: there may be a coupon that nobody has seen.
        (Sending, Event::InputRefused | Event::HandedOver) if held && attempt.is_unclear() => step.review(),
        (Sending, Event::InputRefused) if held => step.failed(),
        (Sending, Event::GoodsWithdrawn) if held => step.review(),
        (Sending, Event::NoAnswer { send_started_at }) if held => step.unknown(Some(send_started_at)),
        (Sending, Event::DuplicateOfKept) if held => step.sent(None),
        (Sending, Event::DuplicateOfOurs(Coupon::Used)) if held => step.used(),
        (Sending, Event::DuplicateOfOurs(Coupon::Live)) if held && attempt.would_be_lost() => step.unknown(None),
        (Sending, Event::DuplicateOfOurs(Coupon::Live)) if held => step.sent(None),
        (Sending, Event::DuplicateOfOurs(Coupon::Cancelled)) if held => step.unknown(None),
        (Sending, Event::DuplicateOfOurs(Coupon::Ambiguous)) if held => step.review(),
        (Sending, Event::DuplicateOfOurs(Coupon::Absent | Coupon::Unanswered)) if held => step.ask_again_or_review(),
        (Sending, Event::DuplicateOfForeign) if held => step.review(),
        (Sending, Event::CouponLost) if held => step.unknown(None),
        (Sending, Event::LeaseExpired) if expired(attempt, now) => step.unknown(None),

        (Unknown, Event::Cancelled { next }) => step.dead_or_review(next, false),
        (Unknown, Event::NotFound { cancel_started_at, .. }) if !attempt.not_found_counts(cancel_started_at, rules) => {
            step.unknown_until_settled()
        }
        (Unknown, Event::NotFound { second_opinion, next, .. }) => match second_opinion {
            Coupon::Absent => step.dead_or_review(next, true),
            Coupon::Cancelled => step.dead_or_review(next, false),
            Coupon::Live => step.unknown_later(),
            Coupon::Used => step.used(),
            Coupon::Ambiguous => step.review(),
            Coupon::Unanswered => step.unknown_later(),
        },
        (Unknown, Event::AlreadyUsed) => step.used(),
        (Unknown, Event::NotCancellable { standing, next }) => match standing {
            Coupon::Live | Coupon::Used => step.used(),
            Coupon::Cancelled => step.dead_or_review(next, false),
            // There is one, or 0202 would not refuse it.
            Coupon::Absent if attempt.order.is_some() && attempt.is_cancellable(now, rules) => step.unknown_later(),
            Coupon::Absent if attempt.order.is_some() => step.dead_or_review(next, true),
            Coupon::Absent => step.review(),
            Coupon::Ambiguous => step.closed_or_review(next),
            Coupon::Unanswered if attempt.is_cancellable(now, rules) => step.unknown_later(),
            Coupon::Unanswered => step.review(),
        },
        (Unknown, Event::FoundAfterRestore { standing, next }) if attempt.restored_at.is_some() => match standing {
            Coupon::Live | Coupon::Used => step.used(),
            Coupon::Cancelled => step.dead_or_review(next, false),
            Coupon::Ambiguous => step.review(),
            Coupon::Absent | Coupon::Unanswered => step.unknown_later(),
        },
        (Unknown, Event::CancelUnanswered) => step.unknown_later(),
        (Sending | Unknown, Event::Restored) => step.restored(),

        (Dead | Review | Closed, Event::Audited(standing)) if attempt.due_at.is_some() => match standing {
            Coupon::Absent => step.audited(),
            Coupon::Cancelled => step.audits_over(),
            Coupon::Live | Coupon::Used => step.audits_over().with(Effect::Alarm(Alarm::PaidTwice)),
            Coupon::Ambiguous => step.audited().with(Effect::Alarm(Alarm::PaidTwice)),
            Coupon::Unanswered => step.audit_later(),
        },
        (Dead | Closed, Event::LateCancelled) if attempt.due_at.is_some() => {
            step.audits_over().with(Effect::Alarm(Alarm::LateIssuance))
        }

        (Failed, Event::Reopen) => step.reopened(),
        (Review, Event::Reopen) if attempt.was_not_asked_for() => step.reopened(),

        // What a person decides (operations.md).
        (Review, Event::Granted) if attempt.may_be_repeated() => step.reopened(),
        (Review, Event::Confirmed { standing: Coupon::Live | Coupon::Used, kept })
            if can_be_confirmed(attempt, now, rules) && (kept || !attempt.would_be_lost()) =>
        {
            step.sent(None)
        }
        (Failed, Event::Ordered { then: Then::Close, standing }) if is_gone(standing) => step.closed(),
        (Review, Event::Ordered { then: Then::Reissue, .. }) if attempt.was_never_sent() => return Err(illegal),
        (Review, Event::Ordered { then: Then::Close, standing }) if is_over(attempt, standing, now, rules) => {
            step.closed()
        }
        (Sent | Review, Event::Ordered { then, standing }) if can_be_ended(attempt, then, standing, now, rules) => {
            step.ordered(then)
        }
        (Review, Event::Disowned { then, next }) if can_be_disowned(attempt, then) => step.disowned(then, next),
        (Sent, Event::Buried) => step.review(),
        (Sent | Failed | Review | Dead | HandedOver | Closed, Event::Erased) => erased(attempt, stamp),

        _ => return Err(illegal),
    })
}

fn claimable(attempt: &Attempt, lease_until: Moment, now: Moment) -> bool {
    attempt.not_before.is_none_or(|moment| moment <= now) && lease_until > now
}

fn expired(attempt: &Attempt, now: Moment) -> bool {
    attempt.lease_until.is_some_and(|until| until <= now)
}

/// Whether nothing lives of what 0201 was asked about.
fn is_gone(standing: CouponStanding) -> bool {
    matches!(standing, CouponStanding::Absent | CouponStanding::Cancelled)
}

/// Whether a coupon that lives now will: no cancel that left before is still to have its effect.
fn can_be_confirmed(attempt: &Attempt, now: Moment, rules: &Rules) -> bool {
    !attempt.was_never_sent() && attempt.settles_at(rules) <= now
}

/// Whether a payout can be closed without a cancel: nothing was ever sent, its coupon was used, or lives and can be cancelled
/// no more.
fn is_over(attempt: &Attempt, standing: CouponStanding, now: Moment, rules: &Rules) -> bool {
    match standing {
        CouponStanding::Used => true,
        CouponStanding::Live => !attempt.is_cancellable(now, rules),
        CouponStanding::Cancelled | CouponStanding::Absent => attempt.was_never_sent(),
        CouponStanding::Ambiguous | CouponStanding::Unanswered => false,
    }
}

/// Whether the sweeper can carry an order out: a coupon that lives and can still be cancelled, one that does not live, or one
/// of which Giftishow alone can say whether it can be cancelled.
fn can_be_ended(attempt: &Attempt, then: Then, standing: CouponStanding, now: Moment, rules: &Rules) -> bool {
    let lives = standing == CouponStanding::Live && attempt.is_cancellable(now, rules);
    let unclear = standing == CouponStanding::Ambiguous && attempt.state == State::Review;
    can_go_on(attempt, then) && (lives || unclear || is_gone(standing))
}

/// Whether another's coupon can be told from ours: what was asked for more than once may have been asked for with other goods.
fn can_be_disowned(attempt: &Attempt, then: Then) -> bool {
    let was_sent = then == Then::Close || !attempt.was_never_sent();
    !attempt.is_unclear() && was_sent && can_go_on(attempt, then)
}

fn can_go_on(attempt: &Attempt, then: Then) -> bool {
    then == Then::Close || attempt.attempt < u8::MAX
}

/// Who won is gone from the row; everything else stays as it is.
fn erased(attempt: &Attempt, stamp: &Stamp) -> Transition {
    let after = Attempt { user_key: None, owner: stamp.owner.clone(), ..attempt.clone() };
    Transition { after, effects: Vec::new() }
}

/// The row while it is being changed.
struct Step<'a> {
    row: Attempt,
    stamp: &'a Stamp,
    rules: &'a Rules,
    effects: Vec<Effect>,
}

impl<'a> Step<'a> {
    fn new(attempt: &Attempt, event: &Event, stamp: &'a Stamp, rules: &'a Rules) -> Self {
        let mut row = attempt.clone();
        row.owner = stamp.owner.clone();
        row.last_event = event.name().into();
        row.last_code.clone_from(&stamp.evidence.code);
        row.last_http_status = stamp.evidence.http_status;
        Self { row, stamp, rules, effects: Vec::new() }
    }

    /// Enters a state, to be looked at again at `due_at`.
    fn enter(mut self, state: State, due_at: Option<Moment>) -> Self {
        if self.row.state != state {
            self.row.state_since = self.stamp.at;
        }
        self.row.state = state;
        self.row.attention = state.waits_for_a_person().then_some(self.row.due_shard);
        self.row.due_at = due_at;
        self.row.not_before = None;
        self
    }

    fn done(self) -> Transition {
        Transition { after: self.row, effects: self.effects }
    }

    /// One more try that led nowhere, and the moment of the next.
    fn next_try(&mut self) -> Moment {
        let at = self.stamp.at.after(self.rules.back_off(self.row.tries));
        self.row.tries = self.row.tries.saturating_add(1);
        if self.row.tries.is_multiple_of(STUCK_AFTER) {
            self.effects.push(Effect::Alarm(Alarm::Stuck));
        }
        at
    }

    fn claim(mut self, lease_until: Moment, purchase: Option<Purchase>) -> Transition {
        self.row.lease_until = Some(lease_until);
        if let Some(Purchase { gubun, goods_code, price_krw }) = purchase {
            (self.row.gubun, self.row.goods_code, self.row.price_krw) = (Some(gubun), Some(goods_code), price_krw);
        }
        self.row.send_started_at = None;
        self.enter(State::Sending, Some(lease_until)).done()
    }

    fn sent(mut self, order_no: Option<String>) -> Transition {
        self.row.order_no = order_no.or(self.row.order_no);
        self.enter(State::Sent, None).done()
    }

    /// It was used, or can be cancelled no more. The promise is kept, unless what the winner needs for it was never shown.
    fn used(mut self) -> Transition {
        let order = self.row.order.take();
        // It was sent before: what the winner needs for it is kept.
        let shown = order.is_some_and(|order| order.from == State::Sent);
        let used = if self.row.would_be_lost() && !shown { self.review() } else { self.sent(None) };
        if order.is_some() { used.with(Effect::Alarm(Alarm::OrderFailed)) } else { used }
    }

    /// For the sweeper, at once.
    fn ordered(mut self, then: Then) -> Transition {
        self.row.order = Some(Order { then, from: self.row.state });
        self.row.tries = 0;
        let now = self.stamp.at;
        // So that "no such tr_id" counts some time, also if the row knows of no send.
        self.row.lease_until.get_or_insert(now);
        self.enter(State::Unknown, Some(now)).done()
    }

    fn disowned(self, then: Then, next: NextId) -> Transition {
        match then {
            Then::Close => self.closed(),
            Then::Reissue => self.dead(next, None),
        }
    }

    fn closed(self) -> Transition {
        self.enter(State::Closed, None).done()
    }

    /// Dead, and looked up again at `audit_at`; the payout goes on in the next attempt.
    fn dead(mut self, next: NextId, audit_at: Option<Moment>) -> Transition {
        let bury = Effect::Bury(self.row.tr_id.clone());
        let following = self.row.following(next, self.stamp, self.rules);
        self.row.next_tr_id = Some(following.tr_id.clone());
        self.enter(State::Dead, audit_at).done().with(Effect::StartAttempt(Box::new(following))).with(bury)
    }

    fn accepted_later(mut self) -> Transition {
        let again_at = self.next_try();
        self.accepted_at(again_at)
    }

    /// Nothing of the payout's own is wrong, so this is no try of it.
    fn accepted_again(self) -> Transition {
        let again_at = self.stamp.at.after(self.rules.redrive_after);
        self.accepted_at(again_at)
    }

    /// Rule 8: counted, so that one payout that Giftishow will never take cannot stop the others for ever. A low balance is
    /// no fault of the payout's.
    fn line_refused(mut self, fault: LineFault) -> Transition {
        if fault != LineFault::Balance {
            self.row.line_refusals = self.row.line_refusals.saturating_add(1);
            self.row.line_refused_since.get_or_insert(self.stamp.at);
        }
        self.accepted_again().with(Effect::LineRefused(fault))
    }

    /// A raised cap or a lower price should be noticed before a new day, so it is looked at sooner.
    fn capped(self, until: Moment) -> Transition {
        self.looked_at_again(until).with(Effect::Alarm(Alarm::Capped))
    }

    fn looked_at_again(self, until: Moment) -> Transition {
        let again_at = until.min(self.stamp.at.after(self.rules.longest_back_off()));
        self.accepted_at(again_at)
    }

    fn accepted_at(mut self, again_at: Moment) -> Transition {
        self = self.enter(State::Accepted, Some(again_at));
        self.row.not_before = Some(again_at);
        // Nothing left: no request of this attempt can be on its way.
        self.row.lease_until = None;
        self.done()
    }

    /// The same tr_id is safe to send again: Giftishow knows it already and issues it only once.
    fn ask_again_or_review(mut self) -> Transition {
        self.row.unclear_duplicates = self.row.unclear_duplicates.saturating_add(1);
        if self.row.unclear_duplicates <= MOST_UNCLEAR_DUPLICATES { self.accepted_later() } else { self.review() }
    }

    fn failed(mut self) -> Transition {
        self.row.lease_until = None;
        // It cost nothing: if it is re-opened, on another day perhaps, it counts against the caps of that day.
        self.row.gubun = None;
        self.enter(State::Failed, None).done().with(Effect::Alarm(Alarm::Failed))
    }

    fn unknown(mut self, send_started_at: Option<Moment>) -> Transition {
        self.row.send_started_at = send_started_at;
        self.row.tries = 0;
        let now = self.stamp.at;
        self.enter(State::Unknown, Some(now)).done()
    }

    fn unknown_until_settled(mut self) -> Transition {
        let later = self.next_try();
        let settled = self.row.settled_after(self.rules).map(|settled| settled.after(ONE_MILLISECOND));
        self.enter(State::Unknown, Some(settled.unwrap_or(later))).done()
    }

    fn unknown_later(mut self) -> Transition {
        let again_at = self.next_try();
        self.enter(State::Unknown, Some(again_at)).done()
    }

    /// Ends as it ended before: not found, when that counts, and on to its successor.
    fn known_dead(mut self) -> Transition {
        let now = self.stamp.at;
        self.row.lease_until = Some(now);
        self.unknown(None)
    }

    /// `unheard_of`: Giftishow knows no such tr_id. That it comes too late for one is only an assumption, so it is looked up
    /// again (rule 5).
    fn dead_or_review(mut self, next: NextId, unheard_of: bool) -> Transition {
        self.row.tries = 0;
        let audit_at = self.row.next_audit(self.stamp.at, self.rules).filter(|_| unheard_of);
        let bury = Effect::Bury(self.row.tr_id.clone());
        match self.row.order.take().map(|order| order.then) {
            Some(Then::Close) => self.enter(State::Closed, audit_at).done().with(bury),
            // A person may grant the win by hand: neither must a late coupon stay unnoticed.
            None if self.row.attempt >= self.rules.max_attempts => {
                self.enter(State::Review, audit_at).done().with(bury).with(Effect::Alarm(Alarm::Review))
            }
            None | Some(Then::Reissue) => self.dead(next, audit_at),
        }
    }

    /// Nobody but a person can judge what is left of the coupon, and one has, perhaps.
    fn closed_or_review(self, next: NextId) -> Transition {
        if self.row.order.is_some_and(|order| order.then == Then::Close) {
            self.dead_or_review(next, false)
        } else {
            self.review()
        }
    }

    fn audited(mut self) -> Transition {
        self.row.tries = 0;
        self.row.due_at = self.row.next_audit(self.stamp.at, self.rules);
        self.done()
    }

    fn audit_later(mut self) -> Transition {
        self.row.due_at = Some(self.next_try());
        self.done()
    }

    fn audits_over(mut self) -> Transition {
        self.row.due_at = None;
        self.done()
    }

    /// Looked up first, whoever held it: what came of it since the copy was made is not known here.
    fn restored(mut self) -> Transition {
        self.row.restored_at = Some(self.stamp.at);
        self.row.tries = 0;
        // Not before a cancel that left meanwhile has had its effect.
        let settled = self.rules.settled(self.stamp.at);
        self.enter(State::Unknown, Some(settled)).done()
    }

    fn review(mut self) -> Transition {
        self.row.order = None;
        self.enter(State::Review, None).done().with(Effect::Alarm(Alarm::Review))
    }

    fn reopened(mut self) -> Transition {
        self.row.tries = 0;
        self.row.line_refusals = 0;
        self.row.line_refused_since = None;
        self.row.lease_until = None;
        // What it counted may be days ago: it counts on the day on which it is claimed again.
        self.row.gubun = None;
        let due_at = self.stamp.at.after(self.rules.redrive_after);
        self.enter(State::Accepted, Some(due_at)).done()
    }
}

/// Smallest step of a [`Moment`]: "later than" in a table that can only say "not before".
const ONE_MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

impl Transition {
    fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

#[cfg(test)]
mod tests;
