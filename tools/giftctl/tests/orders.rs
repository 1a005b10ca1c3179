//! What a script relies on: exit codes, JSON that is always valid, a dry run that is the same request.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;

use std::io::Write;
use std::process::{Output, Stdio};

use fake::{Fake, code, done, err, out, stack};
use operation::{Kind, Operation, Outcome, Refusal, Role, WhyNot};
use payout::{Moment, State, TrId};
use serde_json::{Value, json};

const TR_ID: &str = "BG0123456789ABCDEFGH";
const ORDER: &str = "0123456789abcdef0123";

fn tr_id() -> TrId {
    serde_json::from_value(json!(TR_ID)).unwrap()
}

#[test]
fn every_refusal_has_its_exit_code_and_is_valid_json() {
    let fake = Fake::start("refusals");
    let what = || "payout".to_owned();
    let refusals = [
        (Refusal::NotAllowed { operation: Kind::Close, roles: vec![Role::Viewer] }, 3),
        (Refusal::NoReason, 2),
        (Refusal::NotFound { what: what() }, 4),
        (Refusal::NotPossible { tr_id: tr_id(), state: State::Sent, why: WhyNot::CouponUsed }, 3),
        (Refusal::ChangedMeanwhile { what: what() }, 3),
        (Refusal::NotAsExpected { found: 3, expected: 2 }, 3),
        (Refusal::BadInput { field: "day".to_owned(), why: "is no day".to_owned() }, 2),
        (Refusal::RewardWrong { problems: vec!["its goods were withdrawn".to_owned()] }, 3),
        (Refusal::OrderDiffers, 3),
        (Refusal::SamePerson, 3),
        (Refusal::NotWaiting, 3),
        (Refusal::Expired { asked_at: Moment::from_seconds(0) }, 3),
        (Refusal::StillOpen { tr_ids: vec![tr_id()] }, 3),
        (Refusal::Unavailable { what: "Giftishow".to_owned() }, 1),
        (Refusal::Unreadable { why: "unknown operation".to_owned() }, 7),
    ];
    for (refusal, expected) in refusals {
        fake.refuse(refusal.clone());
        for format in ["json", "jsonl"] {
            let output = fake.run(&["payout", "close", TR_ID, "--reason", "x", "--yes", "-o", format]);
            assert_eq!(code(&output), expected, "{refusal:?} {}", err(&output));
            let json: Value = serde_json::from_str(&out(&output)).unwrap();
            assert_eq!(json["error"]["exit"], expected, "{json}");
            assert_eq!(json["error"]["code"], format!("refused.{}", refusal.name()));
        }
    }
}

#[test]
fn a_dry_run_is_the_same_request_otherwise() {
    let fake = Fake::start("dry-run");
    let commands: [&[&str]; 6] = [
        &["payout", "reopen", TR_ID],
        &["payout", "reopen", "--code", "SUMMER", "--expect", "2"],
        &["payout", "cancel", TR_ID, "--then", "reissue", "--reason", "wrong number"],
        &["payout", "grant", "--code", "SUMMER", "--user-key", "user", "--reason", "promised"],
        &["recipient", "erase", "user", "--reason", "asked for it"],
        &["line", "pause", "--reason", "wrong goods"],
    ];
    for command in commands {
        let with = |last: &str| {
            let output = fake.run(&[command, &["--order-id", ORDER, last]].concat());
            assert_eq!(code(&output), 0, "{}", err(&output));
            fake.requests().pop().unwrap()
        };
        let (mut dry, real) = (with("--dry-run"), with("--yes"));
        assert_eq!(dry.as_object_mut().unwrap().remove("dry_run"), Some(json!(true)));
        assert_eq!(dry, real);
        assert_eq!(real["id"], ORDER);
    }
}

#[test]
fn what_spends_says_first_whose_money_and_nobody_is_asked_where_nobody_sits() {
    let fake = Fake::start("asked");
    let output = fake.run(&["payout", "reopen", TR_ID]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("simulated Giftishow") && err(&output).contains("--yes"), "{}", err(&output));
    let output = fake.run(&["payout", "reopen", "--code", "SUMMER", "--yes"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("--expect"), "{}", err(&output));
    let output = fake.run(&["payout", "close", TR_ID, "--yes"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("--reason"));
    assert!(fake.requests().is_empty());
    assert_eq!(code(&fake.run(&["payout", "reopen", "--yes"])), 2);
}

#[test]
fn a_lost_answer_to_an_order_is_unknown_and_names_the_order() {
    let fake = Fake::start("lost");
    for (status, body) in [(502, "Internal Server Error"), (200, "{\"protocol\":1,\"done\":{\"later\":{}}}")] {
        fake.answer(move |request| match request.operation {
            Operation::Stack => stack(),
            _ => (status, body.to_owned()),
        });
        let output = fake.run(&["payout", "reopen", TR_ID, "--yes", "--order-id", ORDER, "-o", "json"]);
        assert_eq!(code(&output), 6, "{}", err(&output));
        let json: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(json["error"]["order_id"], ORDER);
        assert!(err(&output).contains(&format!("--order-id {ORDER}")));
        assert_eq!(code(&fake.run(&["balance"])), 1, "a question is only failed");
        assert_eq!(code(&fake.run(&["payout", "reopen", TR_ID, "--dry-run"])), 1, "a dry run, too");
    }
    fake.answer(|request| match request.operation {
        Operation::Stack => stack(),
        _ => done(Outcome::Unknown { what: "the resend".to_owned() }),
    });
    assert_eq!(code(&fake.run(&["payout", "resend", TR_ID, "--yes"])), 6);
}

#[test]
fn another_version_is_told_by_which_is_older() {
    let fake = Fake::start("versions");
    for (protocol, older) in [(0, "`operate` of this stack is older"), (2, "giftctl is older")] {
        fake.answer(move |_| (200, format!("{{\"protocol\":{protocol},\"refused\":\"no_reason\"}}")));
        let output = fake.run(&["balance"]);
        assert_eq!(code(&output), 7);
        assert!(err(&output).contains(older), "{}", err(&output));
    }
    fake.answer(|_| (403, "{\"Message\":\"Forbidden\"}".to_owned()));
    assert_eq!(code(&fake.run(&["balance"])), 7);
}

#[test]
fn a_usage_error_is_json_as_well() {
    let fake = Fake::start("usage");
    for arguments in [&["payout", "loook", "-o", "json"][..], &["--output=json", "payout"]] {
        let output = fake.run(arguments);
        assert_eq!(code(&output), 2);
        let json: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(json["error"]["code"], "usage");
    }
    assert_eq!(code(&fake.run(&["--help"])), 0);
}

#[test]
fn a_refused_secret_is_taken_back_and_never_shown() {
    let fake = Fake::start("secret");
    fake.world.lock().unwrap().secret = Some("before".to_owned());
    let text =
        json!({ "custom_auth_code": "hidden-code", "token_key": "hidden-token", "user_id": "u", "callback_no": "02" });
    let put = || put_secret(&fake, &text);
    fake.refuse(Refusal::Unavailable { what: "Giftishow".to_owned() });
    let output = put();
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(!err(&output).contains("hidden") && err(&output).contains("previous value"));
    assert_eq!(fake.world.lock().unwrap().secret.as_deref(), Some("before"));
    fake.world.lock().unwrap().secret_writes = 0;
    let balance = payout::Krw(5);
    fake.answer(move |request| match request.operation {
        Operation::Stack => stack(),
        _ => done(Outcome::Balance { balance }),
    });
    assert_eq!(code(&put()), 0);
    assert_eq!(fake.world.lock().unwrap().secret_writes, 1);
    // A key to derive a token from is no token.
    assert_eq!(secret(&fake), text);
}

fn put_secret(fake: &Fake, text: &Value) -> Output {
    let mut command = fake.command(&["secret", "put", "--stdin", "--yes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.to_string().as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The secret, as the functions read it.
fn secret(fake: &Fake) -> Value {
    serde_json::from_str(fake.world.lock().unwrap().secret.as_ref().unwrap()).unwrap()
}

#[test]
fn the_header_of_the_companys_own_service_stays_when_the_account_changes() {
    let fake = Fake::start("header");
    let with = |name: &str, value: &str| {
        let mut text = json!({
            "custom_auth_code": "hidden-code",
            "custom_auth_token": "hidden-token",
            "user_id": "u",
            "callback_no": "02",
        });
        text[name] = json!(value);
        put_secret(&fake, &text)
    };
    let header = || secret(&fake)["recipient_header"].as_str().map(str::to_owned);
    assert_eq!(code(&with("recipient_header", "Authorization: hidden-header")), 0);
    assert_eq!(header().as_deref(), Some("Authorization: hidden-header"));
    assert_eq!(code(&with("user_id", "another")), 0);
    assert_eq!(secret(&fake)["user_id"], "another");
    assert_eq!(header().as_deref(), Some("Authorization: hidden-header"));
    // The functions would not start with it.
    for wrong in ["hidden-header", "two words: hidden-header", ": hidden-header"] {
        let output = with("recipient_header", wrong);
        assert_eq!((code(&output), err(&output).contains("hidden")), (2, false), "{}", err(&output));
    }
    assert_eq!(header().as_deref(), Some("Authorization: hidden-header"));
    assert_eq!(code(&with("recipient_header", "")), 0);
    assert_eq!(header(), None);
    assert_eq!(code(&with("recipient_headers", "Authorization: x")), 2, "a field that nobody reads");
}

#[test]
fn the_line_is_shown_with_why_since_when_by_whom_and_what_ends_it() {
    let fake = Fake::start("line");
    let shown = |line: Value, by: Option<&str>, lang: &str| {
        let mut view = json!({ "line": line });
        if let Some(who) = by {
            view["by"] = json!({
                "order": ORDER, "at": "2026-11-22T15:00:00.000Z", "operation": "pause", "ended": "done",
                "caller": { "who": who, "via": "iam", "roles": ["admin"] }, "reason": "wrong goods",
            });
        }
        let view: Outcome = serde_json::from_value(json!({ "line_shown": view })).unwrap();
        fake.answer(move |_| done(view.clone()));
        out(&fake.run(&["line", "show", "--lang", lang]))
    };
    let paused = |reason: &str, needed: Option<u64>| {
        let (since, probe_at) = ("2026-11-22T15:00:00.000Z", "2026-11-22T15:00:30.000Z");
        json!({ "pause": { "reason": reason, "since": since, "probe_at": probe_at, "needed": needed } })
    };
    assert_eq!(shown(json!({}), None, "en"), "open: payouts are sent\n");
    let open = shown(json!({ "open_since": "2026-11-22T15:00:00.000Z" }), Some("choi"), "en");
    assert_eq!(open, "open: payouts are sent (2026-11-23 00:00:00 KST ~)\nordered by: choi “wrong goods”\n");
    let stopped = shown(paused("operator", None), Some("choi"), "ko");
    let expected = "중지됨: 담당자가 중지함 (2026-11-23 00:00:00 KST ~)\n지시한 사람: choi “wrong goods”\n→ giftctl line resume --reason \"…\"\n";
    assert_eq!(stopped, expected);
    let poor = shown(paused("balance", Some(5_000)), None, "en");
    let ends = poor.lines().last().unwrap();
    assert!(ends.starts_with("looked at again by itself: 2026-11-23 00:00:30 KST") && ends.contains("5,000"), "{poor}");
    for (reason, ends) in [("daily_budget", "2026-11-23 00:00:30"), ("restored", "giftctl restore repair")] {
        let text = shown(paused(reason, None), None, "ko");
        assert!(text.lines().last().unwrap().contains(ends), "{text}");
    }
    assert_eq!(fake.requests()[0]["operation"], "line_show");
}

#[test]
fn a_token_is_rotated_beside_the_old_one_and_nothing_else_changes() {
    let fake = Fake::start("token");
    let output = fake.run(&["token", "rotate", "--yes"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let url = out(&output);
    let token = url.trim().strip_prefix("https://api.example/bleepy/").unwrap().to_owned();
    assert!(!err(&output).contains(&token));
    let (digests, update) = {
        let world = fake.world.lock().unwrap();
        (world.token.clone(), world.updates[0].clone())
    };
    assert_eq!(digests.split_once(',').unwrap().1, "a".repeat(64));
    assert!(update.contains("UsePreviousTemplate=true") && update.contains("CAPABILITY_IAM"), "{update}");
    assert!(update.contains("ParameterKey=AlarmEmail") && update.contains("UsePreviousValue=true"));
    assert_eq!(code(&fake.run(&["token", "rotate", "--yes"])), 3, "unfinished");
    let output = fake.run(&["doctor"]);
    assert_eq!(code(&output), 0, "{}", out(&output));
    assert!(out(&output).contains("rotation is unfinished"));
    assert_eq!(code(&fake.run(&["token", "rotate", "--finish", "--yes"])), 0);
    assert_eq!(fake.world.lock().unwrap().token, digests.split_once(',').unwrap().0);
    assert_eq!(code(&fake.run(&["token", "rotate", "--finish", "--yes"])), 3);
}

#[test]
fn settings_are_found_in_their_order() {
    use std::os::unix::fs::PermissionsExt;
    let fake = Fake::start("settings");
    let empty = fake.directory.join("elsewhere");
    std::fs::create_dir_all(empty.join("below")).unwrap();
    let mut nothing = fake.command(&["stack"]);
    let output = nothing.current_dir("/").output().unwrap();
    assert_eq!(code(&output), 7);
    assert!(err(&output).contains("--stack NAME"), "{}", err(&output));
    assert_eq!(code(&fake.command(&["stack"]).current_dir(empty.join("below")).output().unwrap()), 0, "from above");

    let home = fake.directory.join(".config/giftctl.toml");
    std::fs::create_dir_all(home.parent().unwrap()).unwrap();
    let text = |stack: &str| {
        format!(
            "stack = \"{stack}\"\nendpoint_url = \"{}\"\naccess_key_id = \"a\"\nsecret_access_key = \"b\"\n",
            fake.url
        )
    };
    std::fs::write(&home, text("unknown-at-home")).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = fake.run(&["stack"]);
    assert_eq!(code(&output), 7);
    assert!(err(&output).contains("chmod 600"), "{}", err(&output));
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o600)).unwrap();
    let output = fake.run(&["stack"]);
    assert_eq!((code(&output), err(&output).contains("unknown-at-home")), (7, true), "home before .local");
    let with = |arguments: &[&str]| code(&fake.command(arguments).env("GIFTCTL_STACK", "local").output().unwrap());
    assert_eq!(with(&["stack"]), 0, "the environment before home");
    assert_eq!(with(&["stack", "--stack", "other"]), 7, "a flag before the environment");
}
