//! The client's rules over real sockets. Whatever happens, the vendor sees at most one request.

use std::time::Duration;

use giftishow::{
    AccountFault, Answer, BalanceOutcome, BannerId, BaseUrl, BrandCode, CancelOutcome, Client, ClientLimits, Code,
    CouponOutcome, FailedSendCancel, GoodsCode, GoodsListOutcome, Gubun, OrderNo, PageRequest, ResendBy, ReservedTime,
    SendOptions, SendOutcome, TemplateId, TransportFault, Won,
};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::vendor::{Script, Vendor, answer};
use crate::{AUTH_CODE, AUTH_TOKEN, PHONE, USER_ID, credentials, request, tr_id};

const ISSUED: &str = r#"{"code":"0000","result":{"code":"0000","result":{"orderNo":"1"}}}"#;

/// Long enough for a loaded machine, short enough to wait for.
fn impatient() -> ClientLimits {
    let limit = Duration::from_millis(700);
    ClientLimits {
        send_timeout: limit,
        cancel_timeout: limit,
        lookup_timeout: limit,
        resend_timeout: limit,
        ..ClientLimits::default()
    }
}

async fn send_to(vendor: &Vendor, limits: ClientLimits) -> Answer<SendOutcome> {
    vendor.client(limits).send(&credentials(), &request(Gubun::Mms)).await
}

/// Sends once to a vendor with this script and checks that it saw exactly one request on one connection.
async fn send_once(script: Script) -> Answer<SendOutcome> {
    let vendor = Vendor::start(script).await;
    let answer = send_to(&vendor, impatient()).await;
    assert_eq!((vendor.requests().len(), vendor.connections()), (1, 1), "{answer:?}");
    answer
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_send_is_one_form_with_every_parameter_and_an_encoded_plus() {
    let vendor = Vendor::start(Script::Write(answer("200 OK", ISSUED))).await;
    let mut request = request(Gubun::Mms);
    request.order_no = Some(OrderNo::parse("o-1").unwrap());
    let answer = vendor.client(ClientLimits::default()).send(&credentials(), &request).await;
    assert!(matches!(answer.outcome, SendOutcome::Issued(_)), "{answer:?}");
    assert_eq!(answer.evidence.http_status, Some(200));
    assert_eq!((answer.evidence.code, answer.evidence.transport), (Some(Code::Success), None));

    let requests = vendor.requests();
    let [seen] = requests.as_slice() else {
        panic!("{} requests", requests.len());
    };
    let head = seen.head.to_lowercase();
    assert!(seen.head.starts_with("POST /bizApi/send HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    assert!(!head.contains("accept-encoding") && !head.contains("transfer-encoding"), "{head}");
    assert!(seen.body.contains("custom_auth_token=MARKED%2BTOKEN%2FMARKED%2BAB%3D%3D"), "{}", seen.body);
    let expected = fields(&[
        ("api_code", "0204"),
        ("custom_auth_code", AUTH_CODE),
        ("custom_auth_token", AUTH_TOKEN),
        ("dev_yn", "N"),
        ("goods_code", "G00000000001"),
        ("mms_title", "축하 합니다"),
        ("mms_msg", "한 줄 & 두 줄\n100% = +1"),
        ("callback_no", "15880000"),
        ("phone_no", PHONE),
        ("tr_id", "t_0123456789ABCDEFGH"),
        ("user_id", USER_ID),
        ("gubun", "N"),
        ("order_no", "o-1"),
    ]);
    assert_eq!(seen.form(), expected);
}

#[tokio::test]
async fn the_other_apis_go_to_their_paths_with_their_parameters() {
    let common = |api_code| {
        fields(&[
            ("api_code", api_code),
            ("custom_auth_code", AUTH_CODE),
            ("custom_auth_token", AUTH_TOKEN),
            ("dev_yn", "N"),
        ])
    };
    let body = r#"{"code":"0000","result":{"balance":"250000"},"couponInfoList":[]}"#;
    // The vendor keeps its connections open: a pool would use one again.
    let vendor = Vendor::start(Script::Hang(answer("200 OK", body))).await;
    let client = vendor.client(impatient());
    let balance = client.balance(&credentials()).await;
    assert_eq!(balance.outcome, BalanceOutcome::Balance(Won(250_000)));
    client.cancel(&credentials(), &tr_id()).await;
    client.coupon(&credentials(), &tr_id()).await;
    client.resend(&credentials(), &tr_id(), ResendBy::Mms).await;
    client.resend(&credentials(), &tr_id(), ResendBy::Sms).await;
    client.cancel_failed_send(&credentials(), &tr_id(), FailedSendCancel::enabled_by_operator()).await;
    client.goods(&credentials(), PageRequest::new(3, 5_000).unwrap()).await;
    client.goods_detail(&credentials(), &GoodsCode::parse("G00000280811").unwrap()).await;
    client.brands(&credentials()).await;
    client.brand_detail(&credentials(), &BrandCode::parse("BR00046").unwrap()).await;

    let user_id = ("user_id", USER_ID);
    let tr_id = ("tr_id", "t_0123456789ABCDEFGH");
    let expected = [
        ("/bizApi/bizmoney", "0301", fields(&[user_id])),
        ("/bizApi/cancel", "0202", fields(&[tr_id, user_id])),
        ("/bizApi/coupons", "0201", fields(&[tr_id])),
        ("/bizApi/resend", "0203", fields(&[tr_id, ("sms_flag", "N"), user_id])),
        ("/bizApi/resend", "0203", fields(&[tr_id, ("sms_flag", "Y"), user_id])),
        ("/bizApi/sendFail/cancel", "0205", fields(&[tr_id, user_id])),
        ("/bizApi/goods", "0101", fields(&[("start", "3"), ("size", "5000")])),
        ("/bizApi/goods/G00000280811", "0111", Vec::new()),
        ("/bizApi/brands", "0102", Vec::new()),
        ("/bizApi/brands/BR00046", "0112", Vec::new()),
    ];
    for (seen, (path, api_code, own)) in vendor.requests().iter().zip(expected) {
        assert!(seen.head.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{}", seen.head);
        assert_eq!(seen.form(), [common(api_code), own].concat());
    }
    assert_eq!((vendor.requests().len(), vendor.connections()), (10, 10));
}

#[tokio::test]
async fn a_send_with_every_option_carries_them() {
    let vendor = Vendor::start(Script::Write(answer("200 OK", ISSUED))).await;
    let mut request = request(Gubun::BarcodeImage);
    let now = "2026-12-31T00:00:00Z".parse().unwrap();
    request.options = SendOptions {
        reserved: Some(ReservedTime::parse("20270101", "0905", now).unwrap()),
        template_id: Some(TemplateId::parse("t-1").unwrap()),
        banner_id: Some(BannerId::parse("b-1").unwrap()),
    };
    vendor.client(ClientLimits::default()).send(&credentials(), &request).await;
    let expected = fields(&[
        ("gubun", "I"),
        ("rev_info_yn", "Y"),
        ("rev_info_date", "20270101"),
        ("rev_info_time", "0905"),
        ("template_id", "t-1"),
        ("banner_id", "b-1"),
    ]);
    assert_eq!(vendor.requests()[0].form()[11..], expected);
}

#[tokio::test]
async fn the_catalogue_has_a_limit_and_a_deadline_of_its_own() {
    let body = format!(r#"{}{{"code":"0000","result":{{"goodsList":[]}}}}"#, " ".repeat(5 << 20));
    let vendor = Vendor::start(Script::Write(answer("200 OK", &body))).await;
    let page = PageRequest::new(1, 5_000).unwrap();
    let client = vendor.client(ClientLimits::default());
    let read = client.goods(&credentials(), page).await;
    assert!(matches!(read.outcome, GoodsListOutcome::Page(_)), "{:?}", read.evidence);
    // Brands are the catalogue, too; the rest is not.
    assert_eq!(client.brands(&credentials()).await.evidence.transport, None);
    let balance = client.balance(&credentials()).await;
    assert_eq!(balance.evidence.transport, Some(TransportFault::BodyTooLarge));
    let small = ClientLimits { catalog_body_limit_bytes: 4 << 20, ..ClientLimits::default() };
    let refused = vendor.client(small).goods(&credentials(), page).await;
    assert_eq!(refused.outcome, GoodsListOutcome::Unanswered);
    assert_eq!(refused.evidence.transport, Some(TransportFault::BodyTooLarge));

    let silent = Vendor::start(Script::Hang(Vec::new())).await;
    let limits = ClientLimits { catalog_timeout: Duration::from_millis(300), ..ClientLimits::default() };
    let late = silent.client(limits).goods(&credentials(), page).await;
    assert_eq!((late.outcome, late.evidence.transport), (GoodsListOutcome::Unanswered, Some(TransportFault::Deadline)));
    assert!(late.evidence.elapsed < ClientLimits::default().lookup_timeout);
}

#[tokio::test]
async fn a_status_decides_and_no_redirect_is_followed() {
    let vendor_of_redirects = answer("302 Found\r\nLocation: /bizApi/elsewhere", ISSUED);
    let redirect_307 = answer("307 Temporary Redirect\r\nLocation: /bizApi/elsewhere", ISSUED);
    let credentials = SendOutcome::LineRefused(AccountFault::Credentials);
    let configuration = SendOutcome::LineRefused(AccountFault::Configuration);
    for (status, bytes, outcome) in [
        (302, vendor_of_redirects, SendOutcome::Unknown),
        (307, redirect_307, SendOutcome::Unknown),
        (204, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), SendOutcome::Unknown),
        (400, answer("400 Bad Request", ISSUED), configuration),
        (401, answer("401 Unauthorized", ISSUED), credentials),
        (408, answer("408 Request Timeout", ISSUED), SendOutcome::Unknown),
        (421, answer("421 Misdirected Request", ISSUED), SendOutcome::Unknown),
        (425, answer("425 Too Early", ISSUED), SendOutcome::Unknown),
        (429, answer("429 Too Many Requests\r\nRetry-After: 0", ISSUED), SendOutcome::Unknown),
        (500, answer("500 Internal Server Error", ISSUED), SendOutcome::Unknown),
        (502, answer("502 Bad Gateway", "<html>0000</html>"), SendOutcome::Unknown),
        (503, answer("503 Service Unavailable\r\nRetry-After: 0", ISSUED), SendOutcome::Unknown),
    ] {
        let answer = send_once(Script::Write(bytes)).await;
        assert_eq!(answer.outcome, outcome, "{status}");
        assert_eq!((answer.evidence.http_status, answer.evidence.code), (Some(status), None));
    }
}

#[tokio::test]
async fn http_204_means_not_found_to_a_cancel_and_a_look_up() {
    let vendor = Vendor::start(Script::Write(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    let client = vendor.client(ClientLimits::default());
    assert_eq!(client.cancel(&credentials(), &tr_id()).await.outcome, CancelOutcome::NotFound);
    assert_eq!(client.coupon(&credentials(), &tr_id()).await.outcome, CouponOutcome::NotFound);
    assert_eq!(client.balance(&credentials()).await.outcome, BalanceOutcome::Unanswered);
}

#[tokio::test]
async fn a_broken_answer_is_unknown_and_never_asked_for_twice() {
    use TransportFault as F;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let longer_than_said = format!("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{ISSUED}").into_bytes();
    let shorter_than_said = format!("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{ISSUED}").into_bytes();
    let until_closed = format!("HTTP/1.1 200 OK\r\n\r\n{}", &ISSUED[..40]).into_bytes();
    let bad_chunk = format!("{chunked}zz\r\n{ISSUED}\r\n0\r\n\r\n").into_bytes();
    let gzip = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00".to_vec();
    for (name, script, fault) in [
        ("reset before the first byte", Script::Reset(Vec::new()), F::Broken),
        ("reset after the first bytes", Script::Reset(b"HTTP/1.1 2".to_vec()), F::Broken),
        ("reset in the body", Script::Reset(shorter_than_said.clone()), F::Broken),
        ("closed without an answer", Script::Write(Vec::new()), F::Broken),
        ("closed in the head", Script::Write(b"HTTP/1.1 200 OK\r\nConte".to_vec()), F::Broken),
        ("closed before the length that was said", Script::Write(shorter_than_said), F::Broken),
        ("longer than was said", Script::Write(longer_than_said), F::BodyUnreadable),
        ("JSON cut off by closing", Script::Write(until_closed), F::BodyUnreadable),
        ("chunks that are none", Script::Write(bad_chunk), F::Broken),
        ("not HTTP", Script::Write(b"220 mail ready\r\n\r\n".to_vec()), F::Broken),
        ("compressed unasked", Script::Write(gzip), F::BodyUnreadable),
        ("empty", Script::Write(answer("200 OK", "")), F::BodyUnreadable),
        ("HTML", Script::Write(answer("200 OK", "<html></html>")), F::BodyUnreadable),
    ] {
        let answer = send_once(script).await;
        assert_eq!(answer.outcome, SendOutcome::Unknown, "{name}");
        assert_eq!(answer.evidence.transport, Some(fault), "{name}");
    }
}

#[tokio::test]
async fn a_connection_that_dies_unread_is_unknown_and_not_opened_again() {
    let vendor = Vendor::start(Script::ResetUnread).await;
    let answer = send_to(&vendor, impatient()).await;
    assert_eq!((answer.outcome, answer.evidence.transport), (SendOutcome::Unknown, Some(TransportFault::Broken)));
    assert_eq!((vendor.requests().len(), vendor.connections()), (0, 1));
}

#[tokio::test]
async fn a_content_type_does_not_matter() {
    let length = ISSUED.len();
    let bytes =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{ISSUED}").into_bytes();
    assert!(matches!(send_once(Script::Write(bytes)).await.outcome, SendOutcome::Issued(_)));
}

#[tokio::test]
async fn one_deadline_covers_head_and_body() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
    let every = Duration::from_millis(20);
    for (name, script, status) in [
        ("no answer", Script::Hang(Vec::new()), None),
        ("half a head", Script::Hang(b"HTTP/1.1 200 OK\r\n".to_vec()), None),
        ("no body", Script::Hang(head.clone()), Some(200)),
        ("a dripping head", Script::Drip(b"HTTP/1.1 200 OK\r\nX-Drip: ".to_vec(), every), None),
        // Each byte comes in time, all of them do not: a limit per read would wait for ever.
        ("a dripping body", Script::Drip(head, every), Some(200)),
    ] {
        let answer = send_once(script).await;
        assert_eq!(answer.outcome, SendOutcome::Unknown, "{name}");
        assert_eq!(answer.evidence.transport, Some(TransportFault::Deadline), "{name}");
        assert_eq!(answer.evidence.http_status, status, "{name}");
        assert!(answer.evidence.elapsed >= impatient().send_timeout, "{name}");
        assert!(answer.evidence.elapsed < impatient().send_timeout * 10, "{name}");
    }
}

#[tokio::test]
async fn a_cancel_that_left_and_was_not_answered_in_full_says_so() {
    let ok = r#"{"code":"0000","message":"success"}"#;
    let cut_off = format!("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{ok}").into_bytes();
    let no_content = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let long = answer("200 OK", &format!("{}{ok}", " ".repeat(1 << 20)));
    for (name, script, lacking) in [
        ("answered", Script::Write(answer("200 OK", ok)), false),
        ("answered with an unlisted code", Script::Write(answer("200 OK", r#"{"code":"X"}"#)), false),
        ("answered by a status", Script::Write(answer("500 Internal Server Error", "")), false),
        ("answered without content", Script::Write(no_content), false),
        ("no answer in time", Script::Hang(Vec::new()), true),
        ("closed without an answer", Script::Write(Vec::new()), true),
        ("reset in the body", Script::Reset(cut_off.clone()), true),
        ("closed in the body", Script::Write(cut_off), true),
        ("silent in the body", Script::Hang(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n".to_vec()), true),
        ("not JSON", Script::Write(answer("200 OK", "<html></html>")), true),
        ("too long to be read", Script::Write(long), true),
    ] {
        let vendor = Vendor::start(script).await;
        let limits = ClientLimits { cancel_timeout: Duration::from_secs(2), ..ClientLimits::default() };
        let answer = vendor.client(limits).cancel(&credentials(), &tr_id()).await;
        assert_eq!(answer.evidence.lacks_whole_answer(), lacking, "{name}: {answer:?}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit_whatever_length_it_declares() {
    let padding = " ".repeat(5 << 20);
    let declared = answer("200 OK", &format!("{padding}{ISSUED}"));
    let undeclared = format!("HTTP/1.1 200 OK\r\n\r\n{padding}{ISSUED}").into_bytes();
    for bytes in [declared, undeclared] {
        let vendor = Vendor::start(Script::Write(bytes)).await;
        let answer = send_to(&vendor, ClientLimits::default()).await;
        assert_eq!(answer.outcome, SendOutcome::Unknown);
        assert_eq!(answer.evidence.transport, Some(TransportFault::BodyTooLarge));
        assert_eq!(vendor.requests().len(), 1);
    }
    let within = answer("200 OK", &format!("{}{ISSUED}", " ".repeat((1 << 20) - ISSUED.len())));
    let vendor = Vendor::start(Script::Write(within)).await;
    assert!(matches!(send_to(&vendor, ClientLimits::default()).await.outcome, SendOutcome::Issued(_)));
}

/// Asserts that a send to this address is proven not to have left, and says how long it took.
async fn assert_not_sent(url: &str, limits: ClientLimits) -> Duration {
    let client = Client::new(BaseUrl::parse(url).unwrap(), limits).unwrap();
    let answer = client.send(&credentials(), &request(Gubun::Mms)).await;
    assert_eq!(answer.outcome, SendOutcome::NotSent, "{answer:?}");
    assert_eq!(answer.evidence.transport, Some(TransportFault::NotConnected));
    let cancel = client.cancel(&credentials(), &tr_id()).await;
    assert_eq!(cancel.outcome, CancelOutcome::Unanswered);
    assert!(!cancel.evidence.lacks_whole_answer(), "nothing left: {cancel:?}");
    answer.evidence.elapsed
}

#[tokio::test]
async fn a_refused_connection_and_a_name_that_does_not_resolve_are_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_not_sent(&format!("http://{address}"), ClientLimits::default()).await;
    // A label of 64 characters is refused by the resolver itself: no question leaves this machine.
    let unresolvable = format!("https://{}.invalid", "a".repeat(64));
    assert_not_sent(&unresolvable, ClientLimits::default()).await;
}

#[tokio::test]
async fn a_failed_tls_handshake_is_not_sent() {
    let vendor = Vendor::start(Script::Write(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    assert_not_sent(&vendor.url("https"), ClientLimits::default()).await;
    assert!(vendor.requests().is_empty());
}

#[tokio::test]
async fn a_connect_timeout_is_not_sent_but_the_deadline_is_unknown_even_while_connecting() {
    let vendor = Vendor::start(Script::Hang(Vec::new())).await;
    let quick_connect = ClientLimits { connect_timeout: Duration::from_millis(300), ..ClientLimits::default() };
    let elapsed = assert_not_sent(&vendor.url("https"), quick_connect).await;
    assert!(elapsed >= quick_connect.connect_timeout, "{elapsed:?}");
    let client = Client::new(BaseUrl::parse(&vendor.url("https")).unwrap(), impatient()).unwrap();
    let answer = client.send(&credentials(), &request(Gubun::Mms)).await;
    assert_eq!((answer.outcome, answer.evidence.transport), (SendOutcome::Unknown, Some(TransportFault::Deadline)));
    assert!(vendor.requests().is_empty());
}

#[tokio::test]
async fn no_answer_shows_a_credential_or_a_phone_number() {
    let echo = format!(r#"{{"code":"{AUTH_TOKEN}","message":"{AUTH_CODE} {USER_ID} {PHONE}"}}"#);
    for script in [
        Script::Write(answer("200 OK", &echo)),
        Script::Write(answer("500 Oops", &echo)),
        Script::Reset(Vec::new()),
        Script::Hang(Vec::new()),
    ] {
        let shown = format!("{:?}", send_once(script).await);
        for marked in [AUTH_CODE, AUTH_TOKEN, USER_ID, PHONE] {
            assert!(!shown.contains(marked), "{shown}");
        }
    }
}

const CHILD_URL: &str = "GIFTISHOW_TEST_CHILD_URL";

/// The other half of the next test: runs in a process whose environment names a proxy.
#[tokio::test]
async fn child_of_the_proxy_test() {
    if let Ok(url) = std::env::var(CHILD_URL) {
        let client = Client::new(BaseUrl::parse(&url).unwrap(), ClientLimits::default()).unwrap();
        let answer = client.send(&credentials(), &request(Gubun::Mms)).await;
        assert!(matches!(answer.outcome, SendOutcome::Issued(_)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    let vendor = Vendor::start(Script::Write(answer("200 OK", ISSUED))).await;
    let proxy = Vendor::start(Script::Write(answer("200 OK", ISSUED))).await;
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "socket::child_of_the_proxy_test"])
        .env(CHILD_URL, vendor.url("http"))
        .envs(["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"].map(|name| (name, proxy.url("http"))))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .status()
        .await
        .unwrap();
    assert!(status.success());
    assert_eq!((vendor.requests().len(), proxy.connections()), (1, 0));
}
