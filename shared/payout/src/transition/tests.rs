use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::attempt::Held;
use crate::cap::Cap;
use crate::ids::{Owner, PayoutKey, RewardCode, UserKey};
use crate::krw::Krw;
use crate::repeat::{RepeatPolicy, Win};
use crate::reward::{Delivery, Gubun};
use crate::stamp::Evidence;
use crate::tr_id::TrIdScheme;

mod orders;
mod rules;

const RULES: Rules = Rules {
    send_timeout: Duration::from_secs(15),
    grace: Duration::from_mins(10),
    max_attempts: 3,
    redrive_after: Duration::from_secs(30),
    outage_after: 5,
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

fn purchase(gubun: Gubun) -> Purchase {
    Purchase { gubun, goods_code: "G00000000001".into(), price_krw: Some(Krw(4_500)) }
}

fn claim(lease_until: Moment) -> Event {
    Event::Claim { lease_until, purchase: Some(purchase(Gubun::Mms)) }
}

fn next(attempt: u8) -> NextId {
    NextId { tr_id: scheme().tr_id(&payout(), attempt, 0), salt: 0 }
}

fn accepted() -> Attempt {
    Attempt::first(&scheme(), &payout(), 0, &stamp("callback", 0), &RULES)
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

/// A person wants it closed, and this is what 0201 says of it.
fn closing(standing: CouponStanding) -> Event {
    Event::Ordered { then: Then::Close, standing }
}

/// Likewise, and then to go on.
fn reissuing(standing: CouponStanding) -> Event {
    Event::Ordered { then: Then::Reissue, standing }
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
        State::HandedOver => accepted().delivered_by(Delivery::Company),
        State::Closed => after(&in_state(State::Failed), closing(CouponStanding::Absent), &stamp("person", 3)),
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
        Event::RefusedAlone(LineFault::Configuration),
        Event::HandedOver,
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
        Event::AwaitsRecipient { until: at(50_000) },
        Event::OutsideHours { until: at(50_000) },
        Event::Restored,
        Event::Buried,
        Event::LateCancelled,
        Event::Reopen,
        Event::Granted,
        Event::Disowned { then: Then::Reissue, next: next(2) },
        Event::Disowned { then: Then::Close, next: next(2) },
        Event::Erased,
    ];
    for standing in STANDINGS {
        events.push(Event::DuplicateOfOurs(standing));
        events.push(Event::Audited(standing));
        events.push(Event::NotCancellable { standing, next: next(2) });
        events.push(Event::FoundAfterRestore { standing, next: next(2) });
        events.extend([closing(standing), reissuing(standing)]);
        events.extend([true, false].map(|kept| Event::Confirmed { standing, kept }));
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
        (State::Accepted, Event::Capped { .. } | Event::AwaitsRecipient { .. }) => State::Accepted,
        (State::Accepted, Event::OutsideHours { .. }) => State::Accepted,
        (State::Accepted, Event::Buried) => State::Unknown,
        (State::Sending, Event::Issued { .. } | Event::DuplicateOfKept) => State::Sent,
        (State::Sending, Event::NotSent | Event::LineRefused(_)) => State::Accepted,
        (State::Sending, Event::InputRefused) => State::Failed,
        (State::Sending, Event::NoAnswer { .. } | Event::CouponLost | Event::LeaseExpired) => State::Unknown,
        (State::Sending, Event::DuplicateOfForeign | Event::GoodsWithdrawn | Event::RefusedAlone(_)) => State::Review,
        (State::Sending, Event::HandedOver) => State::HandedOver,
        (State::Sending | State::Unknown, Event::Restored) => State::Unknown,
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
        (State::Sent, Event::Buried) => State::Review,
        (_, Event::Ordered { .. } | Event::Confirmed { .. } | Event::Disowned { .. } | Event::Erased) => {
            return ordered(state, event);
        }
        _ => return None,
    })
}

/// The same for what a person decides. The review has met a coupon of somebody else's.
fn ordered(state: State, event: &Event) -> Option<State> {
    use CouponStanding as Coupon;
    Some(match (state, event) {
        (State::Accepted | State::Sending | State::Unknown, Event::Erased) => return None,
        (same, Event::Erased) => same,
        (State::Failed, Event::Ordered { then: Then::Close, standing: Coupon::Cancelled | Coupon::Absent }) => {
            State::Closed
        }
        (State::Review, Event::Ordered { then: Then::Close, standing: Coupon::Used }) => State::Closed,
        (State::Review, Event::Ordered { standing: Coupon::Ambiguous, .. }) => State::Unknown,
        (
            State::Sent | State::Review,
            Event::Ordered { standing: Coupon::Live | Coupon::Cancelled | Coupon::Absent, .. },
        ) => State::Unknown,
        (State::Review, Event::Confirmed { standing: Coupon::Live | Coupon::Used, .. }) => State::Sent,
        (State::Review, Event::Disowned { then: Then::Reissue, .. }) => State::Dead,
        (State::Review, Event::Disowned { then: Then::Close, .. }) => State::Closed,
        _ => return None,
    })
}

/// What people decide, and what is found out after a restore: these alone lead out of a finished row.
fn is_of_a_person(event: &Event) -> bool {
    matches!(
        event,
        Event::Granted
            | Event::Confirmed { .. }
            | Event::Ordered { .. }
            | Event::Disowned { .. }
            | Event::Erased
            | Event::Buried
    )
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
        "awaits_recipient",
        "balance_too_low",
        "buried",
        "cancel_unanswered",
        "cancelled",
        "claimed",
        "close_ordered",
        "confirmed",
        "coupon_lost",
        "credentials_refused",
        "disowned",
        "duplicate_of_foreign",
        "duplicate_of_kept",
        "duplicate_of_ours",
        "erased",
        "found_after_restore",
        "goods_withdrawn",
        "granted",
        "handed_over",
        "input_refused",
        "issued",
        "late_cancelled",
        "lease_expired",
        "max_per_day_reached",
        "no_answer",
        "not_cancellable",
        "not_found",
        "not_sent",
        "outside_send_hours",
        "refused_alone",
        "reissue_ordered",
        "reopened",
        "restored",
    ];
    assert!(names.iter().eq(&told), "{names:?}");
    assert_eq!(LineFault::Configuration.name(), "configuration_refused");
    assert_eq!((unknown().last_event.as_str(), unknown().state_since), ("no_answer", at(16)));
    let again = after(&unknown(), Event::CancelUnanswered, &stamp("sweeper", 20));
    assert_eq!((again.last_event.as_str(), again.state_since), ("cancel_unanswered", at(16)));
}

#[test]
fn outside_of_the_hours_an_attempt_waits_until_they_begin_however_long_that_is_and_uses_up_nothing() {
    let night = Event::OutsideHours { until: at(40_000) };
    let Transition { after: waiting, effects } = transition(&accepted(), night, &stamp("worker", 1), &RULES).unwrap();
    assert_eq!(
        (waiting.state, waiting.not_before, waiting.due_at),
        (State::Accepted, Some(at(40_000)), Some(at(40_000)))
    );
    assert_eq!((waiting.last_event.as_str(), waiting.tries, effects), ("outside_send_hours", 0, Vec::new()));
    let claimed = |seconds| transition(&waiting, claim(at(50_000)), &stamp("worker", seconds), &RULES).is_ok();
    assert_eq!([claimed(39_999), claimed(40_000)], [false, true]);
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
            let audited = matches!(got.after.state, State::Dead | State::Closed) && got.after.due_at.is_some();
            assert_eq!(got.after.due_at.is_some(), open || audited, "{:?}", got.after);
            assert!(got.after.not_before.is_none() || got.after.state == State::Accepted);
        }
    }
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
    /// payout stays finished unless a person decides otherwise, only a dead attempt has a successor, and only an unknown one
    /// an order.
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
            let finished = !matches!(row.state, State::Accepted | State::Sending | State::Unknown | State::Failed);
            let finished = finished && !row.was_not_asked_for();
            let (by_person, erases) = (is_of_a_person(&event), event == Event::Erased);
            if let Ok(got) = transition(&row, event, &stamp(&owner, seconds), &RULES) {
                let audit = row.due_at.is_some() && got.after.state == row.state;
                prop_assert!(!finished || audit || by_person, "{:?} was final", row.state);
                let over = matches!(row.state, State::Dead | State::Closed | State::HandedOver);
                prop_assert!(!over || got.after.state == row.state, "{:?} is final for people, too", row.state);
                prop_assert_eq!(&got.after.tr_id, &row.tr_id);
                prop_assert_eq!(&got.after.payout_id, &row.payout_id);
                prop_assert_eq!(got.after.payout(), row.payout().filter(|_| !erases));
                prop_assert_eq!(got.after.attempt, row.attempt);
                prop_assert_eq!(got.after.next_tr_id.is_some(), got.after.state == State::Dead);
                prop_assert!(got.after.order.is_none() || got.after.state == State::Unknown);
                row = got.after;
            }
        }
    }
}
