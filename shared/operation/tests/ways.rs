//! What people are offered is what the transition function takes, and whatever waits for them has a way out.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use operation::{Facts, Seen, Way, ways};
use payout::{
    Attempt, Cap, CouponStanding, Delivery, Event, Evidence, Gubun, Held, Krw, LineFault, Moment, NextId, Owner,
    PayoutKey, Purchase, RepeatPolicy, RewardCode, Rules, Stamp, State, Then, TrIdScheme, UserKey, Win, transition,
};

const RULES: Rules = Rules {
    send_timeout: Duration::from_secs(15),
    grace: Duration::from_mins(10),
    max_attempts: 3,
    redrive_after: Duration::from_secs(30),
    outage_after: 5,
};
const START: i64 = 1_790_000_000_000;
const STANDINGS: [CouponStanding; 6] = [
    CouponStanding::Live,
    CouponStanding::Used,
    CouponStanding::Cancelled,
    CouponStanding::Absent,
    CouponStanding::Ambiguous,
    CouponStanding::Unanswered,
];
/// Past every lease, grace period and back-off.
const STEP: Duration = Duration::from_hours(1);

fn start() -> Moment {
    Moment::from_millis(START)
}

fn stamp(owner: &Owner, at: Moment) -> Stamp {
    Stamp { owner: owner.clone(), at, evidence: Evidence::default() }
}

fn first() -> Attempt {
    let payout = PayoutKey {
        code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
        user_key: UserKey::try_from("2eew35da".to_owned()).unwrap(),
        slot: RepeatPolicy::Once.slot(&Win { at: start(), request_id: "", index: 0, entries: 1 }),
    };
    Attempt::first(&scheme(), &payout, 0, &stamp(&Owner::new("callback"), start()), &RULES)
}

fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "test").unwrap()
}

fn next(row: &Attempt) -> NextId {
    row.next_id(&scheme(), 0)
}

/// All that can happen to a row, whether or not it may.
fn events(row: &Attempt, now: Moment) -> Vec<Event> {
    let claim = |gubun: Option<Gubun>| Event::Claim {
        lease_until: now.after(Duration::from_secs(90)),
        purchase: gubun.map(|gubun| Purchase { gubun, goods_code: "G1".into(), price_krw: Some(Krw(4_500)) }),
    };
    let mut events = vec![
        claim(Some(Gubun::Mms)),
        claim(Some(Gubun::Pin)),
        claim(None),
        Event::Capped { cap: Cap::RewardPerDay, until: now.after(STEP) },
        Event::Buried,
        Event::Issued { order_no: "1".into() },
        Event::NotSent,
        Event::LineRefused(LineFault::Credentials),
        Event::RefusedAlone(LineFault::Configuration),
        Event::HandedOver,
        Event::InputRefused,
        Event::GoodsWithdrawn,
        Event::NoAnswer { send_started_at: now },
        Event::DuplicateOfKept,
        Event::DuplicateOfForeign,
        Event::CouponLost,
        Event::LeaseExpired,
        Event::Cancelled { next: next(row) },
        Event::AlreadyUsed,
        Event::CancelUnanswered,
        Event::Restored,
        Event::LateCancelled,
        Event::Reopen,
        Event::Granted,
        Event::Erased,
    ];
    for standing in STANDINGS {
        let next = || next(row);
        events.extend([
            Event::DuplicateOfOurs(standing),
            Event::Audited(standing),
            Event::NotCancellable { standing, next: next() },
            Event::FoundAfterRestore { standing, next: next() },
            Event::NotFound { cancel_started_at: now, second_opinion: standing, next: next() },
            Event::Confirmed { standing, kept: true },
        ]);
        for then in [Then::Reissue, Then::Close] {
            events.extend([Event::Ordered { then, standing }, Event::Disowned { then, next: next() }]);
        }
    }
    events
}

/// Where nothing could be asked for, nothing was answered.
fn can_be_told(row: &Attempt, event: &Event) -> bool {
    let silent = row.state == State::Sending && row.goods_code.is_none();
    let without_asking = matches!(
        event,
        Event::HandedOver | Event::InputRefused | Event::GoodsWithdrawn | Event::LeaseExpired | Event::Restored
    );
    !silent || without_asking
}

/// What of a row decides what may be done with it.
fn kind(row: &Attempt) -> String {
    let Attempt { state, last_event, last_code, gubun, restored_at, lease_until, due_at, order, attempt, .. } = row;
    let marks = (row.is_unclear(), restored_at.is_some(), lease_until.is_some(), due_at.is_some());
    let erased = row.user_key.is_none();
    format!("{state:?} {last_event} {last_code:?} {gubun:?} {marks:?} {order:?} {attempt} {erased}")
}

/// A row of every kind that the transition function can make, with the moment of the last event.
fn every_kind() -> Vec<(Attempt, Moment)> {
    let held = [Held::MaybeRepeated, Held::RewardMissing].map(|why| first().held(why));
    let last = Attempt { attempt: RULES.max_attempts, ..first() };
    let beginnings = [first(), last, first().delivered_by(Delivery::Company)].into_iter().chain(held);
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut all = Vec::new();
    let mut to_go: VecDeque<_> = beginnings.map(|row| (row, start())).collect();
    while let Some((row, at)) = to_go.pop_front() {
        if !found.insert(kind(&row)) {
            continue;
        }
        let now = at.after(STEP);
        for event in events(&row, now).into_iter().filter(|event| can_be_told(&row, event)) {
            // Told by whoever holds it; to anybody else it would only be refused.
            if let Ok(got) = transition(&row, event, &stamp(&row.owner, now), &RULES) {
                to_go.push_back((got.after, now));
            }
        }
        all.push((row, at));
    }
    all
}

/// Everything that 0201 can show of a row.
fn sights() -> Vec<Seen> {
    let seen = |standing: CouponStanding, same_goods| Seen {
        standing: standing.into(),
        status: None,
        same_goods,
        same_phone: None,
        valid_until: None,
        send_result_code: None,
    };
    let is_there = |standing: &CouponStanding| !matches!(standing, CouponStanding::Absent | CouponStanding::Unanswered);
    let there = STANDINGS.into_iter().filter(is_there);
    let with_goods = there.flat_map(|standing| [Some(true), Some(false), None].map(|same| seen(standing, same)));
    let none = [CouponStanding::Absent, CouponStanding::Unanswered].map(|standing| seen(standing, None));
    with_goods.chain(none).collect()
}

/// Calls with all that can be known of a row, whose reward and recipient are in order.
fn with_facts(mut look: impl FnMut(&Facts<'_>)) {
    let sights = sights();
    let rows = every_kind();
    assert!(rows.len() > 200, "{} kinds of rows", rows.len());
    for (attempt, at) in &rows {
        for seen in sights.iter().map(Some).chain([None]) {
            for pin_kept in [true, false] {
                for later in [Duration::ZERO, STEP, Duration::from_hours(8 * 24)] {
                    look(&Facts {
                        attempt,
                        seen,
                        reward: Ok(()),
                        has_recipient: true,
                        pin_kept,
                        resent: &[],
                        now: at.after(later),
                        rules: &RULES,
                    });
                }
            }
        }
    }
}

#[test]
fn nobody_is_offered_what_the_transition_refuses() {
    let mut taken = BTreeSet::new();
    with_facts(|facts| {
        for way in ways(facts).into_iter().filter(|way| way.why_not.is_none()).map(|open| open.way) {
            let Some(event) = facts.event(way, next(facts.attempt)) else { continue };
            let stamp = stamp(&Owner::new("person"), facts.now);
            if let Err(illegal) = transition(facts.attempt, event, &stamp, &RULES) {
                panic!("{way:?} is offered: {illegal}\n{facts:?}");
            }
            taken.insert(format!("{way:?}"));
        }
    });
    // A way that is never open proves nothing.
    assert_eq!(taken.len(), Way::ALL.len() - 1, "{taken:?}");
}

#[test]
fn whatever_waits_for_a_person_has_a_way_out_as_soon_as_giftishow_answers() {
    with_facts(|facts| {
        let Facts { attempt, seen, .. } = facts;
        let answered = seen.is_some_and(|seen| seen.standing != CouponStanding::Unanswered.into());
        let known = attempt.user_key.is_some() && facts.now >= attempt.settles_at(&RULES);
        // Whose it is, Giftishow must say.
        let whose = seen.is_some_and(|seen| seen.same_goods.is_some()) || !attempt.met_a_foreign_coupon();
        if !(attempt.state.waits_for_a_person() && answered && known && whose) {
            return;
        }
        let ways = ways(facts);
        let ends = |way: &operation::WayOut| way.why_not.is_none() && way.way.ends_the_waiting();
        assert!(ways.iter().any(ends), "{ways:?}\n{facts:?}");
    });
}

#[test]
fn without_an_answer_of_giftishow_only_what_was_never_sent_has_a_way_out() {
    with_facts(|facts| {
        if facts.seen.is_some_and(|seen| seen.standing != CouponStanding::Unanswered.into()) {
            return;
        }
        let attempt = facts.attempt;
        let open: Vec<Way> = ways(facts).into_iter().filter(|way| way.why_not.is_none()).map(|way| way.way).collect();
        let safe = attempt.state == State::Failed || attempt.was_never_sent();
        assert!(open.is_empty() || safe && matches!(open[..], [Way::Reopen | Way::Grant]), "{open:?}\n{facts:?}");
    });
}

#[test]
fn a_coupon_of_somebody_else_is_never_cancelled() {
    with_facts(|facts| {
        let Facts { attempt, seen, .. } = facts;
        let other_goods = seen.is_some_and(|seen| seen.same_goods == Some(false));
        let tells = attempt.goods_code.is_some() && !attempt.is_unclear();
        if attempt.state != State::Review || !tells || !other_goods {
            return;
        }
        for way in [Way::CancelAndReissue, Way::CancelAndClose, Way::Confirm] {
            assert!(facts.why_not(way).is_some(), "{way:?}\n{facts:?}");
        }
        let event = facts.event(Way::Close, next(attempt));
        assert!(matches!(event, Some(Event::Disowned { then: Then::Close, .. })), "{event:?}");
    });
}
