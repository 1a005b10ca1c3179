//! Rewards, recipients, the line.

use operation::{FindBy, NewRecipient, Operation, Outcome, Phone, Refusal, Request, Role};
use payout::{Held, Moment, PauseReason, RepeatPolicy, Reward, State};

use super::world::{PHONE, World, user};

fn recipient(world: &World, name: &str, phone: &str, seconds: i64) -> NewRecipient {
    let expires_at = Moment::from_millis(world.now.get() + seconds * 1_000);
    NewRecipient { user_key: user(name), phone: Phone::parse(phone).unwrap(), expires_at }
}

#[test]
fn a_winner_is_found_by_number_and_by_its_last_four_digits() {
    let world = World::new();
    let row = world.sent("anna");
    for by in [
        FindBy::Phone(Phone::parse("010-9876-4242").unwrap()),
        FindBy::LastFour("4242".into()),
        FindBy::UserKey(user("anna")),
    ] {
        let Ok(Outcome::Payouts(page)) = world.does(Operation::Find(by)) else { panic!("nothing") };
        assert_eq!(page.rows.iter().map(|found| &found.tr_id).collect::<Vec<_>>(), [&row.tr_id]);
    }
    let nobody = world.does(Operation::Find(FindBy::LastFour("0000".into())));
    assert!(matches!(nobody, Ok(Outcome::Payouts(page)) if page.rows.is_empty()));
    for wrong in [FindBy::LastFour("42".into()), FindBy::OrderNo("1".into())] {
        assert!(matches!(world.does(Operation::Find(wrong)), Err(Refusal::BadInput { .. })));
    }
}

#[test]
fn an_import_writes_what_differs_and_says_what_it_did_not_take() {
    let world = World::new();
    let all = vec![
        recipient(world, "bert", "010-0000-0001", 1_000),
        recipient(world, "carl", "010-0000-0002", 0),
        recipient(world, "bert", "010-0000-0003", 1_000),
        recipient(world, "anna", "010-0000-0004", 1_000),
    ];
    let import = |recipients| world.does(Operation::RecipientImport { recipients });
    let Ok(Outcome::Imported(imported)) = import(all.clone()) else { panic!("nothing") };
    assert_eq!((imported.new, imported.changed, imported.unchanged), (1, 1, 0));
    assert_eq!(imported.problems.iter().map(|problem| problem.index).collect::<Vec<_>>(), [1, 2]);
    let Ok(Outcome::Imported(again)) = import(all) else { panic!("nothing") };
    assert_eq!((again.new, again.changed, again.unchanged), (0, 0, 2));
    let late = Operation::RecipientPut(recipient(world, "dora", PHONE, 0));
    assert!(matches!(world.does(late), Err(Refusal::BadInput { field, .. }) if field == "expires_at"));
    let many = vec![recipient(world, "dora", PHONE, 10); Operation::MOST_RECIPIENTS + 1];
    assert!(matches!(import(many), Err(Refusal::BadInput { .. })));
}

#[test]
fn who_is_erased_is_gone_from_the_table_and_from_every_row_once_nothing_is_under_way() {
    let world = World::new();
    let sent = world.sent("anna");
    let open = world.keep(payout::Attempt {
        tr_id: world.win("other").tr_id,
        user_key: Some(user("anna")),
        ..world.win("other")
    });
    let request = world.order(Operation::RecipientErase { user_key: user("anna") });
    assert_eq!(world.asks(&request), Err(Refusal::StillOpen { tr_ids: vec![open.tr_id.clone()] }));
    assert_eq!(world.registrations.borrow().len(), 1);
    world.keep(payout::Attempt { state: State::Closed, due_at: None, ..open });
    assert_eq!(world.asks(&request), Ok(Outcome::Erased { was_registered: true, rows: 2 }));
    assert!(world.registrations.borrow().is_empty());
    assert!(world.rows.borrow().values().all(|row| row.user_key.is_none()));
    assert_eq!(world.row(&sent).payout_id, sent.payout_id);
}

#[test]
fn the_repeat_policy_of_a_code_cannot_change_and_a_wrong_reward_is_refused_with_every_reason() {
    let world = World::new();
    let reward = world.reward.borrow().clone();
    let put = |reward: Reward| world.does(Operation::RewardPut { reward: Box::new(reward) });
    let daily = put(Reward { repeat: RepeatPolicy::Daily, ..reward.clone() });
    assert!(matches!(daily, Err(Refusal::BadInput { field, .. }) if field == "repeat"));
    let cheap = put(Reward { max_price_krw: payout::Krw(4_499), ..reward.clone() });
    assert!(matches!(cheap, Err(Refusal::RewardWrong { problems }) if problems[0].starts_with("price_above_limit")));
    let Ok(Outcome::Rewards(views)) = put(Reward { max_price_krw: payout::Krw(60_000), ..reward }) else {
        panic!("refused")
    };
    assert!(views[0].problems.is_empty() && views[0].hints[0].contains("withholding tax"));
    let code = views[0].reward.code.clone();
    assert!(matches!(world.does(Operation::RewardDisable { code }), Ok(Outcome::Rewards(_))));
    assert!(!world.reward.borrow().active);
}

#[test]
fn a_person_pauses_and_resumes_the_line_but_opens_none_over_an_older_table() {
    let world = World::new();
    assert!(matches!(world.does(Operation::Pause), Ok(Outcome::Line(line)) if !line.is_open()));
    let version = world.line.borrow().version;
    assert!(
        matches!(world.does(Operation::Pause), Ok(Outcome::Line(line)) if line.version == version),
        "it is paused already"
    );
    assert!(matches!(world.does(Operation::Resume), Ok(Outcome::Line(line)) if line.is_open()));
    world.does(Operation::Pause).unwrap();
    if let Some(pause) = &mut world.line.borrow_mut().pause {
        pause.reason = PauseReason::Restored;
    }
    assert!(matches!(world.does(Operation::Resume), Err(Refusal::BadInput { .. })));
    assert!(!world.line.borrow().is_open());
}

#[test]
fn the_line_says_by_whose_order_it_stands_as_it_does() {
    let world = World::new();
    let as_person = |who: &str, operation: Operation, reason: &str| {
        world.now.set(world.now.get() + 1_000);
        let request = Request { reason: Some(reason.into()), ..world.order(operation) };
        world.as_person(who, &[Role::Operator], &request).unwrap();
        world.now.set(world.now.get() + 1_000);
    };
    let shown = || {
        let request = world.order(Operation::LineShow);
        let Ok(Outcome::LineShown(view)) = world.as_person("vera", &[Role::Viewer], &request) else { panic!("none") };
        (view.line.is_open(), view.by.map(|by| (by.caller.who, by.reason.unwrap_or_default())))
    };
    let by = |who: &str, why: &str| Some((who.to_owned(), why.to_owned()));
    assert_eq!(shown(), (true, None), "nobody has ever said anything");
    as_person("olga", Operation::Pause, "wrong goods");
    as_person("boris", Operation::Pause, "wrong goods, too");
    assert_eq!(shown(), (false, by("olga", "wrong goods")), "it was stopped already");
    as_person("boris", Operation::Resume, "mended");
    as_person("olga", Operation::Resume, "mended, too");
    assert_eq!(shown(), (true, by("boris", "mended")));
    as_person("olga", Operation::Pause, "wrong again");
    assert_eq!(shown(), (false, by("olga", "wrong again")));
    if let Some(pause) = &mut world.line.borrow_mut().pause {
        pause.reason = PauseReason::Balance;
    }
    assert_eq!(shown(), (false, None), "no person has stopped it for that");
}

#[test]
fn doctor_names_what_is_missing_and_what_mends_it() {
    let world = World::new();
    world.held("bert", Held::RewardMissing);
    world.reward.borrow_mut().max_price_krw = payout::Krw(1);
    let Ok(Outcome::Checks(checks)) = world.does(Operation::Doctor) else { panic!("no checks") };
    let mut wrong: Vec<_> =
        checks.iter().filter(|check| check.mend.is_some()).map(|check| check.name.as_str()).collect();
    wrong.sort_unstable();
    assert_eq!(wrong, ["catalog", "rewards", "waiting_for_a_person"]);
}
