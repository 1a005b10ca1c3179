//! What people decide, and how it is carried out.

use super::*;
use crate::attempt::Order;

fn sent() -> Attempt {
    in_state(State::Sent)
}

/// In review, as a coupon whose PIN came with an answer that is lost: used before it could be cancelled.
fn pin_lost() -> Attempt {
    let pin = Event::Claim { lease_until: at(100), purchase: Some(purchase(Gubun::Pin)) };
    let sending = after(&accepted(), pin, &stamp("worker", 1));
    let unknown = after(&sending, Event::NoAnswer { send_started_at: at(1) }, &stamp("worker", 16));
    after(&unknown, Event::AlreadyUsed, &stamp("sweeper", 20))
}

/// In review after the last attempt that the machine makes by itself.
fn last_review() -> Attempt {
    after(&Attempt { attempt: RULES.max_attempts, ..unknown() }, cancelled(), &stamp("sweeper", 20))
}

/// Recorded, and held for a person.
fn held() -> Attempt {
    accepted().held(Held::MaybeRepeated)
}

fn cancelled() -> Event {
    Event::Cancelled { next: next(2) }
}

/// A person decides at 1,000 s.
fn decided(attempt: &Attempt, event: Event) -> Attempt {
    after(attempt, event, &stamp("person", 1_000))
}

fn is_refused(attempt: &Attempt, event: Event) -> bool {
    transition(attempt, event, &stamp("person", 1_000), &RULES).is_err()
}

/// What the sweeper finds out 5 s later.
fn swept(attempt: &Attempt, event: Event) -> Transition {
    transition(attempt, event, &stamp("sweeper", 1_005), &RULES).unwrap()
}

#[test]
fn a_sent_coupon_that_a_person_orders_away_is_cancelled_by_the_sweeper_at_once_and_the_payout_goes_on() {
    let ordered = decided(&sent(), reissuing(CouponStanding::Live));
    assert_eq!((ordered.state, ordered.due_at), (State::Unknown, Some(at(1_000))));
    assert_eq!(ordered.order, Some(Order { then: Then::Reissue, from: State::Sent }));
    let ended = swept(&ordered, cancelled());
    assert_eq!((ended.after.state, ended.after.order), (State::Dead, None));
    assert!(matches!(&ended.effects[..], [Effect::StartAttempt(next), Effect::Bury(_)] if next.attempt == 2));
}

#[test]
fn a_sent_coupon_that_is_closed_is_cancelled_and_nothing_follows() {
    let ended = swept(&decided(&sent(), closing(CouponStanding::Live)), cancelled());
    assert_eq!((ended.after.state, ended.after.due_at, ended.after.order), (State::Closed, None, None));
    assert_eq!(ended.effects, [Effect::Bury(sent().tr_id)]);
    assert_eq!(ended.after.attention, None);
}

#[test]
fn a_person_goes_beyond_the_attempts_that_the_machine_makes_by_itself() {
    let last = last_review();
    assert_eq!(last.state, State::Review);
    let reissued = swept(&decided(&last, reissuing(CouponStanding::Cancelled)), cancelled());
    assert_eq!(reissued.after.state, State::Dead);
    let closed = swept(&decided(&last, closing(CouponStanding::Cancelled)), cancelled());
    assert_eq!(closed.after.state, State::Closed);
    let counted_out = Attempt { attempt: u8::MAX, ..last };
    assert!(is_refused(&counted_out, reissuing(CouponStanding::Cancelled)));
    assert!(is_refused(&counted_out, Event::Disowned { then: Then::Reissue, next: next(2) }));
}

#[test]
fn an_order_that_comes_too_late_leaves_the_coupon_sent_and_calls_a_person() {
    let ordered = decided(&sent(), closing(CouponStanding::Live));
    let next = || next(2);
    let not_found =
        Event::NotFound { cancel_started_at: at(1_001), second_opinion: CouponStanding::Used, next: next() };
    let late = |standing| Event::NotCancellable { standing, next: next() };
    for answer in [Event::AlreadyUsed, not_found, late(CouponStanding::Used), late(CouponStanding::Live)] {
        let ended = swept(&ordered, answer);
        assert_eq!((ended.after.state, ended.after.order, ended.after.due_at), (State::Sent, None, None));
        assert_eq!(ended.effects, [Effect::Alarm(Alarm::OrderFailed)]);
    }
}

#[test]
fn a_coupon_whose_pin_is_lost_goes_back_to_review_if_it_is_used_and_to_sent_if_the_pin_was_shown() {
    assert_eq!(pin_lost().state, State::Review);
    let ended = swept(&decided(&pin_lost(), reissuing(CouponStanding::Live)), Event::AlreadyUsed);
    assert_eq!((ended.after.state, ended.after.order), (State::Review, None));
    assert_eq!(ended.effects, [Effect::Alarm(Alarm::Review), Effect::Alarm(Alarm::OrderFailed)]);
    let shown = Attempt { gubun: Some(Gubun::Pin), ..sent() };
    let ended = swept(&decided(&shown, reissuing(CouponStanding::Live)), Event::AlreadyUsed);
    assert_eq!((ended.after.state, ended.after.order), (State::Sent, None));
}

#[test]
fn an_order_outlives_cancels_without_an_answer_and_answers_that_prove_nothing() {
    let mut row = decided(&sent(), closing(CouponStanding::Live));
    let order = row.order;
    let absent = |standing| Event::NotFound { cancel_started_at: at(1_001), second_opinion: standing, next: next(2) };
    let late = Event::NotCancellable { standing: CouponStanding::Unanswered, next: next(2) };
    for answer in [Event::CancelUnanswered, absent(CouponStanding::Live), absent(CouponStanding::Unanswered), late] {
        row = swept(&row, answer).after;
        assert_eq!((row.state, row.order), (State::Unknown, order));
        assert!(row.due_at.is_some());
    }
    row = swept(&row, Event::Restored).after;
    assert_eq!((row.state, row.order), (State::Unknown, order));
    assert_eq!(swept(&row, cancelled()).after.state, State::Closed);
}

#[test]
fn an_ordered_coupon_that_was_not_found_is_looked_up_later_also_when_its_payout_is_closed() {
    let ordered = decided(&last_review(), closing(CouponStanding::Absent));
    let closed = swept(&ordered, not_found(1_001)).after;
    assert_eq!((closed.state, closed.due_at), (State::Closed, Some(at(16 + 3_600))));
    let audit = |event| transition(&closed, event, &stamp("sweeper", 4_000), &RULES).unwrap();
    let late = audit(Event::LateCancelled);
    assert_eq!((late.after.state, late.after.due_at), (State::Closed, None));
    assert_eq!(late.effects, [Effect::Alarm(Alarm::LateIssuance)]);
    assert_eq!(audit(Event::Audited(CouponStanding::Absent)).after.due_at, Some(at(16 + 24 * 3_600)));
    assert_eq!(audit(Event::Audited(CouponStanding::Used)).effects, [Effect::Alarm(Alarm::PaidTwice)]);
    let dead = swept(&decided(&last_review(), reissuing(CouponStanding::Absent)), not_found(1_001)).after;
    assert_eq!((dead.state, dead.due_at), (State::Dead, Some(at(16 + 3_600))));
}

#[test]
fn an_ordered_coupon_that_is_not_found_too_early_is_cancelled_again() {
    let ordered = after(&sent(), closing(CouponStanding::Live), &stamp("person", 50));
    assert_eq!(after(&ordered, not_found(51), &stamp("sweeper", 52)).state, State::Unknown);
}

#[test]
fn what_nobody_can_judge_is_closed_by_a_persons_word_and_never_paid_again_by_it() {
    let late = || Event::NotCancellable { standing: CouponStanding::Ambiguous, next: next(2) };
    let review = || in_state(State::Review);
    let closed = swept(&decided(&review(), closing(CouponStanding::Ambiguous)), late()).after;
    assert_eq!((closed.state, closed.order), (State::Closed, None));
    let again = swept(&decided(&review(), reissuing(CouponStanding::Ambiguous)), late()).after;
    assert_eq!((again.state, again.order), (State::Review, None));
    // One of two answers that contradict each other is wrong: nothing is closed by them.
    let second_opinion = CouponStanding::Ambiguous;
    let contradicted = Event::NotFound { cancel_started_at: at(1_001), second_opinion, next: next(2) };
    let open = swept(&decided(&review(), closing(CouponStanding::Ambiguous)), contradicted).after;
    assert_eq!((open.state, open.order), (State::Review, None));
    // A coupon that was sent is not taken away for an answer that says nothing.
    assert!(is_refused(&sent(), closing(CouponStanding::Ambiguous)));
    assert!(is_refused(&sent(), reissuing(CouponStanding::Ambiguous)));
}

#[test]
fn nothing_is_ordered_of_a_coupon_that_giftishow_did_not_speak_of_or_that_can_be_cancelled_no_more() {
    for row in [sent(), in_state(State::Review), last_review(), held()] {
        for standing in [CouponStanding::Unanswered, CouponStanding::Used] {
            assert!(is_refused(&row, reissuing(standing)));
        }
        assert!(is_refused(&row, closing(CouponStanding::Unanswered)));
        let late = transition(&row, reissuing(CouponStanding::Live), &stamp("person", 700_000), &RULES);
        assert!(late.is_err());
    }
    assert!(is_refused(&sent(), closing(CouponStanding::Used)));
}

#[test]
fn a_coupon_that_no_cancel_reaches_any_more_can_be_given_up_by_a_person_and_by_nothing_else() {
    let used = decided(&pin_lost(), closing(CouponStanding::Used));
    assert_eq!((used.state, used.due_at, used.order), (State::Closed, None, None));
    let late = after(&pin_lost(), closing(CouponStanding::Live), &stamp("person", 700_000));
    assert_eq!((late.state, late.order), (State::Closed, None));
    assert!(transition(&sent(), closing(CouponStanding::Live), &stamp("person", 700_000), &RULES).is_err());
}

#[test]
fn a_live_coupon_is_confirmed_if_the_winner_can_use_it() {
    for standing in STANDINGS {
        let is_there = matches!(standing, CouponStanding::Live | CouponStanding::Used);
        for kept in [true, false] {
            let confirmed = |row: &Attempt| !is_refused(row, Event::Confirmed { standing, kept });
            assert_eq!(confirmed(&in_state(State::Review)), is_there);
            assert_eq!(confirmed(&pin_lost()), is_there && kept, "{standing:?}, {kept}");
            assert!(!confirmed(&held()), "what was never sent is granted, and then looked at");
        }
    }
    let confirmed = decided(&last_review(), Event::Confirmed { standing: CouponStanding::Live, kept: false });
    assert_eq!((confirmed.state, confirmed.due_at, confirmed.attention), (State::Sent, None, None));
}

#[test]
fn a_coupon_is_not_confirmed_while_a_cancel_may_still_end_it() {
    let confirm = |seconds| {
        let confirmed = Event::Confirmed { standing: CouponStanding::Live, kept: true };
        transition(&pin_lost(), confirmed, &stamp("person", seconds), &RULES).is_ok()
    };
    // In review since 20 s.
    assert_eq!([634, 635].map(confirm), [false, true]);
}

#[test]
fn what_0202_refuses_and_0201_does_not_see_is_asked_for_again() {
    let absent = || Event::NotCancellable { standing: CouponStanding::Absent, next: next(2) };
    let ordered = decided(&sent(), reissuing(CouponStanding::Live));
    let again = swept(&ordered, absent()).after;
    assert_eq!((again.state, again.order), (State::Unknown, ordered.order));
    let late = after(&ordered, absent(), &stamp("sweeper", 700_000));
    assert_eq!(late.state, State::Dead);
}

#[test]
fn a_win_that_looked_like_a_repetition_is_sent_once_a_person_grants_it() {
    let granted = decided(&held(), Event::Granted);
    assert_eq!((granted.state, granted.due_at, granted.attention), (State::Accepted, Some(at(1_030)), None));
    assert!(is_refused(&granted, Event::Granted), "once");
    for row in [in_state(State::Review), in_state(State::Failed), sent()] {
        assert!(is_refused(&row, Event::Granted));
    }
}

#[test]
fn what_was_never_sent_is_closed_at_once_and_not_reissued() {
    let withdrawn = after(&sending(), Event::GoodsWithdrawn, &stamp("worker", 2));
    let alone = after(&sending(), Event::RefusedAlone(LineFault::Configuration), &stamp("worker", 2));
    for row in [held(), withdrawn, alone] {
        for standing in [CouponStanding::Absent, CouponStanding::Cancelled] {
            let closed = transition(&row, closing(standing), &stamp("person", 1_000), &RULES).unwrap();
            assert_eq!((closed.after.state, closed.after.due_at), (State::Closed, None));
            assert_eq!(closed.effects, []);
        }
        for standing in STANDINGS {
            assert!(is_refused(&row, reissuing(standing)));
        }
        assert!(is_refused(&row, Event::Disowned { then: Then::Reissue, next: next(2) }));
    }
}

#[test]
fn a_coupon_under_the_id_of_what_was_never_sent_is_cancelled_before_the_payout_is_closed() {
    let ordered = decided(&held(), closing(CouponStanding::Live));
    assert_eq!(ordered.state, State::Unknown);
    assert_eq!(swept(&ordered, cancelled()).after.state, State::Closed);
    // Should it be gone again, "no such tr_id" counts after the grace period.
    assert_eq!(ordered.settled_after(&RULES), Some(at(1_600)));
    assert_eq!(after(&ordered, not_found(1_601), &stamp("sweeper", 1_602)).state, State::Closed);
}

#[test]
fn somebody_elses_coupon_stays_as_it_is() {
    let foreign = in_state(State::Review);
    let reissued = Event::Disowned { then: Then::Reissue, next: next(2) };
    let reissued = transition(&foreign, reissued, &stamp("person", 1_000), &RULES).unwrap();
    assert_eq!((reissued.after.state, reissued.after.due_at), (State::Dead, None));
    let closed = decided(&foreign, Event::Disowned { then: Then::Close, next: next(2) });
    assert_eq!((closed.state, closed.due_at, closed.next_tr_id), (State::Closed, None, None));
    // What was asked for more than once may be ours, with the goods of an earlier time.
    let unclear = Attempt { unclear_duplicates: 1, ..foreign };
    for then in [Then::Reissue, Then::Close] {
        assert!(is_refused(&unclear, Event::Disowned { then, next: next(2) }));
    }
}

#[test]
fn erasing_changes_who_won_and_who_wrote_and_nothing_else() {
    for row in [sent(), held(), last_review(), in_state(State::Dead), in_state(State::Closed), in_state(State::Failed)]
    {
        let erased = transition(&row, Event::Erased, &stamp("person", 1_000), &RULES).unwrap();
        let expected = Attempt { user_key: None, owner: Owner::new("person"), ..row.clone() };
        assert_eq!((erased.after, erased.effects), (expected, vec![]));
    }
    for row in [accepted(), sending(), unknown(), decided(&sent(), closing(CouponStanding::Live))] {
        assert!(is_refused(&row, Event::Erased), "what is on its way is erased when it has come to its end");
    }
}

#[test]
fn what_is_erased_goes_on_under_ids_that_its_own_row_gives() {
    let erased = decided(&sent(), Event::Erased);
    let id = erased.next_id(&scheme(), 0);
    assert_ne!(id.tr_id, next(2).tr_id);
    let ordered = decided(&erased, reissuing(CouponStanding::Live));
    let ended = swept(&ordered, Event::Cancelled { next: id });
    let Some(Effect::StartAttempt(following)) = ended.effects.first() else { panic!("{ended:?}") };
    assert_eq!((following.payout(), &following.payout_id), (None, &erased.payout_id));
}

#[test]
fn a_sent_row_whose_coupon_was_buried_after_the_copy_was_made_goes_before_a_person() {
    let buried = transition(&sent(), Event::Buried, &stamp("person", 1_000), &RULES).unwrap();
    assert_eq!((buried.after.state, buried.after.due_at), (State::Review, None));
    assert_eq!(buried.effects, [Effect::Alarm(Alarm::Review)]);
    // There, its coupon is cancelled: it goes on or ends.
    assert_eq!(decided(&buried.after, reissuing(CouponStanding::Cancelled)).state, State::Unknown);
}

#[test]
fn a_closed_payout_is_never_opened_again() {
    let closed = in_state(State::Closed);
    for event in events() {
        let Ok(got) = transition(&closed, event, &stamp("person", 1_000), &RULES) else { continue };
        assert_eq!(got.after.state, State::Closed);
    }
}
