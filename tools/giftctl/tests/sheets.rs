//! Tables for spreadsheets: what is written says everything, and what is read back is what was written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fake::{Fake, code, done, err, out, stack};
use operation::{AuditRecord, Operation, Outcome, Page, Refusal, Reply, RewardView};
use payout::{Krw, Reward};
use serde_json::{Value, json};

type Rewards = Arc<Mutex<BTreeMap<String, Reward>>>;

fn view(reward: &Reward) -> RewardView {
    RewardView { reward: reward.clone(), problems: Vec::new(), hints: Vec::new(), goods_name: None, price_krw: None }
}

/// An `operate` that keeps rewards, and refuses those whose goods were withdrawn.
fn with_rewards(fake: &Fake, rewards: Vec<Reward>) -> Rewards {
    let rewards = rewards.into_iter().map(|reward| (reward.code.as_str().to_owned(), reward)).collect();
    let kept: Rewards = Arc::new(Mutex::new(rewards));
    let rewards = Arc::clone(&kept);
    fake.answer(move |request| {
        let mut rewards = rewards.lock().unwrap();
        match &request.operation {
            Operation::RewardPut { reward } if reward.goods_code == "WITHDRAWN" => {
                let problems = vec!["its goods were withdrawn".to_owned()];
                (200, serde_json::to_string(&Reply::new(Err(Refusal::RewardWrong { problems }))).unwrap())
            }
            Operation::RewardPut { .. } if request.dry_run => {
                done(Outcome::Would { rows: 1, cost: Krw(0), needs_second: false })
            }
            Operation::RewardPut { reward } => {
                rewards.insert(reward.code.as_str().to_owned(), Reward::clone(reward));
                done(Outcome::Rewards(vec![view(reward)]))
            }
            Operation::RewardList => done(Outcome::Rewards(rewards.values().map(view).collect())),
            _ => stack(),
        }
    });
    kept
}

/// One with every field, one with as few as possible, one of the company's own.
fn rewards() -> Vec<Reward> {
    let every = json!({
        "code": "EVERY", "active": true, "delivery": "giftishow", "goods_code": "G1", "gubun": "I",
        "mms_title": "축하합니다", "mms_msg": "=1+1, \"커피\"\n둘째 줄 ", "repeat": "every_time", "max_price_krw": 4_500,
        "max_per_day": 100, "max_per_user_per_day": 3, "min_valid_days": 30, "template_id": "T-1", "banner_id": "B_2",
        "send_hours": "08-22",
    });
    let few = json!({
        "code": "FEW", "active": false, "goods_code": "G2", "mms_title": "-5", "mms_msg": "'=1+1", "max_price_krw": 1,
    });
    let ours = json!({ "code": "OURS", "active": true, "delivery": "company", "repeat": "daily" });
    [every, few, ours].into_iter().map(|row| serde_json::from_value(row).unwrap()).collect()
}

fn import(fake: &Fake, file: &str, more: &[&str]) -> std::process::Output {
    fake.run(&[&["reward", "import", file, "-o", "json"], more].concat())
}

#[test]
fn rewards_come_back_from_a_spreadsheet_as_they_were() {
    let fake = Fake::start("round-trip");
    let all = with_rewards(&fake, rewards());
    let text = out(&fake.run(&["reward", "export"]));
    let excel = out(&fake.run(&["reward", "export", "--excel"]));
    assert_eq!(excel, format!("\u{feff}{text}"));
    assert!(text.contains("\"'=1+1, "), "no cell is a formula: {text}");
    let before = all.lock().unwrap().clone();
    let (cp949, _, is_lost) = encoding_rs::EUC_KR.encode(&text);
    assert!(!is_lost);
    for (name, bytes) in [("plain.csv", text.as_bytes()), ("excel.csv", excel.as_bytes()), ("cp949.csv", &cp949)] {
        std::fs::write(fake.directory.join(name), bytes).unwrap();
        all.lock().unwrap().clear();
        let output = import(&fake, name, &["--dry-run"]);
        assert_eq!((code(&output), all.lock().unwrap().len()), (0, 0), "{}", err(&output));
        let output = import(&fake, name, &["--yes", "--expect", "3"]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(*all.lock().unwrap(), before, "{name}");
    }
    assert_eq!(out(&fake.run(&["reward", "export"])), text);
}

#[test]
fn nothing_of_a_file_is_put_before_all_of_it_is_right() {
    let fake = Fake::start("wrong-rewards");
    let all = with_rewards(&fake, Vec::new());
    let good = "code,active,delivery\nA,true,company\nB,사용,company\n";
    for (wrong, says) in [
        (format!("{good}A,true,company\n"), "line 4"),
        (format!("{good}C,perhaps,company\n"), "line 4"),
        (format!("{good}C,true,\n"), "line 4"),
        ("code,active,price\nA,true,1\n".to_owned(), "price"),
        ("code,delivery\nA,company\n".to_owned(), "active"),
        (String::new(), "empty"),
    ] {
        std::fs::write(fake.directory.join("wrong.csv"), wrong).unwrap();
        let output = import(&fake, "wrong.csv", &["--yes", "--expect", "3"]);
        assert_eq!((code(&output), err(&output).contains(says)), (2, true), "{}", err(&output));
    }
    std::fs::write(fake.directory.join("good.csv"), good).unwrap();
    assert_eq!(code(&import(&fake, "good.csv", &["--yes", "--expect", "3"])), 3);
    assert_eq!(code(&import(&fake, "good.csv", &["--yes"])), 2, "their number is not said");
    assert_eq!(code(&import(&fake, "good.csv", &[])), 2, "nobody can be asked");
    let one_id = ["--yes", "--expect", "2", "--order-id", "0123456789abcdef0123"];
    assert_eq!(code(&import(&fake, "good.csv", &one_id)), 2, "two orders cannot have one id");
    assert!(all.lock().unwrap().is_empty());
    assert!(fake.requests().is_empty());
}

#[test]
fn a_reward_that_is_refused_keeps_no_other_from_being_put_and_is_named() {
    let fake = Fake::start("refused-reward");
    let all = with_rewards(&fake, Vec::new());
    let row = |code: &str, goods: &str| format!("{code},true,{goods},축하합니다,커피,4500\n");
    let header = "code,active,goods_code,mms_title,mms_msg,max_price_krw\n";
    let withdrawn = row("A", "WITHDRAWN");
    std::fs::write(fake.directory.join("some.csv"), format!("{header}{withdrawn}{}", row("B", "G1"))).unwrap();
    let output = import(&fake, "some.csv", &["--yes", "--expect", "2"]);
    assert_eq!(code(&output), 5, "{}", err(&output));
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert!(json["rewards"][0]["refused"].as_str().unwrap().contains("withdrawn"), "{json}");
    assert_eq!(json["rewards"][1], json!({ "code": "B", "refused": null }));
    assert_eq!(all.lock().unwrap().keys().collect::<Vec<_>>(), ["B"]);
    std::fs::write(fake.directory.join("none.csv"), format!("{header}{withdrawn}")).unwrap();
    assert_eq!(code(&import(&fake, "none.csv", &["--yes"])), 3);

    fake.answer(|_| (502, String::new()));
    let output = import(&fake, "none.csv", &["--yes"]);
    assert_eq!(code(&output), 6);
    assert!(err(&output).contains("Import the file again"), "{}", err(&output));
}

fn record(order: &str, reason: Option<&str>) -> AuditRecord {
    let row = json!({
        "order": order, "at": "2026-11-22T15:00:00.000Z", "operation": "coupon_show", "about": "BG0123456789ABCDEFGH",
        "caller": { "who": "olga", "via": "backoffice", "address": "192.0.2.1", "roles": ["cs", "operator"] },
        "reason": reason, "ended": "done", "result": "shown",
    });
    serde_json::from_value(row).unwrap()
}

#[test]
fn the_audit_of_a_month_is_written_page_after_page_with_all_that_the_monthly_check_asks_for() {
    let fake = Fake::start("audit");
    fake.answer(|request| match &request.operation {
        Operation::Audit { month, after } => {
            assert_eq!(month, "2026-11");
            let (row, next) = match after.as_deref() {
                None => (record("first-order-of-all", Some("=HYPERLINK(\"x\"), 가")), Some("2".to_owned())),
                Some(_) => (record("second-order-of-all", None), None),
            };
            done(Outcome::Audit(Page { rows: vec![row], next, total: None }))
        }
        _ => stack(),
    });
    let output = fake.run(&["audit", "export", "--month", "2026-11", "--excel"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let expected = "\u{feff}order,at_kst,who,via,address,roles,operation,about,reason,ended,result,cost_krw\n\
        first-order-of-all,2026-11-23 00:00:00,olga,backoffice,192.0.2.1,cs operator,coupon_show,BG0123456789ABCDEFGH,\
        \"'=HYPERLINK(\"\"x\"\"), 가\",done,shown,0\n\
        second-order-of-all,2026-11-23 00:00:00,olga,backoffice,192.0.2.1,cs operator,coupon_show,BG0123456789ABCDEFGH,\
        ,done,shown,0\n";
    assert_eq!(out(&output), expected);
    assert!(err(&output).contains("2 records of 2026-11"), "{}", err(&output));
    let asked: Vec<Value> = fake.requests().iter().map(|request| request["operation"]["audit"].clone()).collect();
    assert_eq!(asked, [json!({ "month": "2026-11" }), json!({ "month": "2026-11", "after": "2" })]);
    assert_eq!(code(&fake.run(&["audit", "export", "--month", "2026-13"])), 2);
    assert_eq!(code(&fake.run(&["audit", "export"])), 2, "a month must be named");
}

#[test]
fn a_part_of_the_audit_is_never_taken_for_all_of_it() {
    let fake = Fake::start("audit-broken-off");
    fake.answer(|request| match &request.operation {
        Operation::Audit { after: None, .. } => {
            let next = Some("2".to_owned());
            done(Outcome::Audit(Page { rows: vec![record("first-order-of-all", None)], next, total: None }))
        }
        _ => (502, String::new()),
    });
    let output = fake.run(&["audit", "export", "--month", "2026-11"]);
    assert_eq!((code(&output), err(&output).contains("records of")), (1, false), "{}", err(&output));
}
