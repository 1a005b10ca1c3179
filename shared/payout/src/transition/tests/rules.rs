//! The rules one by one.

use super::*;

#[test]
fn rule_1_not_found_counts_only_for_a_cancel_started_after_the_grace_period() {
    // Read late, but started early: does not count, however late it is read.
    let early = after(&unknown(), not_found(616), &stamp("sweeper", 5_000));
    assert_eq!(early.state, State::Unknown);
    assert_eq!(early.due_at, Some(Moment::from_millis(START + 616_001)), "asked again once it can count");
    assert_eq!(after(&unknown(), not_found(617), &stamp("sweeper", 618)).state, State::Dead);
}

#[test]
fn rule_1_a_lost_worker_may_have_sent_until_its_lease_ended() {
    let lost = after(&sending(), Event::LeaseExpired, &stamp("sweeper", 100));
    assert_eq!(lost.settled_after(&RULES), Some(at(100 + 600)));
    assert!(!lost.not_found_counts(at(700), &RULES));
    assert!(lost.not_found_counts(at(701), &RULES));
}

#[test]
fn rule_2_what_was_unknown_is_never_sent_again() {
    for event in events() {
        let Ok(got) = transition(&unknown(), event, &stamp("sweeper", 1_000), &RULES) else { continue };
        assert_ne!(got.after.state, State::Accepted);
        assert_ne!(got.after.state, State::Sending);
    }
}

#[test]
fn rule_4_a_lease_that_has_not_run_out_cannot_be_taken() {
    let early = transition(&sending(), Event::LeaseExpired, &stamp("sweeper", 99), &RULES);
    assert!(early.is_err());
    let claim = claim(at(2_000));
    assert!(transition(&sending(), claim, &stamp("other", 1_000), &RULES).is_err());
}

#[test]
fn rule_5_what_was_not_found_is_looked_up_after_an_hour_a_day_and_six_days() {
    let mut row = in_state(State::Dead);
    let mut looked_up = Vec::new();
    while let Some(due_at) = row.due_at {
        looked_up.push(due_at.since(at(16)).as_secs() / 3_600);
        row = after(&row, Event::Audited(CouponStanding::Absent), &Stamp { at: due_at, ..stamp("sweeper", 0) });
    }
    assert_eq!(looked_up, [1, 24, 144]);
    // An audit that is made at the very moment of the next one is that one, too.
    let second = at(16 + 24 * 3_600);
    let both = after(
        &in_state(State::Dead),
        Event::Audited(CouponStanding::Absent),
        &Stamp { at: second, ..stamp("sweeper", 0) },
    );
    assert_eq!(both.due_at, Some(at(16 + 144 * 3_600)));
    // A sweeper that was off for two days makes up for it once.
    let late = after(&in_state(State::Dead), Event::Audited(CouponStanding::Absent), &stamp("sweeper", 200_000));
    assert_eq!(late.due_at, Some(at(16 + 144 * 3_600)));
}

#[test]
fn rule_5_an_audit_without_an_answer_is_made_again_and_one_that_finds_a_coupon_calls_a_person() {
    let dead = in_state(State::Dead);
    let audit = |event: Event| transition(&dead, event, &stamp("sweeper", 4_000), &RULES).unwrap();
    let unanswered = audit(Event::Audited(CouponStanding::Unanswered));
    assert_eq!((unanswered.after.due_at, unanswered.effects), (Some(at(4_030)), vec![]));
    let late = audit(Event::LateCancelled);
    assert_eq!((late.after.due_at, late.effects), (None, vec![Effect::Alarm(Alarm::LateIssuance)]));
    for standing in [CouponStanding::Used, CouponStanding::Live] {
        let twice = audit(Event::Audited(standing));
        assert_eq!((twice.after.due_at, twice.effects), (None, vec![Effect::Alarm(Alarm::PaidTwice)]));
    }
    // What was cancelled needs no audit: Giftishow issues a tr_id once.
    let cancelled = after(&unknown(), Event::Cancelled { next: next(2) }, &stamp("sweeper", 20));
    assert_eq!(cancelled.due_at, None);
    let none = transition(&cancelled, Event::Audited(CouponStanding::Absent), &stamp("sweeper", 21), &RULES);
    assert!(none.is_err());
}

#[test]
fn rule_5_a_last_attempt_that_was_not_found_is_audited_in_front_of_its_person() {
    let last = Attempt { attempt: RULES.max_attempts, ..unknown() };
    let review = after(&last, not_found(617), &stamp("sweeper", 618));
    assert_eq!((review.state, review.due_at), (State::Review, Some(at(16 + 3_600))));
    let audit = |event: Event| transition(&review, event, &stamp("sweeper", 4_000), &RULES).unwrap();
    let late = audit(Event::Audited(CouponStanding::Live));
    assert_eq!((late.after.state, late.after.due_at), (State::Review, None));
    assert_eq!(late.effects, [Effect::Alarm(Alarm::PaidTwice)]);
    assert!(transition(&review, Event::LateCancelled, &stamp("sweeper", 4_000), &RULES).is_err());
}

#[test]
fn a_failed_attempt_that_is_re_opened_counts_against_the_caps_again() {
    let failed = in_state(State::Failed);
    assert_eq!(failed.gubun, None);
    assert_eq!(in_state(State::Sent).gubun, Some(Gubun::Mms));
}

#[test]
fn an_attempt_that_was_buried_before_the_table_was_restored_ends_as_it_did_and_is_never_sent() {
    let buried = transition(&unknown(), not_found(617), &stamp("sweeper", 618), &RULES).unwrap();
    assert!(buried.effects.contains(&Effect::Bury(buried.after.tr_id.clone())));
    let restored = after(&accepted(), Event::Buried, &stamp("worker", 1_000));
    assert_eq!((restored.state, restored.due_at), (State::Unknown, Some(at(1_000))));
    assert!(!restored.not_found_counts(at(1_600), &RULES));
    assert!(restored.not_found_counts(at(1_601), &RULES));
}

#[test]
fn a_coupon_whose_pin_is_lost_is_cancelled_and_one_that_was_sent_by_mms_is_kept() {
    let claim = |gubun| Event::Claim { lease_until: at(100), purchase: Some(purchase(gubun)) };
    let live = || Event::DuplicateOfOurs(CouponStanding::Live);
    for (gubun, state) in
        [(Gubun::Mms, State::Sent), (Gubun::Pin, State::Unknown), (Gubun::BarcodeImage, State::Unknown)]
    {
        let sending = after(&accepted(), claim(gubun), &stamp("worker", 1));
        let duplicate = after(&sending, live(), &stamp("worker", 2));
        assert_eq!((duplicate.state, duplicate.due_at), (state, (state == State::Unknown).then_some(at(2))));
        // Seven days later nobody can cancel it: a person must give the winner something else.
        let lost = after(&sending, Event::NoAnswer { send_started_at: at(1) }, &stamp("worker", 16));
        let late = Event::NotCancellable { standing: CouponStanding::Live, next: next(2) };
        let used = after(&lost, Event::AlreadyUsed, &stamp("sweeper", 20)).state;
        let ended = after(&lost, late, &stamp("sweeper", 700_000)).state;
        assert_eq!(used, ended);
        assert_eq!(ended, if gubun == Gubun::Mms { State::Sent } else { State::Review });
    }
}

#[test]
fn a_refused_line_and_a_cap_use_up_no_try_and_are_looked_at_again_within_a_quarter_of_an_hour() {
    let refused = after(&sending(), Event::LineRefused(LineFault::Balance), &stamp("worker", 2));
    assert_eq!((refused.tries, refused.attempt, refused.not_before), (0, 1, Some(at(32))));
    let capped = |until| Event::Capped { cap: Cap::UserPerDay, until: at(until) };
    let waits = transition(&accepted(), capped(60), &stamp("worker", 2), &RULES).unwrap();
    assert_eq!((waits.after.not_before, waits.effects), (Some(at(60)), vec![Effect::Alarm(Alarm::Capped)]));
    assert_eq!(after(&accepted(), capped(50_000), &stamp("worker", 2)).due_at, Some(at(902)));
}

#[test]
fn rule_6_only_the_holder_of_the_lease_tells_what_came_of_a_send() {
    for event in events() {
        // Told by the sweeper, and by whoever repairs a restored table.
        if matches!(event, Event::LeaseExpired | Event::Restored) {
            continue;
        }
        assert!(transition(&sending(), event, &stamp("stranger", 1_000), &RULES).is_err());
    }
}

#[test]
fn a_lease_in_the_past_is_no_claim() {
    assert!(transition(&accepted(), claim(at(1)), &stamp("worker", 1), &RULES).is_err());
}

#[test]
fn back_off_keeps_a_row_from_being_claimed_and_grows() {
    let first = after(&sending(), Event::NotSent, &stamp("worker", 2));
    assert_eq!(first.not_before, Some(at(32)));
    let claim = |lease: i64| claim(at(lease));
    assert!(transition(&first, claim(200), &stamp("worker2", 31), &RULES).is_err());
    let again = after(&first, claim(200), &stamp("worker2", 32));
    let second = after(&again, Event::NotSent, &stamp("worker2", 33));
    assert_eq!(second.not_before, Some(at(33 + 60)));
    assert_eq!(second.lease_until, None, "nothing is on its way");
    assert_eq!(second.attempt, 1, "no attempt is used up");
}

#[test]
fn the_next_attempt_comes_with_the_end_of_the_last_and_names_it() {
    let got = transition(&unknown(), Event::Cancelled { next: next(2) }, &stamp("sweeper", 20), &RULES).unwrap();
    let [Effect::StartAttempt(following), Effect::Bury(buried)] = got.effects.as_slice() else {
        panic!("{:?}", got.effects)
    };
    assert_eq!(got.after.next_tr_id.as_ref(), Some(&following.tr_id));
    assert_eq!((following.attempt, following.state), (2, State::Accepted));
    assert_eq!(buried, &got.after.tr_id);
    assert_eq!(following.payout(), got.after.payout());
    assert_ne!(following.tr_id, got.after.tr_id);
}

#[test]
fn after_the_last_attempt_a_person_is_asked() {
    let mut last = unknown();
    last.attempt = RULES.max_attempts;
    let got = transition(&last, Event::Cancelled { next: next(4) }, &stamp("sweeper", 20), &RULES).unwrap();
    assert_eq!(got.after.state, State::Review);
    assert_eq!(got.effects, [Effect::Bury(last.tr_id.clone()), Effect::Alarm(Alarm::Review)]);
    assert_eq!((got.after.next_tr_id, got.after.due_at), (None, None));
}

#[test]
fn a_duplicate_that_nobody_can_explain_ends_with_a_person() {
    let mut row = accepted();
    for round in 0..10 {
        let seconds = 10_000 * (round + 1);
        let claimed = after(&row, claim(at(seconds + 90)), &stamp("worker", seconds));
        let unclear = Event::DuplicateOfOurs(CouponStanding::Absent);
        row = after(&claimed, unclear, &stamp("worker", seconds + 1));
        if row.state == State::Review {
            assert_eq!(round, i64::from(MOST_UNCLEAR_DUPLICATES));
            return;
        }
    }
    panic!("still {:?}", row.state);
}

#[test]
fn a_duplicate_that_nobody_has_seen_is_not_forgotten_when_the_input_is_refused_later() {
    let unclear = after(&sending(), Event::DuplicateOfOurs(CouponStanding::Unanswered), &stamp("worker", 2));
    assert!(unclear.is_unclear() && unclear.state == State::Accepted);
    let again = after(&unclear, claim(at(200)), &stamp("worker2", 100));
    let refused = after(&again, Event::InputRefused, &stamp("worker2", 101));
    assert_eq!(refused.state, State::Review, "a failed one could be paid again beside a live coupon");
}

#[test]
fn what_cannot_be_looked_up_after_seven_days_ends_with_a_person() {
    let unanswered = || Event::NotCancellable { standing: CouponStanding::Unanswered, next: next(2) };
    let week = 7 * 24 * 3_600;
    // It may have been issued as late as 616 s after the start.
    assert_eq!(after(&unknown(), unanswered(), &stamp("sweeper", week + 616)).state, State::Unknown);
    assert_eq!(after(&unknown(), unanswered(), &stamp("sweeper", week + 617)).state, State::Review);
}

#[test]
fn failing_and_reviewing_call_a_person() {
    let failed = transition(&sending(), Event::InputRefused, &stamp("worker", 2), &RULES).unwrap();
    assert_eq!(failed.effects, [Effect::Alarm(Alarm::Failed)]);
    let review = transition(&sending(), Event::DuplicateOfForeign, &stamp("worker", 2), &RULES).unwrap();
    assert_eq!(review.effects, [Effect::Alarm(Alarm::Review)]);
}

#[test]
fn trying_for_an_hour_to_no_effect_calls_a_person_and_goes_on() {
    let mut row = unknown();
    let mut called = Vec::new();
    for _ in 0..20 {
        let due_at = row.due_at.unwrap();
        let stamp = Stamp { at: due_at, ..stamp("sweeper", 0) };
        let got = transition(&row, Event::CancelUnanswered, &stamp, &RULES).unwrap();
        if got.effects == [Effect::Alarm(Alarm::Stuck)] {
            called.push(due_at.since(at(0)).as_secs() / 60);
        }
        row = got.after;
    }
    assert_eq!((row.state, called), (State::Unknown, vec![45, 165]));
}

#[test]
fn a_row_is_in_the_index_of_what_waits_for_a_person_as_long_as_it_does() {
    for state in State::ALL {
        for event in events() {
            let before = in_state(state);
            let owner = before.owner.as_str().to_owned();
            let Ok(got) = transition(&before, event, &stamp(&owner, 1_000), &RULES) else { continue };
            assert_eq!(got.after.attention.is_some(), got.after.state.waits_for_a_person(), "{:?}", got.after);
        }
    }
    assert_eq!(accepted().day_shard, format!("2026-09-21/{}", accepted().tr_id.shard()));
}

#[test]
fn a_win_that_is_held_waits_for_a_person_from_the_start() {
    for (why, state, code) in [
        (Held::RewardMissing, State::Failed, "reward_missing"),
        (Held::RewardInactive, State::Failed, "reward_inactive"),
        (Held::MaybeRepeated, State::Review, "maybe_repeated"),
    ] {
        let held = accepted().held(why);
        assert_eq!((held.state, held.last_code.as_deref(), held.due_at), (state, Some(code), None));
        assert_eq!(held.attention, Some(held.due_shard));
        assert_eq!(held.may_be_repeated(), why == Held::MaybeRepeated);
        let reopened = transition(&held, Event::Reopen, &stamp("callback", 5), &RULES);
        assert_eq!(reopened.is_ok(), why != Held::MaybeRepeated, "a person alone opens what may be repeated");
    }
}

#[test]
fn what_giftishow_was_not_asked_for_can_be_tried_again_from_a_review_and_nothing_else_can() {
    let reopen = |row: &Attempt| transition(row, Event::Reopen, &stamp("callback", 50), &RULES);
    let withdrawn = after(&sending(), Event::GoodsWithdrawn, &stamp("worker", 2));
    assert!(withdrawn.awaits_other_goods());
    let reopened = reopen(&withdrawn).unwrap().after;
    assert_eq!((reopened.state, reopened.attention, reopened.due_at), (State::Accepted, None, Some(at(80))));
    let alone = after(&sending(), Event::RefusedAlone(LineFault::Configuration), &stamp("worker", 2));
    assert!(!alone.awaits_other_goods() && reopen(&alone).is_ok());
    assert!(reopen(&in_state(State::Review)).is_err());
    let unclear = Attempt { unclear_duplicates: 1, ..withdrawn };
    assert!(reopen(&unclear).is_err(), "there may be a coupon");
}

#[test]
fn rule_8_refusals_of_the_line_are_counted_on_the_row_but_for_a_low_balance() {
    let refuse = |row: &Attempt, fault, seconds| {
        let claimed = after(row, claim(at(seconds + 90)), &stamp("worker", seconds));
        after(&claimed, Event::LineRefused(fault), &stamp("worker", seconds + 1))
    };
    let once = refuse(&accepted(), LineFault::Configuration, 100);
    let twice = refuse(&once, LineFault::Credentials, 200);
    assert_eq!((twice.line_refusals, twice.line_refused_since), (2, Some(at(101))));
    let poor = refuse(&accepted(), LineFault::Balance, 100);
    assert_eq!((poor.line_refusals, poor.line_refused_since), (0, None));
    let alone = transition(
        &after(&twice, claim(at(400)), &stamp("worker", 300)),
        Event::RefusedAlone(LineFault::Configuration),
        &stamp("worker", 301),
        &RULES,
    )
    .unwrap();
    assert_eq!((alone.after.state, alone.effects), (State::Review, vec![Effect::Alarm(Alarm::Review)]));
}

#[test]
fn what_the_company_hands_over_is_done_with_once_it_is_recorded() {
    let recorded = accepted().delivered_by(Delivery::Company);
    assert_eq!((recorded.state, recorded.due_at, recorded.attention), (State::HandedOver, None, None));
    let reopened = after(&sending(), Event::HandedOver, &stamp("worker", 2));
    assert_eq!((reopened.state, reopened.due_at), (State::HandedOver, None));
    let unclear = Attempt { unclear_duplicates: 1, ..sending() };
    assert_eq!(after(&unclear, Event::HandedOver, &stamp("worker", 2)).state, State::Review, "there may be a coupon");
}

#[test]
fn waiting_for_a_recipient_calls_nobody_and_uses_up_no_try() {
    let event = Event::AwaitsRecipient { until: at(50_000) };
    let waits = transition(&accepted(), event, &stamp("worker", 2), &RULES).unwrap();
    assert_eq!((waits.after.state, waits.after.tries, waits.after.due_at), (State::Accepted, 0, Some(at(902))));
    assert!(waits.effects.is_empty());
}

#[test]
fn what_a_restored_table_holds_as_open_is_looked_up_before_anything_is_cancelled() {
    for row in [sending(), unknown()] {
        let restored = after(&row, Event::Restored, &stamp("person", 5_000));
        assert_eq!((restored.state, restored.restored_at), (State::Unknown, Some(at(5_000))));
        assert_eq!(restored.due_at, Some(at(5_000 + 15 + 600)), "a cancel may have left meanwhile");
        assert_eq!(restored.settled_after(&RULES), row.settled_after(&RULES));
        let found = |standing| {
            let event = Event::FoundAfterRestore { standing, next: next(2) };
            after(&restored, event, &stamp("sweeper", 5_001)).state
        };
        let ends = STANDINGS.map(found);
        assert_eq!(ends, [State::Sent, State::Sent, State::Dead, State::Unknown, State::Review, State::Unknown]);
    }
}

#[test]
fn the_row_keeps_what_was_bought_and_for_how_much() {
    let claimed = sending();
    assert_eq!((claimed.goods_code.as_deref(), claimed.price_krw), (Some("G00000000001"), Some(Krw(4_500))));
    let wrong = after(&accepted(), Event::Claim { lease_until: at(100), purchase: None }, &stamp("worker", 1));
    assert_eq!((wrong.gubun, wrong.goods_code, wrong.price_krw), (None, None, None));
}
