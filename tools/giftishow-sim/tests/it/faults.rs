//! Every fault does what its name says, seen from both ends of a real socket.

use std::io::ErrorKind;
use std::time::Duration;

use crate::common::{FORM, LIMIT, Raw, TR_ID, call, control, form, hang_up_when, open, read, start};
use giftishow_sim::{Api, Fault, ScriptedFault, Sim};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

/// A simulator that spoils the next request for this operation.
async fn spoiled(api: Api, fault: &str) -> Sim {
    let sim = start().await;
    if api != Api::Send {
        call(&sim, Api::Send, &[]).await.json();
    }
    sim.script(ScriptedFault::once(api, Fault::named(fault, api).expect("a known fault")));
    sim
}

/// The answer to a spoiled 0204, and how many coupons it left live.
async fn spoiled_send(fault: &str) -> (Raw, usize) {
    let sim = spoiled(Api::Send, fault).await;
    let raw = call(&sim, Api::Send, &[]).await;
    let live = sim.ledger().live;
    assert!(sim.ledger().adds_up());
    let again = if live == 1 { "ERR0215" } else { "0000" };
    assert_eq!(
        call(&sim, Api::Send, &[]).await.json()["code"],
        again,
        "{fault} hits once, and its tr_id is kept if used"
    );
    (raw, live)
}

/// The same for a fault that uses the tr_id up without a coupon.
async fn spoiled_send_keeping_its_tr_id(fault: &str) -> (Raw, usize) {
    let sim = spoiled(Api::Send, fault).await;
    let raw = call(&sim, Api::Send, &[]).await;
    assert_eq!(call(&sim, Api::Send, &[]).await.json()["code"], "ERR0215");
    (raw, sim.ledger().live)
}

#[tokio::test]
async fn every_listed_fault_has_a_name_for_each_of_its_operations() {
    for fault in Fault::ALL.into_iter().filter(|fault| fault.to_string() != "code:<CODE>") {
        assert_eq!(fault.to_string().parse(), Ok(fault.clone()));
        for &api in fault.apis() {
            assert_eq!(Fault::named(&fault.name_for(api), api), Ok(fault.clone()));
        }
    }
    assert_eq!(Fault::TimeoutAfter.name_for(Api::Cancel), "timeout-after-cancel");
    assert_eq!(Fault::TimeoutAfter.name_for(Api::Resend), "timeout-after-resend");
    assert_eq!(Fault::TimeoutBefore.name_for(Api::Balance), "timeout");
    assert_eq!(Fault::TruncatedBodyAfter.name_for(Api::Goods), "truncated-body");
    assert_eq!("code:E0010".parse(), Ok(Fault::Code("E0010".into())));
    for wrong in ["timeout", "timeout-after-issue", "code", "code:", "code:<CODE>", "not-found"] {
        assert!(Fault::named(wrong, Api::Balance).is_err() || wrong == "timeout", "{wrong}");
    }
}

#[tokio::test]
async fn a_time_out_answers_nothing_before_or_after_the_effect() {
    let sim = spoiled(Api::Send, "timeout-before-issue").await;
    let ledger = hang_up_when(&sim, Api::Send, |ledger| ledger.events.len() == 1).await;
    assert_eq!((ledger.live, ledger.events[0].did.as_str()), (0, "nothing"));

    let sim = spoiled(Api::Send, "timeout-after-issue").await;
    hang_up_when(&sim, Api::Send, |ledger| ledger.live == 1).await;

    let sim = spoiled(Api::Cancel, "timeout-before-cancel").await;
    let ledger = hang_up_when(&sim, Api::Cancel, |ledger| ledger.events.len() == 2).await;
    assert_eq!(ledger.live, 1);

    let sim = spoiled(Api::Cancel, "timeout-after-cancel").await;
    hang_up_when(&sim, Api::Cancel, |ledger| ledger.cancelled == 1).await;
    assert_eq!(call(&sim, Api::Cancel, &[]).await.json()["code"], "ERR0808");
}

#[tokio::test]
async fn a_hang_ends_by_itself_after_its_delay() {
    let sim = start().await;
    let fault = r#"[{"api":"0204","fault":"timeout-after-issue","delay_ms":20}]"#;
    assert_eq!(control(&sim, "POST", "/_faults", fault).await.status(), 204);
    let raw = call(&sim, Api::Send, &[]).await;
    assert!(raw.bytes.is_empty() && raw.end.is_ok(), "{raw:?}");
}

#[tokio::test]
async fn a_late_coupon_appears_after_its_caller_was_told_that_there_is_none() {
    let sim = start().await;
    sim.script(ScriptedFault::once(Api::Send, Fault::Late).delayed(Duration::from_secs(2)));
    let ledger = hang_up_when(&sim, Api::Send, |ledger| ledger.in_flight[&Api::Send] == 1).await;
    assert_eq!(ledger.live, 0);
    assert_eq!(call(&sim, Api::Cancel, &[]).await.json()["code"], "ERR0214");
    let ledger = sim.wait_until(LIMIT, |ledger| ledger.live == 1).await.unwrap();
    assert_eq!(ledger.events.last().unwrap().fault.as_deref(), Some("issue-late"));
    assert_eq!(call(&sim, Api::Cancel, &[]).await.json()["code"], "0000");
}

#[tokio::test]
async fn http_statuses_come_with_and_without_the_effect() {
    for (fault, status, live) in [
        ("http-500-before-issue", 500, 0),
        ("http-500-after-issue", 500, 1),
        ("http-503-before-issue", 503, 0),
        ("http-502-html-after-issue", 502, 1),
        ("http-204-after-issue", 204, 1),
        ("redirect", 307, 0),
    ] {
        let (raw, left) = spoiled_send(fault).await;
        assert_eq!((raw.status(), left), (status, live), "{fault}");
        match status {
            502 => assert!(raw.body().starts_with(b"<html>")),
            204 => assert!(raw.body().is_empty()),
            307 => assert_eq!(raw.header("location").as_deref(), Some("/bizApi/send")),
            _ => {}
        }
    }
}

#[tokio::test]
async fn codes_come_with_and_without_the_effect() {
    for (fault, code, live) in [
        ("code:E0010", "E0010", 0),
        ("unlisted-code", "ERR9998", 0),
        ("unlisted-code-after-issue", "ERR9998", 1),
        ("duplicate-after-issue", "ERR0215", 1),
    ] {
        let (raw, left) = spoiled_send(fault).await;
        assert_eq!((&raw.json()["code"], left), (&json!(code), live), "{fault}");
    }
    let (raw, live) = spoiled_send("inner-error:ERR0401").await;
    let body = raw.json();
    assert_eq!((&body["code"], &body["result"]["code"], live), (&json!("0000"), &json!("ERR0401"), 0));
    for (api, code) in [(Api::FailedSendCancel, "/result/code"), (Api::Lookup, "/result/0/resCode")] {
        let body = call(&spoiled(api, "inner-error").await, api, &[]).await.json();
        assert_eq!((&body["code"], body.pointer(code)), (&json!("0000"), Some(&json!("ERR0999"))), "{api}");
    }
    let (raw, live) = spoiled_send("missing-order-no-after-issue").await;
    let body = raw.json();
    assert_eq!((&body["code"], &body["result"]["code"], live), (&json!("0000"), &json!("0000"), 1));
    assert_eq!(body["result"]["result"], json!({}));
}

#[tokio::test]
async fn a_reset_is_a_real_reset_before_the_first_byte() {
    for (fault, live) in [("reset-before-issue", 0), ("reset-after-issue", 1)] {
        let (raw, left) = spoiled_send(fault).await;
        assert_eq!(raw.end.map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset), "{fault}");
        assert_eq!((raw.bytes.len(), left), (0, live), "{fault}");
    }
}

#[tokio::test]
async fn a_truncated_body_ends_before_its_declared_length() {
    let (raw, live) = spoiled_send("truncated-body-after-issue").await;
    let declared: usize = raw.header("content-length").unwrap().parse().unwrap();
    assert!((1..declared).contains(&raw.body().len()), "{raw:?}");
    assert!(raw.end.is_ok(), "closed, not reset: {raw:?}");
    assert_eq!(live, 1);
}

#[tokio::test]
async fn a_slow_body_drips_and_stays_in_flight_until_the_client_gives_up() {
    let sim = start().await;
    let slow = ScriptedFault::once(Api::Send, Fault::SlowBodyAfter);
    sim.script(slow.clone().delayed(Duration::from_secs(20)));
    let mut stream = open(&sim, "POST", Api::Send.path(), FORM, &form(&sim, Api::Send, &[])).await;
    let mut got = Vec::new();
    while !got.ends_with(b"\r\n\r\n{\"") {
        let mut byte = [0];
        tokio::time::timeout(LIMIT, stream.read_exact(&mut byte)).await.expect("two bytes of body in time").unwrap();
        got.push(byte[0]);
    }
    let ledger = sim.ledger();
    assert_eq!((ledger.live, ledger.in_flight[&Api::Send]), (1, 1));
    drop(stream);
    sim.wait_until(LIMIT, |ledger| ledger.in_flight[&Api::Send] == 0).await.unwrap();

    sim.script(slow.delayed(Duration::from_millis(100)));
    let whole = call(&sim, Api::Send, &[("tr_id", "patient")]).await.json();
    assert_eq!(whole["result"]["code"], "0000", "who waits gets all of it");
}

#[tokio::test]
async fn not_found_hides_a_coupon_that_is_there() {
    for (api, hidden, found) in [
        (Api::Cancel, "ERR0214", "0000"),
        (Api::Lookup, "ERR0214", "0000"),
        (Api::Resend, "ERR0212", "0000"),
        (Api::FailedSendCancel, "ERR0214", "COUPON.0006"),
    ] {
        let sim = spoiled(api, "not-found").await;
        assert_eq!(call(&sim, api, &[]).await.json()["code"], hidden);
        assert_eq!(sim.ledger().live, 1);
        assert_eq!(call(&sim, api, &[]).await.json()["code"], found);
    }
}

#[tokio::test]
async fn a_send_that_takes_the_money_and_issues_nothing_is_what_0205_is_for() {
    let (raw, live) = spoiled_send_keeping_its_tr_id("charge-without-issue").await;
    assert_eq!((&raw.json()["code"], &raw.json()["result"]["code"], live), (&json!("0000"), &json!("ERR0999"), 0));

    let sim = spoiled(Api::FailedSendCancel, "http-500-after-cancel").await;
    sim.script(ScriptedFault::once(Api::Send, Fault::ChargeOnly));
    let failed = [("tr_id", "failed")];
    call(&sim, Api::Send, &failed).await.json();
    assert_eq!(sim.ledger().failed_won, 4_500);
    assert_eq!(call(&sim, Api::FailedSendCancel, &failed).await.status(), 500);
    assert_eq!(sim.ledger().failed_won, 0, "after means that it was done");
    assert_eq!(call(&sim, Api::FailedSendCancel, &failed).await.json()["code"], "ERR0808");
    let did: Vec<String> = sim.ledger().events.into_iter().map(|event| event.did).collect();
    assert_eq!(did, ["issued", "charged", "refunded", "refused"]);
    assert!(sim.ledger().adds_up());
}

#[tokio::test]
async fn a_resend_fails_before_and_after_the_message_left() {
    for (fault, sent) in [("http-500-before-resend", 0), ("http-500-after-resend", 1)] {
        let sim = spoiled(Api::Resend, fault).await;
        assert_eq!(call(&sim, Api::Resend, &[]).await.status(), 500);
        assert_eq!(sim.ledger().entries[0].resends.len(), sent, "{fault}");
    }
}

#[tokio::test]
async fn reading_operations_fail_too() {
    let sim = start().await;
    let reading = Api::ALL.into_iter().filter(|api| api.only_reads());
    for api in reading {
        for (fault, status) in [("http-503", 503), ("http-500", 500), ("http-502-html", 502), ("http-204", 204)] {
            sim.script(ScriptedFault::once(api, Fault::named(fault, api).unwrap()));
            assert_eq!(call(&sim, api, &[]).await.status(), status, "{api} {fault}");
        }
    }
    sim.script(ScriptedFault::once(Api::Balance, Fault::TimeoutBefore));
    hang_up_when(&sim, Api::Balance, |ledger| ledger.in_flight[&Api::Balance] == 1).await;
    assert_eq!(call(&sim, Api::Balance, &[]).await.json()["code"], "0000");
}

#[tokio::test]
async fn a_script_hits_in_order_for_its_tr_id_and_its_number_of_times() {
    let sim = start().await;
    let faults = json!([
        { "api": "0204", "fault": "code:E0010", "tr_id": "other" },
        { "api": "0204", "fault": "code:ERR0208", "times": 2 },
        { "api": "0204", "fault": "code:E9999", "times": null },
    ]);
    assert_eq!(control(&sim, "POST", "/_faults", &faults.to_string()).await.status(), 204);
    let mut codes = Vec::new();
    for tr_id in [TR_ID, "other", TR_ID, TR_ID, TR_ID] {
        codes.push(call(&sim, Api::Send, &[("tr_id", tr_id)]).await.json()["code"].clone());
    }
    assert_eq!(codes, ["ERR0208", "E0010", "ERR0208", "E9999", "E9999"]);
    assert_eq!(control(&sim, "DELETE", "/_faults", "").await.status(), 204);
    assert_eq!(call(&sim, Api::Send, &[]).await.json()["code"], "0000");
}

#[tokio::test]
async fn a_fault_makes_no_bad_request_good() {
    let sim = start().await;
    for fault in [Fault::DuplicateAfter, Fault::MissingOrderNoAfter, Fault::UnlistedCodeAfter] {
        sim.script(ScriptedFault::once(Api::Send, fault));
        assert_eq!(call(&sim, Api::Send, &[("mms_title", "열한글자나되는긴제목임")]).await.json()["code"], "ERR0806");
    }
    assert_eq!(sim.ledger().entries.len(), 0);
}

#[tokio::test]
async fn ending_the_simulator_ends_hanging_requests() {
    let sim = spoiled(Api::Send, "timeout-before-issue").await;
    let stream = open(&sim, "POST", Api::Send.path(), FORM, &form(&sim, Api::Send, &[])).await;
    sim.wait_until(LIMIT, |ledger| ledger.in_flight[&Api::Send] == 1).await.unwrap();
    sim.shutdown().await;
    assert!(read(stream).await.bytes.is_empty());
}
