//! The service as a caller sees it, and the control endpoints, over real sockets.

use std::time::{Duration, Instant};

use crate::common::{FORM, LIMIT, PHONE, TR_ID, call, control, exchange, form, hang_up_when, start};
use giftishow_sim::{Api, Fault, Ledger, ScriptedFault, Sim, SimConfig};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::json;

#[tokio::test]
async fn a_coupon_lives_and_dies_in_the_shapes_of_the_live_service() {
    let sim = start().await;
    let sent = call(&sim, Api::Send, &[("gubun", "I")]).await.json();
    assert_eq!((&sent["code"], &sent["result"]["code"]), (&json!("0000"), &json!("0000")));
    let result = &sent["result"]["result"];
    assert!(result["orderNo"].is_string() && result["pinNo"].is_string() && result["couponImgUrl"].is_string());

    let seen = call(&sim, Api::Lookup, &[]).await.json();
    let coupon = &seen["result"][0]["couponInfoList"][0];
    assert_eq!(seen["result"][0]["resCode"], "0000");
    assert_eq!((&coupon["pinStatusCd"], &coupon["goodsCd"]), (&json!("01"), &json!("G00000000001")));
    assert_eq!((&coupon["cnsmPriceAmt"], &coupon["recverTelNo"]), (&json!("4500"), &json!(PHONE)));
    assert_eq!(coupon["validPrdEndDt"].as_str().map(str::len), Some(14));
    let secret = [result["pinNo"].as_str().unwrap(), result["orderNo"].as_str().unwrap()];
    assert!(secret.iter().all(|secret| !seen.to_string().contains(secret)), "0201 gives neither PIN nor order number");

    let balance = call(&sim, Api::Balance, &[]).await.json();
    assert_eq!(balance["result"]["balance"], "995500");
    let cancelled = call(&sim, Api::Cancel, &[]).await.json();
    assert_eq!((&cancelled["code"], cancelled.get("result")), (&json!("0000"), None));
    assert_eq!(call(&sim, Api::Cancel, &[]).await.json()["code"], "ERR0808");
    assert!(sim.ledger().adds_up());
    sim.shutdown().await;
}

#[tokio::test]
async fn what_is_not_a_proper_form_post_gets_nowhere() {
    let sim = start().await;
    let as_json = json!({ "api_code": "0204", "tr_id": TR_ID }).to_string();
    let read_as_nothing = exchange(&sim, "POST", "/bizApi/send", "application/json", &as_json).await;
    assert_eq!(read_as_nothing.json()["code"], "ERR0201");
    let mislabelled = exchange(&sim, "POST", "/bizApi/send", "application/json", &form(&sim, Api::Send, &[])).await;
    assert_eq!(mislabelled.json()["code"], "ERR0201");

    let token = sim.credentials().custom_auth_token;
    let encoded = url::form_urlencoded::byte_serialize(token.as_bytes()).collect::<String>();
    let careless = form(&sim, Api::Send, &[]).replace(&encoded, &token);
    assert_eq!(exchange(&sim, "POST", "/bizApi/send", FORM, &careless).await.json()["code"], "E0009");

    assert_eq!(exchange(&sim, "GET", "/bizApi/send", FORM, "").await.status(), 405);
    assert_eq!(exchange(&sim, "POST", "/bizApi/nowhere", FORM, "").await.status(), 404);
    assert_eq!(exchange(&sim, "POST", "/bizApi/send", FORM, &"a".repeat(70_000)).await.status(), 400);
    assert_eq!(call(&sim, Api::Send, &[("tr_id", "gft_00000000000000001")]).await.json()["code"], "ERR0807");
    assert_eq!(sim.ledger().entries.len(), 0);
}

#[tokio::test]
async fn a_request_that_is_not_in_order_is_refused_with_its_own_code() {
    let sim = start().await;
    call(&sim, Api::Send, &[("tr_id", "taken")]).await.json();
    let cases: &[(Api, &str, &str, &str)] = &[
        (Api::Send, "tr_id", "gft_00000000000000001", "ERR0807"),
        (Api::Send, "mms_title", "열한글자나되는긴제목임", "ERR0806"),
        (Api::Send, "user_id", "", "ERR0201"),
        (Api::Send, "goods_code", "G99999999999", "COUPON.0011"),
        (Api::Send, "goods_code", "G00000000003", "ERR0401"),
        (Api::Send, "tr_id", "taken", "ERR0215"),
        (Api::Send, "custom_auth_token", "+/+/ +", "E0009"),
        (Api::Send, "phone_no", "", "COUPON.0005"),
        (Api::Cancel, "user_id", "", "ERR0201"),
        (Api::Cancel, "tr_id", "", "ERR0201"),
        (Api::Cancel, "tr_id", "never", "ERR0214"),
        (Api::Resend, "user_id", "somebody@example.invalid", "ERR0300"),
        (Api::Resend, "tr_id", "never", "ERR0212"),
        (Api::FailedSendCancel, "user_id", "", "ERR0201"),
        (Api::FailedSendCancel, "tr_id", "taken", "COUPON.0006"),
        (Api::Lookup, "tr_id", "", "ERR0201"),
        (Api::Balance, "user_id", "", "ERR0201"),
        (Api::Goods, "start", "0", "PAG0001"),
        (Api::Goods, "size", "5001", "PAG0002"),
        (Api::Brands, "dev_yn", "", "E0013"),
        (Api::GoodsDetail, "goods_code", "G00000000001", "ERR0201"),
        (Api::BrandDetail, "brand_code", "BR00001", "ERR0201"),
    ];
    for (api, name, value, code) in cases {
        assert_eq!(call(&sim, *api, &[(name, value)]).await.json()["code"], *code, "{api} {name}={value}");
    }
    for api in Api::ALL {
        let json = exchange(&sim, "POST", api.path(), "application/json", r#"{"tr_id":"a"}"#).await.json();
        assert_eq!(json["code"], "ERR0201", "{api}: a JSON body carries no parameters");
        assert_eq!(exchange(&sim, "GET", api.path(), FORM, "").await.status(), 405, "{api}");
    }
    let ledger = sim.ledger();
    assert_eq!((ledger.entries.len(), ledger.live), (1, 1));
}

#[tokio::test]
async fn what_comes_after_sending_is_told_in_its_own_envelope() {
    let sim = start().await;
    call(&sim, Api::Send, &[]).await.json();
    assert_eq!(
        call(&sim, Api::Resend, &[("sms_flag", "Y")]).await.json(),
        json!({ "code": "0000", "message": null, "result": null })
    );
    assert!(sim.ledger().entries[0].resends[0].sms);
    assert_eq!(call(&sim, Api::Resend, &[]).await.json()["code"], "COUPON.0009");

    sim.script(ScriptedFault::once(Api::Send, Fault::ChargeOnly));
    call(&sim, Api::Send, &[("tr_id", "failed")]).await.json();
    let refunded = call(&sim, Api::FailedSendCancel, &[("tr_id", "failed")]).await.json();
    assert_eq!((&refunded["code"], &refunded["result"]["code"]), (&json!("0000"), &json!("0000")));

    let noon_tomorrow = Timestamp::now().to_zoned(TimeZone::fixed(Offset::constant(9))).tomorrow().unwrap();
    let date = noon_tomorrow.strftime("%Y%m%d").to_string();
    let reserved = [("tr_id", "later"), ("rev_info_yn", "Y"), ("rev_info_date", &date), ("rev_info_time", "1200")];
    assert_eq!(call(&sim, Api::Send, &reserved).await.json()["result"]["code"], "0000");
    let seen = call(&sim, Api::Lookup, &[("tr_id", "later")]).await.json();
    let coupon = &seen["result"][0]["couponInfoList"][0];
    assert_eq!((&coupon["pinStatusCd"], &coupon["sendStatusCd"]), (&json!("24"), &json!("발송대기")));
    assert_eq!(control(&sim, "POST", "/_clock", r#"{"advance_seconds":172800}"#).await.status(), 204);
    let seen = call(&sim, Api::Lookup, &[("tr_id", "later")]).await.json();
    assert_eq!(seen["result"][0]["couponInfoList"][0]["pinStatusCd"], "01");
    assert!(sim.ledger().adds_up());
}

#[tokio::test]
async fn the_ledger_tells_everything_but_secrets() {
    let sim = start().await;
    let sent = call(&sim, Api::Send, &[("gubun", "Y")]).await.json();
    call(&sim, Api::Send, &[]).await;
    let text = String::from_utf8(control(&sim, "GET", "/_ledger", "").await.body().to_vec()).unwrap();
    let credentials = sim.credentials();
    let pin = sent["result"]["result"]["pinNo"].as_str().unwrap();
    for secret in [PHONE, pin, &credentials.custom_auth_code, &credentials.custom_auth_token, &credentials.user_id] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let ledger: Ledger = serde_json::from_str(&text).unwrap();
    assert_eq!(ledger, sim.ledger(), "what is served is what the handle sees");
    assert_eq!((ledger.live, ledger.duplicates_refused, ledger.requests_for(Api::Send)), (1, 1, 2));
    let did: Vec<&str> = ledger.events.iter().map(|event| event.did.as_str()).collect();
    assert_eq!(did, ["issued", "refused"]);
    assert_eq!(control(&sim, "POST", "/_ledger", "").await.status(), 404, "the ledger is read-only");
}

#[tokio::test]
async fn the_fake_can_be_steered_from_outside() {
    let sim = start().await;
    call(&sim, Api::Send, &[("tr_id", "used")]).await;
    call(&sim, Api::Send, &[("tr_id", "old")]).await;
    assert_eq!(control(&sim, "POST", "/_coupons/used/use", "").await.status(), 204);
    assert_eq!(control(&sim, "POST", "/_coupons/used/use", "").await.status(), 409);
    assert_eq!(control(&sim, "POST", "/_coupons/never/use", "").await.status(), 404);
    assert_eq!(call(&sim, Api::Cancel, &[("tr_id", "used")]).await.json()["code"], "COUPON.0007");

    assert_eq!(control(&sim, "POST", "/_clock", r#"{"advance_seconds":691200}"#).await.status(), 204);
    assert_eq!(call(&sim, Api::Cancel, &[("tr_id", "old")]).await.json()["code"], "COUPON.0006");

    assert_eq!(control(&sim, "POST", "/_balance", r#"{"amount":1}"#).await.status(), 204);
    assert_eq!(call(&sim, Api::Send, &[]).await.json()["code"], "E0010");
    assert!(sim.ledger().adds_up());

    let old = form(&sim, Api::Balance, &[]);
    let mut credentials = sim.credentials();
    credentials.custom_auth_token = "AAAAAAAAAAAAAAAAAAAAAA==".to_owned();
    let body = serde_json::to_string(&credentials).unwrap();
    assert_eq!(control(&sim, "POST", "/_credentials", &body).await.status(), 204);
    assert_eq!(exchange(&sim, "POST", "/bizApi/bizmoney", FORM, &old).await.json()["code"], "E0009");
    assert_eq!(call(&sim, Api::Balance, &[]).await.json()["code"], "0000");

    let wrong = control(&sim, "POST", "/_faults", r#"[{"api":"0202","fault":"timeout-after-issue"}]"#).await;
    assert_eq!(wrong.status(), 400);
    assert!(String::from_utf8_lossy(wrong.body()).contains("timeout-after-cancel"), "the error names what there is");
}

#[tokio::test]
async fn gauges_count_what_is_served_at_the_same_time() {
    let sim = start().await;
    control(&sim, "POST", "/_faults", r#"[{"api":"0204","fault":"timeout-after-issue","times":3}]"#).await;
    let mut open = Vec::new();
    for tr_id in ["a", "b", "c"] {
        let body = form(&sim, Api::Send, &[("tr_id", tr_id)]);
        open.push(crate::common::open(&sim, "POST", "/bizApi/send", FORM, &body).await);
    }
    sim.wait_until(LIMIT, |ledger| ledger.in_flight[&Api::Send] == 3).await.unwrap();
    drop(open);
    sim.wait_until(LIMIT, |ledger| ledger.in_flight[&Api::Send] == 0).await.unwrap();
    for tr_id in ["a", "b", "c"] {
        assert_eq!(call(&sim, Api::Cancel, &[("tr_id", tr_id)]).await.json()["code"], "0000");
    }
    let ledger = sim.ledger();
    assert_eq!((ledger.in_flight_max_for(Api::Send), ledger.in_flight_max_for(Api::Cancel)), (3, 1));
    assert_eq!((ledger.live, ledger.cancelled), (0, 3));
}

#[tokio::test]
async fn only_loopback_is_served() {
    let config = SimConfig { listen: ([0, 0, 0, 0], 0).into(), ..SimConfig::default() };
    assert!(Sim::start(config).await.is_err());
}

#[tokio::test]
async fn a_send_takes_its_time_after_its_work_is_done_and_nothing_else_does() {
    let latency = Duration::from_secs(2);
    let sim = Sim::start(SimConfig { send_latency: latency, ..SimConfig::default() }).await.expect("it starts");
    let started = Instant::now();
    let (first, second) =
        tokio::join!(call(&sim, Api::Send, &[("tr_id", "gft_1")]), call(&sim, Api::Send, &[("tr_id", "gft_2")]));
    assert!(started.elapsed() >= latency);
    assert_eq!((&first.json()["code"], &second.json()["code"]), (&json!("0000"), &json!("0000")));
    assert_eq!(sim.ledger().in_flight_max_for(Api::Send), 2, "the gauge sees both");
    let started = Instant::now();
    call(&sim, Api::Balance, &[]).await.json();
    // Whoever hangs up has been served.
    let ledger = hang_up_when(&sim, Api::Send, |ledger| ledger.find(TR_ID).is_some()).await;
    assert!(started.elapsed() < latency, "{:?}", started.elapsed());
    assert_eq!(ledger.live, 3);
}
