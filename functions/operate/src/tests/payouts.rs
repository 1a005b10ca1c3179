//! What people decide about payouts.

use giftishow::{Coupon, CouponOutcome, PinStatus, ResendOutcome};
use operation::{Filter, Listing, Operation, Outcome, Refusal, Request, Role, Way, Which, WhyNot};
use payout::{Attempt, Held, Krw, Slot, State, Then};

use super::world::{World, code, user};

fn live() -> CouponOutcome {
    CouponOutcome::Found(Coupon {
        status: PinStatus::Issued,
        goods_code: Some("G1".into()),
        recipient: None,
        sell_price: None,
        consumer_price: None,
        valid_until: None,
        send_result_code: None,
    })
}

fn why(answer: Result<Outcome, Refusal>) -> WhyNot {
    match answer {
        Err(Refusal::NotPossible { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_held_win_is_reopened_in_one_transaction_with_its_record_once_its_reward_is_fine() {
    let world = World::new();
    let row = world.held("anna", Held::RewardInactive);
    world.reward.borrow_mut().active = false;
    let request = world.order(Operation::Reopen(Which::One(row.tr_id.clone())));
    assert_eq!(why(world.asks(&request)), WhyNot::RewardInactive);
    assert_eq!(world.state(&row), State::Failed);
    world.reward.borrow_mut().active = true;
    assert!(matches!(world.asks(&request), Ok(Outcome::Changed { state: State::Accepted, .. })));
    assert_eq!((world.state(&row), world.row(&row).attention), (State::Accepted, None));
    let done = &world.audit.borrow()[&(request.id.as_str().to_owned(), "done".to_owned())];
    assert_eq!(
        (done.about.as_deref(), &done.record["audit"]["cost"]),
        (Some(row.tr_id.as_str()), &serde_json::json!(5_000))
    );
}

#[test]
fn what_somebody_else_changes_meanwhile_is_left_alone_and_not_recorded_as_done() {
    let world = World::new();
    let row = world.held("anna", Held::RewardMissing);
    let other = Attempt { state: State::Closed, attention: None, ..row.clone() };
    world.meanwhile.replace(Some(other.clone()));
    let request = world.order(Operation::Reopen(Which::One(row.tr_id.clone())));
    assert!(matches!(world.asks(&request), Err(Refusal::ChangedMeanwhile { .. })));
    assert_eq!(world.row(&row), other);
    assert_eq!(world.steps(&request), [("refused".to_owned(), "refused".to_owned())]);
}

#[test]
fn many_are_granted_if_they_are_as_many_as_expected_each_with_an_answer_and_a_record() {
    let world = World::new();
    let rows: Vec<_> = ["anna", "bert", "carl"].map(|name| world.held(name, Held::MaybeRepeated)).into();
    world.held("dora", Held::RewardMissing);
    let all = |expect| Operation::Grant(Which::All { filter: Filter::default(), expect });
    assert_eq!(world.does(all(4)), Err(Refusal::NotAsExpected { found: 3, expected: 4 }));
    let dry = world.asks(&Request { dry_run: true, ..world.order(all(3)) });
    assert_eq!(dry, Ok(Outcome::Would { rows: 3, cost: Krw(15_000), needs_second: false }));
    let request = world.order(all(3));
    let Ok(Outcome::Many(many)) = world.asks(&request) else { panic!("not many") };
    assert_eq!((many.rows.len(), many.left), (3, 0));
    // Only anna is registered.
    let refused: Vec<_> = many.rows.iter().filter(|row| row.refused.is_some()).map(|row| row.tr_id.clone()).collect();
    assert_eq!(refused.len(), 2);
    assert_eq!((world.state(&rows[0]), world.state(&rows[1])), (State::Accepted, State::Review));
    assert!(world.audit.borrow().contains_key(&(request.id.as_str().to_owned(), rows[0].tr_id.to_string())));
    assert!(matches!(world.asks(&request), Ok(Outcome::AlreadyDone { result: Some(text), .. }) if text == "1 of 3"));
}

#[test]
fn a_wrong_number_is_mended_by_an_order_that_the_sweeper_carries_out() {
    let world = World::new();
    let row = world.sent("anna");
    let cancel = || Operation::Cancel { tr_id: row.tr_id.clone(), then: Then::Reissue };
    assert_eq!(why(world.does(cancel())), WhyNot::NoCoupon);
    world.seen.replace(CouponOutcome::Unanswered);
    assert_eq!(why(world.does(cancel())), WhyNot::Unanswered);
    world.seen.replace(live());
    assert!(matches!(world.does(cancel()), Ok(Outcome::Changed { state: State::Unknown, next: None, .. })));
    let ordered = world.row(&row);
    assert_eq!(ordered.order.map(|order| order.then), Some(Then::Reissue));
    assert_eq!(ordered.due_at, Some(payout::Moment::from_millis(world.now.get())), "for the next sweep");
}

#[test]
fn a_cancel_that_closes_costs_nothing_and_one_that_sends_again_costs_the_price() {
    let world = World::new();
    let row = world.sent("anna");
    world.seen.replace(live());
    for (then, cost) in [(Then::Close, Krw(0)), (Then::Reissue, Krw(5_000))] {
        let operation = Operation::Cancel { tr_id: row.tr_id.clone(), then };
        let told = world.asks(&Request { dry_run: true, ..world.order(operation) });
        assert_eq!(told, Ok(Outcome::Would { rows: 1, cost, needs_second: false }));
    }
}

#[test]
fn what_is_closed_must_have_nothing_alive() {
    let world = World::new();
    let row = world.held("anna", Held::RewardMissing);
    let close = || Operation::Close { tr_id: row.tr_id.clone() };
    world.seen.replace(live());
    assert_eq!(why(world.does(close())), WhyNot::CouponLives);
    world.seen.replace(CouponOutcome::NotFound);
    assert!(matches!(world.does(close()), Ok(Outcome::Changed { state: State::Closed, .. })));
}

#[test]
fn a_message_is_sent_again_at_most_once_in_five_minutes_and_three_times_a_day() {
    let world = World::new();
    let row = world.sent("anna");
    world.seen.replace(live());
    let resend = || world.as_person("cs", &[Role::Cs], &world.order(Operation::Resend { tr_id: row.tr_id.clone() }));
    for left_today in [2, 1, 0] {
        assert_eq!(resend(), Ok(Outcome::ResendRequested { left_today }));
        assert!(matches!(why(resend()), WhyNot::TooSoon { .. } | WhyNot::TooOften));
        world.now.set(world.now.get() + 5 * 60_000);
    }
    assert_eq!(why(resend()), WhyNot::TooOften);
    assert_eq!(world.messages.get(), 3);
    assert_eq!(world.state(&row), State::Sent);
}

#[test]
fn a_resend_without_an_answer_is_unknown_and_the_same_order_sends_nothing_again() {
    let world = World::new();
    let row = world.sent("anna");
    world.seen.replace(live());
    world.resent.set(ResendOutcome::Unanswered);
    let request = world.order(Operation::Resend { tr_id: row.tr_id });
    assert!(matches!(world.asks(&request), Ok(Outcome::Unknown { .. })));
    world.now.set(world.now.get() + 3_600_000);
    assert!(matches!(world.asks(&request), Ok(Outcome::Unknown { .. })));
    assert_eq!(world.messages.get(), 1);
    let steps: Vec<_> = world.steps(&request).into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, ["intended", "unknown"]);
}

#[test]
fn grants_take_one_free_slot_after_the_other_for_whom_is_registered() {
    let world = World::new();
    let grant = |name| world.does(Operation::GrantNew { code: code(), user_key: user(name) });
    assert_eq!(grant("nobody"), Err(Refusal::NotFound { what: "recipient".into() }));
    for number in [1, 2] {
        let Ok(Outcome::Changed { tr_id, state: State::Accepted, .. }) = grant("anna") else { panic!("not granted") };
        let row = world.rows.borrow()[&tr_id].clone();
        assert_eq!((row.slot, row.attempt), (Slot::granted(number), 1));
    }
    world.reward.borrow_mut().active = false;
    assert!(matches!(grant("anna"), Err(Refusal::RewardWrong { .. })));
}

#[test]
fn who_looks_sees_every_attempt_what_people_did_and_what_may_be_done() {
    let world = World::new();
    let first = world.sent("anna");
    world.seen.replace(live());
    world.does(Operation::Resend { tr_id: first.tr_id.clone() }).unwrap();
    let Ok(Outcome::Payout(view)) = world.does(Operation::Look { tr_id: first.tr_id.clone() }) else {
        panic!("nothing")
    };
    assert_eq!((view.attempts, view.phone.as_deref()), (vec![first], Some("010-****-4242")));
    assert_eq!(view.seen.and_then(|seen| seen.same_goods), Some(true));
    assert_eq!(view.audit.len(), 2, "the intent and the outcome");
    let open: Vec<_> = view.ways.iter().filter(|way| way.why_not.is_none()).map(|way| way.way).collect();
    assert_eq!(open, [Way::CancelAndReissue, Way::CancelAndClose]);
}

#[test]
fn a_day_is_listed_oldest_first_a_page_at_a_time_and_nothing_twice() {
    let world = World::new();
    let mut wanted = Vec::new();
    for number in 0..120 {
        world.now.set(world.now.get() + 1_000);
        wanted.push(world.win(&format!("user-{number}")).tr_id);
    }
    let day = payout::day_shard(payout::Moment::from_millis(world.now.get()), 0).replace("/0", "");
    let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let listing = Listing { day: Some(day.clone()), after, ..Listing::default() };
        let Ok(Outcome::Payouts(page)) = world.does(Operation::List(listing)) else { panic!("no page") };
        found.extend(page.rows.into_iter().map(|row| row.tr_id));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((found, pages), (wanted, 3));
}

#[test]
fn what_waits_for_a_person_is_listed_whenever_it_was() {
    let world = World::new();
    world.sent("anna");
    let rows: Vec<_> = ["bert", "carl"].map(|name| world.held(name, Held::MaybeRepeated)).into();
    let Ok(Outcome::Payouts(page)) = world.does(Operation::List(Listing::default())) else { panic!("no page") };
    let mut found: Vec<_> = page.rows.into_iter().map(|row| row.tr_id).collect();
    let mut wanted: Vec<_> = rows.into_iter().map(|row| row.tr_id).collect();
    found.sort();
    wanted.sort();
    assert_eq!((found, page.next, page.total), (wanted, None, Some(2)));
}

#[test]
fn a_month_counts_wins_by_what_became_of_them() {
    let world = World::new();
    world.sent("anna");
    world.held("bert", Held::RewardMissing);
    world.win("carl");
    let month = payout::day_shard(payout::Moment::from_millis(world.now.get()), 0)[..7].to_owned();
    let Ok(Outcome::Report(lines)) = world.does(Operation::Report { month }) else { panic!("no report") };
    let line = &lines[0];
    assert_eq!((line.wins, line.sent, line.open, line.won), (3, 1, 1, Krw(4_500)));
    assert_eq!(line.waiting, [("reward_missing".to_owned(), 1)]);
    let Ok(Outcome::Days(days)) = world.does(Operation::Days { days: 2 }) else { panic!("no days") };
    assert_eq!(days.iter().map(|day| day.wins).collect::<Vec<_>>(), [0, 3]);
}
