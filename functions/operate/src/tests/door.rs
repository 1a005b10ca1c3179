//! Who comes in, who may what, and what is written of it.

use operation::{
    Answer, Filter, FindBy, Kind, Listing, May, NewRecipient, Operation, OrderId, Outcome, Phone, Refusal, Reply,
    Request, Role, Which, may,
};
use payout::{Held, Krw, Then, TrId};
use serde_json::{Value, json};

use super::world::{PHONE, PIN, World, code, user};

fn new_recipient(world: &World, name: &str) -> NewRecipient {
    let expires_at = payout::Moment::from_millis(world.now.get() + 1_000_000);
    NewRecipient { user_key: user(name), phone: Phone::parse(PHONE).unwrap(), expires_at }
}

/// One of each kind, about what is there.
pub(super) fn one_of_each(world: &'static World) -> Vec<Operation> {
    let tr_id = world.sent("anna").tr_id;
    let other = OrderId::try_from("an-order-that-is-not".to_owned()).unwrap();
    let reward = Box::new(world.reward.borrow().clone());
    let user_key = user("anna");
    vec![
        Operation::Stack,
        Operation::Doctor,
        Operation::Find(FindBy::Phone(Phone::parse(PHONE).unwrap())),
        Operation::List(Listing::default()),
        Operation::Look { tr_id: tr_id.clone() },
        Operation::Reopen(Which::All { filter: Filter::default(), expect: 0 }),
        Operation::Grant(Which::One(tr_id.clone())),
        Operation::GrantNew { code: code(), user_key: user_key.clone() },
        Operation::Confirm { tr_id: tr_id.clone() },
        Operation::Cancel { tr_id: tr_id.clone(), then: Then::Close },
        Operation::Reissue { tr_id: tr_id.clone() },
        Operation::Close { tr_id: tr_id.clone() },
        Operation::Resend { tr_id: tr_id.clone() },
        Operation::LineShow,
        Operation::Pause,
        Operation::Resume,
        Operation::RewardPut { reward },
        Operation::RewardList,
        Operation::RewardShow { code: code() },
        Operation::RewardDisable { code: code() },
        Operation::RecipientPut(new_recipient(world, "bert")),
        Operation::RecipientShow { user_key: user_key.clone(), reveal: false },
        Operation::RecipientShow { user_key: user_key.clone(), reveal: true },
        Operation::RecipientErase { user_key },
        Operation::RecipientImport { recipients: vec![new_recipient(world, "carl")] },
        Operation::CouponShow { tr_id },
        Operation::Balance,
        Operation::Report { month: "2026-09".into() },
        Operation::Days { days: 2 },
        Operation::Money,
        Operation::Reconcile,
        Operation::TopUp { day: "2026-09-21".into(), amount: Krw(1) },
        Operation::Audit { month: "2026-09".into(), after: None },
        Operation::Approve { order: other },
        Operation::RestoreCopy { table: "payouts-restored-1".into(), after: None },
        Operation::RestoreRepair { taken_at: None, after: None },
    ]
}

#[test]
fn every_role_may_what_the_table_says_and_a_refused_try_is_recorded() {
    let kinds: Vec<Kind> = one_of_each(World::new()).iter().map(Operation::kind).collect();
    assert_eq!(kinds, Kind::ALL);
    for index in 0..kinds.len() {
        for role in Role::ALL {
            let world = World::new();
            let operation = one_of_each(world).swap_remove(index);
            let kind = operation.kind();
            let request = world.order(operation);
            let refused = matches!(world.as_person("p", &[role], &request), Err(Refusal::NotAllowed { .. }));
            let may_not = may(&[role], kind, Krw(0), None) == May::No;
            assert_eq!(refused, may_not, "{role:?} {kind:?}");
            if may_not && kind.is_audited() {
                assert_eq!(world.steps(&request), [("refused".to_owned(), "refused".to_owned())], "{role:?} {kind:?}");
            }
        }
        let world = World::new();
        let request = world.order(one_of_each(world).swap_remove(index));
        assert!(matches!(world.as_person("p", &[], &request), Err(Refusal::NotAllowed { .. })), "nobody may anything");
    }
}

#[test]
fn a_dry_run_writes_nothing_whatever_it_is_about() {
    for index in 0..Kind::ALL.len() {
        let world = World::new();
        world.held("bert", Held::RewardMissing);
        let operation = one_of_each(world).swap_remove(index);
        let kind = operation.kind();
        let before = world.written();
        let answer = world.asks(&Request { dry_run: true, ..world.order(operation) });
        assert_eq!(world.written(), before, "{kind:?}");
        assert_eq!(world.messages.get(), 0, "{kind:?}");
        if kind.is_audited() {
            assert!(matches!(answer, Ok(Outcome::Would { .. }) | Err(_)), "{kind:?}: {answer:?}");
        }
    }
}

#[test]
fn no_answer_and_no_record_holds_a_number_or_a_pin_that_nobody_asked_to_see() {
    for index in 0..Kind::ALL.len() {
        let world = World::new();
        let operation = one_of_each(world).swap_remove(index);
        let kind = operation.kind();
        let answer = world.does(operation);
        let json = serde_json::to_string(&Reply::new(answer.clone())).unwrap();
        let shown = json.contains(PHONE) || json.contains(PIN) || format!("{answer:?}").contains(PHONE);
        assert_eq!(shown, matches!(kind, Kind::RecipientReveal | Kind::CouponShow), "{kind:?}: {json}");
        let written = world.written();
        assert!(!written.contains(PHONE) && !written.contains(PIN), "{kind:?}: {written}");
    }
}

#[test]
fn what_shows_personal_data_is_recorded_before_it_is_shown_and_asks_for_a_reason() {
    let world = World::new();
    let reveal = world.order(Operation::RecipientShow { user_key: user("anna"), reveal: true });
    assert_eq!(world.asks(&Request { reason: Some(" ".into()), ..reveal.clone() }), Err(Refusal::NoReason));
    assert!(matches!(world.asks(&reveal), Ok(Outcome::Recipient(view)) if view.phone == PHONE));
    let ended = |text: &str| text.to_owned();
    assert_eq!(world.steps(&reveal), [(ended("done"), ended("done")), (ended("refused"), ended("refused"))]);
}

fn by_url(body: &str) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../../../../events/operate.json")).unwrap();
    event["body"] = json!(body);
    event
}

fn reply_of(response: &Value) -> Reply {
    serde_json::from_str(response["body"].as_str().unwrap()).unwrap()
}

#[test]
fn a_principal_that_signed_is_admin_and_known_by_its_arn_and_address() {
    let world = World::new();
    let request = world.order(Operation::Pause);
    let response = world.invoked(by_url(&serde_json::to_string(&request).unwrap()));
    assert_eq!((&response["statusCode"], &response["headers"]["cache-control"]), (&json!(200), &json!("no-store")));
    assert!(matches!(reply_of(&response).into_result(), Ok(Outcome::Line(line)) if !line.is_open()));
    let audit = world.audit.borrow();
    let caller = &audit[&(request.id.as_str().to_owned(), "done".to_owned())].record["audit"]["caller"];
    assert_eq!(caller["who"], "arn:aws:iam::000000000000:user/anna");
    assert_eq!((&caller["via"], &caller["address"]), (&json!("iam"), &json!("192.0.2.1")));
}

#[test]
fn who_has_not_signed_is_refused_and_what_cannot_be_read_is_told_without_a_value() {
    let world = World::new();
    let request = serde_json::to_string(&world.order(Operation::Pause)).unwrap();
    let mut unsigned = by_url(&request);
    unsigned["requestContext"]["authorizer"] = Value::Null;
    assert_eq!(world.invoked(unsigned)["statusCode"], 403);
    let base64 = "eyJwcm90b2NvbCI6MSwiaWQiOiIwMTIzNDU2Nzg5YWJjZGVmIiwib3BlcmF0aW9uIjoic3RhY2sifQ==";
    let mut encoded = by_url(base64);
    encoded["isBase64Encoded"] = json!(true);
    assert_eq!(world.invoked(encoded)["statusCode"], 200);
    for wrong in [
        PHONE.to_owned(),
        format!(r#"{{"protocol":2,"id":"0123456789abcdef","operation":{{"dial":"{PHONE}"}}}}"#),
        format!(r#"{{"protocol":1,"id":"0123456789abcdef","operation":{{"find":{{"phone":"x{PHONE}"}}}}}}"#),
        String::new(),
    ] {
        let response = world.invoked(by_url(&wrong));
        assert_eq!(response["statusCode"], 400, "{wrong}");
        let Answer::Refused(Refusal::Unreadable { why }) = reply_of(&response).answer else { panic!("{response}") };
        assert!(!why.contains(PHONE) && why.contains("protocol 1"), "{why}");
    }
    assert!(matches!(
        serde_json::from_value::<Reply>(world.invoked(json!({ "person": 1 }))).unwrap().answer,
        Answer::Refused(Refusal::Unreadable { .. })
    ));
    assert!(world.audit.borrow().is_empty() && world.line.borrow().is_open());
}

#[test]
fn the_same_order_twice_is_one_and_its_id_is_good_for_no_other() {
    let world = World::new();
    let request = world.order(Operation::GrantNew { code: code(), user_key: user("anna") });
    let Ok(Outcome::Changed { tr_id, .. }) = world.asks(&request) else { panic!("not granted") };
    assert!(
        matches!(world.asks(&request), Ok(Outcome::AlreadyDone { result: Some(state), .. }) if state == "accepted")
    );
    assert_eq!(world.rows.borrow().keys().collect::<Vec<&TrId>>(), [&tr_id]);
    let other = Request { operation: Operation::Pause, ..request };
    assert_eq!(world.asks(&other), Err(Refusal::OrderDiffers));
}

#[test]
fn what_is_dear_waits_for_another_person_who_approves_it_once() {
    let world = World::new();
    world.four_eyes.set(Some(Krw(4_999)));
    let request = world.order(Operation::GrantNew { code: code(), user_key: user("anna") });
    let waits = Ok(Outcome::WaitsForSecond { order: request.id.clone(), cost: Krw(5_000) });
    assert_eq!(world.asks(&request), waits);
    assert_eq!(world.asks(&request), waits, "once more, it still waits");
    assert!(world.rows.borrow().is_empty());
    let approval = |world: &'static World| world.order(Operation::Approve { order: request.id.clone() });
    assert_eq!(world.asks(&approval(world)), Err(Refusal::SamePerson));
    assert!(matches!(world.as_person("petra", &[Role::Operator], &approval(world)), Err(Refusal::NotAllowed { .. })));
    world.reward.borrow_mut().max_price_krw = Krw(5_001);
    let dearer = world.as_person("petra", &[Role::Admin], &approval(world));
    assert_eq!(dearer, Err(Refusal::ChangedMeanwhile { what: "cost".into() }));
    world.reward.borrow_mut().max_price_krw = Krw(5_000);
    assert!(matches!(world.as_person("petra", &[Role::Admin], &approval(world)), Ok(Outcome::Changed { .. })));
    assert_eq!(world.rows.borrow().len(), 1);
    assert_eq!(world.as_person("petra", &[Role::Admin], &approval(world)), Err(Refusal::NotWaiting));
    assert!(matches!(world.asks(&request), Ok(Outcome::AlreadyDone { .. })));

    let late = world.order(Operation::GrantNew { code: code(), user_key: user("anna") });
    assert!(matches!(world.asks(&late), Ok(Outcome::WaitsForSecond { .. })));
    world.now.set(world.now.get() + 24 * 3_600_000 + 1);
    let approval = world.order(Operation::Approve { order: late.id });
    assert!(matches!(world.as_person("petra", &[Role::Admin], &approval), Err(Refusal::Expired { .. })));
}
