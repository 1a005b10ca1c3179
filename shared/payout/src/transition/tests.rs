use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::caps::Cap;
use crate::event::{Evidence, LineFault};
use crate::ids::{Owner, PayoutKey, RewardCode, UserKey};
use crate::repeat::{RepeatPolicy, Win};
use crate::tr_id::TrIdScheme;

const RULES: Rules = Rules {
    send_timeout: Duration::from_secs(15),
    grace: Duration::from_mins(10),
    max_attempts: 3,
    redrive_after: Duration::from_secs(30),
};
const START: i64 = 1_790_000_000_000;

fn at(seconds: i64) -> Moment {
    Moment::from_millis(START + seconds * 1_000)
}

fn stamp(owner: &str, seconds: i64) -> Stamp {
    Stamp { owner: Owner::new(owner), at: at(seconds), evidence: Evidence::default() }
}

fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "test").unwrap()
}

fn payout() -> PayoutKey {
    PayoutKey {
        code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
        user_key: UserKey::try_from("2eew35da".to_owned()).unwrap(),
        slot: RepeatPolicy::Once.slot(&Win { at: at(0), request_id: "", index: 0, entries: 1 }),
    }
}

fn claim(lease_until: Moment) -> Event {
    Event::Claim { lease_until, gubun: Some(Delivery::Mms) }
}

fn next(attempt: u8) -> NextId {
    NextId { tr_id: scheme().tr_id(&payout(), attempt, 0), salt: 0 }
}

fn accepted() -> Attempt {
    Attempt::first(scheme().tr_id(&payout(), 1, 0), 0, payout(), &stamp("callback", 0), &RULES)
}

fn after(attempt: &Attempt, event: Event, stamp: &Stamp) -> Attempt {
    transition(attempt, event, stamp, &RULES).unwrap().after
}

/// Claimed by "worker" at 1 s, lease until 100 s.
fn sending() -> Attempt {
    after(&accepted(), claim(at(100)), &stamp("worker", 1))
}

/// The worker gave up at 16 s a request that left at 1 s: settled after 1 + 15 + 600 s.
fn unknown() -> Attempt {
    after(&sending(), Event::NoAnswer { send_started_at: at(1) }, &stamp("worker", 16))
}

/// A cancel that left then found nothing, and 0201 agrees.
fn not_found(cancel_started: i64) -> Event {
    Event::NotFound { cancel_started_at: at(cancel_started), second_opinion: CouponStanding::Absent, next: next(2) }
}

/// An attempt in each state, as it would have come there; the dead one was never found.
fn in_state(state: State) -> Attempt {
    match state {
        State::Accepted => accepted(),
        State::Sending => sending(),
        State::Unknown => unknown(),
        State::Sent => after(&sending(), Event::Issued { order_no: "1".into() }, &stamp("worker", 2)),
        State::Failed => after(&sending(), Event::InputRefused, &stamp("worker", 2)),
        State::Dead => after(&unknown(), not_found(617), &stamp("sweeper", 618)),
        State::Review => after(&sending(), Event::DuplicateOfForeign, &stamp("worker", 2)),
    }
}

const STANDINGS: [CouponStanding; 6] = [
    CouponStanding::Live,
    CouponStanding::Used,
    CouponStanding::Cancelled,
    CouponStanding::Absent,
    CouponStanding::Ambiguous,
    CouponStanding::Unanswered,
];

/// Every event, in every variation that is decided differently. Told at 1,000 s, past the lease and past settling.
fn events() -> Vec<Event> {
    let mut events = vec![
        claim(at(2_000)),
        Event::Issued { order_no: "1".into() },
        Event::NotSent,
        Event::LineRefused(LineFault::Balance),
        Event::LineRefused(LineFault::Credentials),
        Event::InputRefused,
        Event::GoodsWithdrawn,
        Event::NoAnswer { send_started_at: at(1) },
        Event::DuplicateOfKept,
        Event::DuplicateOfForeign,
        Event::CouponLost,
        Event::LeaseExpired,
        Event::Cancelled { next: next(2) },
        Event::AlreadyUsed,
        Event::CancelUnanswered,
        Event::Capped { cap: Cap::RewardPerDay, until: at(50_000) },
        Event::Buried,
        Event::LateCancelled,
        Event::Reopen,
    ];
    for standing in STANDINGS {
        events.push(Event::DuplicateOfOurs(standing));
        events.push(Event::Audited(standing));
        events.push(Event::NotCancellable { standing, next: next(2) });
        for cancel_started_at in [at(616), at(617)] {
            events.push(Event::NotFound { cancel_started_at, second_opinion: standing, next: next(2) });
        }
    }
    events
}

/// The table of the rules, written down a second time: what must come of every pair; `None` is an illegal event.
fn expected(state: State, event: &Event) -> Option<State> {
    use CouponStanding as Coupon;
    Some(match (state, event) {
        (State::Accepted, Event::Claim { .. }) => State::Sending,
        (State::Accepted, Event::Capped { .. }) => State::Accepted,
        (State::Accepted, Event::Buried) => State::Unknown,
        (State::Sending, Event::Issued { .. } | Event::DuplicateOfKept) => State::Sent,
        (State::Sending, Event::NotSent | Event::LineRefused(_)) => State::Accepted,
        (State::Sending, Event::InputRefused) => State::Failed,
        (State::Sending, Event::NoAnswer { .. } | Event::CouponLost | Event::LeaseExpired) => State::Unknown,
        (State::Sending, Event::DuplicateOfForeign | Event::GoodsWithdrawn) => State::Review,
        (State::Sending, Event::DuplicateOfOurs(standing)) => match standing {
            Coupon::Live | Coupon::Used => State::Sent,
            Coupon::Cancelled => State::Unknown,
            Coupon::Ambiguous => State::Review,
            Coupon::Absent | Coupon::Unanswered => State::Accepted,
        },
        (State::Unknown, Event::Cancelled { .. }) => State::Dead,
        (State::Unknown, Event::AlreadyUsed) => State::Sent,
        (State::Unknown, Event::CancelUnanswered) => State::Unknown,
        // Settled after 616 s: the cancel must have started later.
        (State::Unknown, Event::NotFound { cancel_started_at, .. }) if *cancel_started_at == at(616) => State::Unknown,
        (State::Unknown, Event::NotFound { second_opinion, .. }) => match second_opinion {
            Coupon::Absent | Coupon::Cancelled => State::Dead,
            Coupon::Used => State::Sent,
            Coupon::Live | Coupon::Unanswered => State::Unknown,
            Coupon::Ambiguous => State::Review,
        },
        (State::Unknown, Event::NotCancellable { standing, .. }) => match standing {
            Coupon::Live | Coupon::Used => State::Sent,
            Coupon::Cancelled => State::Dead,
            Coupon::Absent | Coupon::Ambiguous => State::Review,
            Coupon::Unanswered => State::Unknown,
        },
        (State::Dead, Event::Audited(_) | Event::LateCancelled) => State::Dead,
        (State::Failed, Event::Reopen) => State::Accepted,
        _ => return None,
    })
}

#[test]
fn every_pair_of_state_and_event_does_what_the_table_says() {
    for state in State::ALL {
        for event in events() {
            let before = in_state(state);
            // The holder of the lease tells what came of a send, the sweeper everything else.
            let teller = if state == State::Sending { "worker" } else { "sweeper" };
            let got = transition(&before, event.clone(), &stamp(teller, 1_000), &RULES);
            match (expected(state, &event), got) {
                (None, Err(_)) => {}
                (Some(want), Ok(got)) if got.after.state == want => {}
                (want, got) => panic!("{state:?} + {event:?}: expected {want:?}, got {got:?}"),
            }
        }
    }
}

#[test]
fn a_row_says_what_wrote_it_last_and_since_when_it_stands_there() {
    let names: std::collections::BTreeSet<_> = events().iter().map(Event::name).collect();
    let told = [
        "already_used",
        "audited",
        "balance_too_low",
        "buried",
        "cancel_unanswered",
        "cancelled",
        "claimed",
        "coupon_lost",
        "credentials_refused",
        "duplicate_of_foreign",
        "duplicate_of_kept",
        "duplicate_of_ours",
        "goods_withdrawn",
        "input_refused",
        "issued",
        "late_cancelled",
        "lease_expired",
        "max_per_day_reached",
        "no_answer",
        "not_cancellable",
        "not_found",
        "not_sent",
        "reopened",
    ];
    assert!(names.iter().eq(&told), "{names:?}");
    assert_eq!(LineFault::Configuration.name(), "configuration_refused");
    assert_eq!((unknown().last_event.as_str(), unknown().state_since), ("no_answer", at(16)));
    let again = after(&unknown(), Event::CancelUnanswered, &stamp("sweeper", 20));
    assert_eq!((again.last_event.as_str(), again.state_since), ("cancel_unanswered", at(16)));
}

#[test]
fn a_row_is_due_from_its_moment_on() {
    let lease_ends = at(100);
    assert_eq!([at(99), lease_ends, at(101)].map(|now| sending().is_due(now)), [false, true, true]);
    assert!(!in_state(State::Sent).is_due(at(1_000_000)));
}

#[test]
fn every_row_that_is_not_finished_is_due_and_no_finished_row_is_but_a_dead_one_while_it_is_audited() {
    for state in State::ALL {
        for event in events() {
            let before = in_state(state);
            let owner = before.owner.as_str().to_owned();
            let Ok(got) = transition(&before, event, &stamp(&owner, 1_000), &RULES) else { continue };
            let open = matches!(got.after.state, State::Accepted | State::Sending | State::Unknown);
            let audited = got.after.state == State::Dead && got.after.due_at.is_some();
            assert_eq!(got.after.due_at.is_some(), open || audited, "{:?}", got.after);
            assert!(got.after.not_before.is_none() || got.after.state == State::Accepted);
        }
    }
}

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
    assert_eq!(in_state(State::Sent).gubun, Some(Delivery::Mms));
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
    let claim = |gubun| Event::Claim { lease_until: at(100), gubun: Some(gubun) };
    let live = || Event::DuplicateOfOurs(CouponStanding::Live);
    for (gubun, state) in
        [(Delivery::Mms, State::Sent), (Delivery::Pin, State::Unknown), (Delivery::BarcodeImage, State::Unknown)]
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
        assert_eq!(ended, if gubun == Delivery::Mms { State::Sent } else { State::Review });
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
        if event == Event::LeaseExpired {
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
    assert!(unclear.unclear_duplicate && unclear.state == State::Accepted);
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
fn the_row_is_written_without_nulls_and_comes_back_the_same() {
    for state in State::ALL {
        let row = in_state(state);
        let json = serde_json::to_value(&row).unwrap();
        assert!(json.as_object().unwrap().values().all(|value| !value.is_null()), "{json}");
        assert_eq!(json["state"], state.as_str());
        assert_eq!(serde_json::from_value::<Attempt>(json).unwrap(), row);
    }
}

proptest! {
    /// Whatever happens in whatever order: the key, the payout and the number of the attempt never change, a finished
    /// payout stays finished, and only a dead attempt has a successor.
    #[test]
    fn no_order_of_events_breaks_a_row(steps in prop::collection::vec((0..events().len(), 0..3_i64), 0..40)) {
        let mut row = accepted();
        let mut seconds = 0;
        for (index, wait) in steps {
            seconds += wait * 400;
            let event = events().swap_remove(index);
            let event = match event {
                Event::Claim { .. } => claim(at(seconds + 90)),
                other => other,
            };
            let owner = row.owner.as_str().to_owned();
            let finished = matches!(row.state, State::Sent | State::Dead | State::Review);
            if let Ok(got) = transition(&row, event, &stamp(&owner, seconds), &RULES) {
                let audit = row.state == State::Dead && row.due_at.is_some() && got.after.state == State::Dead;
                prop_assert!(!finished || audit, "{:?} was final", row.state);
                prop_assert_eq!(&got.after.tr_id, &row.tr_id);
                prop_assert_eq!(got.after.payout(), row.payout());
                prop_assert_eq!(got.after.attempt, row.attempt);
                prop_assert_eq!(got.after.next_tr_id.is_some(), got.after.state == State::Dead);
                row = got.after;
            }
        }
    }
}
