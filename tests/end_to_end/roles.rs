//! Who may what, and who may see what, asked of the real `operate`.

use anyhow::{Context, Result};
use local::{Recipient, Reward, StackOptions};
use serde_json::{Value, json};
use tests::{CODE, World};

/// A number that no output can hold by chance.
const PHONE: &str = "01000004747";
/// A reward whose coupon the company shows itself.
const SHOWN: &str = "SHOWN";
/// Viewer, customer service, operator, admin, auditor.
const ROLES: [(&str, char); 5] = [("viewer", 'v'), ("cs", 'c'), ("operator", 'o'), ("admin", 'a'), ("auditor", 'u')];

/// Everything that can be asked, and who may; about what [`world`] holds. What ends something comes last.
fn operations(world: &World) -> Vec<(&'static str, &'static str, Value)> {
    let last = |user: &str| world.last_attempt(user)["tr_id"].clone();
    let (sent, shown, failed) = (last("anna"), last("shown"), last("failed"));
    let month = World::korean_day()[..7].to_owned();
    let new = |user: &str| json!({ "user_key": user, "phone": PHONE, "expires_at": "2099-12-31T00:00:00.000Z" });
    let reward = Reward { code: "NEW".into(), ..Reward::sample() }.row();
    let one = |tr_id: &Value| json!({ "one": tr_id });
    vec![
        ("stack", "vcoau", json!("stack")),
        ("doctor", "oa", json!("doctor")),
        ("find", "vcoa", json!({ "find": { "phone": PHONE } })),
        ("list", "vcoa", json!({ "list": {} })),
        ("look", "vcoa", json!({ "look": { "tr_id": sent } })),
        ("line_show", "vcoa", json!("line_show")),
        ("reward_list", "vcoa", json!("reward_list")),
        ("reward_show", "vcoa", json!({ "reward_show": { "code": CODE } })),
        ("recipient_show", "vcoa", json!({ "recipient_show": { "user_key": "anna" } })),
        ("recipient_reveal", "coa", json!({ "recipient_show": { "user_key": "anna", "reveal": true } })),
        ("coupon_show", "coa", json!({ "coupon_show": { "tr_id": shown } })),
        ("balance", "voa", json!("balance")),
        ("report", "voa", json!({ "report": { "month": month } })),
        ("days", "vcoa", json!({ "days": { "days": 2 } })),
        ("money", "voa", json!("money")),
        ("audit", "au", json!({ "audit": { "month": month } })),
        ("resend", "coa", json!({ "resend": { "tr_id": sent } })),
        ("recipient_put", "oa", json!({ "recipient_put": new("failed") })),
        ("recipient_import", "oa", json!({ "recipient_import": { "recipients": [new("failed"), new("bert")] } })),
        ("reward_put", "oa", json!({ "reward_put": { "reward": reward } })),
        ("reopen", "oa", json!({ "reopen": one(&failed) })),
        ("grant", "oa", json!({ "grant": one(&sent) })),
        ("grant_new", "oa", json!({ "grant_new": { "code": CODE, "user_key": "anna" } })),
        ("confirm", "oa", json!({ "confirm": { "tr_id": sent } })),
        ("reissue", "oa", json!({ "reissue": { "tr_id": sent } })),
        ("close", "oa", json!({ "close": { "tr_id": sent } })),
        ("cancel", "coa", json!({ "cancel": { "tr_id": sent, "then": "reissue" } })),
        ("pause", "oa", json!("pause")),
        ("resume", "oa", json!("resume")),
        ("reconcile", "oa", json!("reconcile")),
        ("top_up", "oa", json!({ "top_up": { "day": World::korean_day(), "amount": 1 } })),
        ("approve", "a", json!({ "approve": { "order": "an-order-that-is-not" } })),
        ("restore_copy", "a", json!({ "restore_copy": { "table": "payouts-restored" } })),
        ("restore_repair", "a", json!({ "restore_repair": {} })),
        ("reward_disable", "oa", json!({ "reward_disable": { "code": CODE } })),
        ("recipient_erase", "oa", json!({ "recipient_erase": { "user_key": "shown" } })),
    ]
}

/// A message to be sent again, a coupon to be shown, and a payout to be re-opened. The functions say all they can.
async fn world() -> Result<World> {
    let mut options = tests::options();
    for function in ["operate", "reconcile", "send", "sweeper"] {
        options = options.variable(function, "AWS_LAMBDA_LOG_LEVEL", "trace").variable(function, "RUST_BACKTRACE", "1");
    }
    let world = World::start(StackOptions { scheduled: false, ..options }).await?;
    world.sync().await?;
    world.put_reward(&Reward { code: SHOWN.into(), gubun: "Y".into(), ..Reward::sample() })?;
    for user in ["anna", "shown"] {
        world.put_recipient(&Recipient::new(user, PHONE))?;
    }
    let entries = [(CODE, "anna"), (SHOWN, "shown"), (CODE, "failed")];
    assert_eq!(world.post_callback(&entries).await?.0, 200);
    for (user, state) in [("anna", "sent"), ("shown", "sent"), ("failed", "failed")] {
        world.wait_for(user, state).await?;
    }
    world.sweep().await?;
    Ok(world)
}

/// The answer to a person of these groups; `number` makes the order another one.
async fn asks(world: &World, groups: &[&str], number: usize, dry_run: bool, operation: &Value) -> Result<Value> {
    let request = json!({
        "protocol": 1,
        "id": format!("an-order-of-somebody-{number}"),
        "dry_run": dry_run,
        "reason": "to see who may",
        "operation": operation,
    });
    let person = json!({ "who": "kim", "groups": groups, "address": "192.0.2.1" });
    let answer = world.invoke("operate", &json!({ "person": person, "request": request })).await?;
    answer.answer().with_context(|| format!("operate failed: {}", answer.error()))
}

#[tokio::test]
async fn every_role_may_what_the_table_says_and_nothing_else() -> Result<()> {
    let world = world().await?;
    let before = (world.payouts(), world.rewards(), world.recipient_count());
    for (number, (kind, who, operation)) in operations(&world).into_iter().enumerate() {
        for (role, letter) in ROLES {
            let answer = asks(&world, &[role], number, true, &operation).await?;
            let refused = answer["refused"]["not_allowed"]["operation"] == kind;
            assert_eq!(refused, !who.contains(letter), "{role}, {kind}: {answer}");
            assert!(answer["refused"]["unreadable"].is_null(), "{kind}: {answer}");
        }
        for nobody in [&[][..], &["Admin"], &["everyone"]] {
            let answer = asks(&world, nobody, number, true, &operation).await?;
            assert_eq!(answer["refused"]["not_allowed"]["operation"], kind, "{nobody:?}: {answer}");
        }
    }
    assert_eq!((world.payouts(), world.rewards(), world.recipient_count()), before, "a dry run changes nothing");
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn no_answer_line_record_or_letter_shows_a_number_or_a_pin_that_nobody_asked_to_see() -> Result<()> {
    let world = world().await?;
    let shown = world.last_attempt("shown")["tr_id"].as_str().unwrap_or_default().to_owned();
    let pin = world.sim().pin_no(&shown).context("a PIN")?;
    let mut done = Vec::new();
    for (number, (kind, _, operation)) in operations(&world).into_iter().enumerate() {
        let answer = asks(&world, &["admin", "auditor"], number, false, &operation).await?;
        if !answer["done"].is_null() {
            done.push(kind);
        }
        let answer = answer.to_string();
        assert_eq!(answer.contains(PHONE), kind == "recipient_reveal", "{kind}: {answer}");
        assert_eq!(answer.contains(&pin), kind == "coupon_show", "{kind}: {answer}");
        if kind == "cancel" {
            // It is carried out; and what comes after it, once the line is open again.
            world.sweep().await?;
        }
    }
    // What the rules forbid here.
    let refused = ["grant", "confirm", "reissue", "close", "approve", "restore_copy"];
    assert_eq!(done.len() + refused.len(), operations(&world).len(), "{done:?}");
    assert!(refused.iter().all(|kind| !done.contains(kind)), "{done:?}");
    for task in [json!({ "task": "reconcile", "last": true }), json!({ "task": "digest" })] {
        assert!(!world.invoke("reconcile", &task).await?.is_failed());
    }
    let mails = world.mails();
    assert_eq!(mails.len(), 1, "the morning's letter");
    let letters: Vec<String> = mails.iter().map(|mail| format!("{}\n{}", mail.subject, mail.message)).collect();
    let letters = letters.join("\n");
    let audit = world.dynamodb().scan(world.template().reference("AuditTable")?.as_str())?;
    assert!(audit.len() >= done.len() / 2, "{audit:#?}");
    let rows = format!("{:?} {:?} {audit:?}", world.payouts(), world.control());
    for secret in [PHONE, &pin, &world.sim().credentials().custom_auth_token] {
        assert!(world.logs().containing(secret).is_empty(), "{:#?}", world.logs().containing(secret));
        assert!(!letters.contains(secret) && !rows.contains(secret), "{letters}");
    }
    assert!(!letters.contains("anna"), "it names no winner: {letters}");
    world.end().await;
    Ok(())
}
