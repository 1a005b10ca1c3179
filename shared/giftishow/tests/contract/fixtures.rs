//! Every request type against every recorded answer, over a socket.

use std::collections::BTreeSet;
use std::path::Path;

use giftishow::{
    BrandCode, Client, ClientLimits, Evidence, FailedSendCancel, GoodsCode, Gubun, PageRequest, ResendBy,
    TransportFault,
};

use crate::vendor::{Script, Vendor, answer};
use crate::{credentials, request, tr_id};

/// File, and how the outcome begins when it is shown.
const EXPECTED: &[(&str, &str)] = &[
    (
        "spec/0101-goods",
        r#"Page(Listing { list_num: Some(8), items: [Goods { goods_code: GoodsCode("G00000280811"), goods_no: Some(21445)"#,
    ),
    ("spec/0102-brands", r#"List(Listing { list_num: Some(134), items: [Brand { brand_code: BrandCode("BR00109")"#),
    ("spec/0111-goods", r#"Found(Goods { goods_code: GoodsCode("G00000280811"), goods_no: Some(21445)"#),
    ("spec/0112-brand", r#"Found(Brand { brand_code: BrandCode("BR00026"), brand_seq: Some(592)"#),
    ("spec/0201-coupon", r#"Found(Coupon { status: Cancelled, goods_code: Some("G00000271016")"#),
    ("spec/0202-cancel", "Cancelled"),
    ("spec/0203-resend", "Accepted"),
    ("spec/0204-image", r#"Issued(IssuedCoupon { order_no: OrderNo("20190812000000"), pin_no: Some("#),
    ("spec/0204-mms", r#"Issued(IssuedCoupon { order_no: OrderNo("20190716000323"), pin_no: None"#),
    ("spec/0204-pin", r#"Issued(IssuedCoupon { order_no: OrderNo("20190812000000"), pin_no: Some("#),
    ("spec/0301-balance", "Balance(Won(250000))"),
    ("live/0101-empty-page", "Page(Listing { list_num: Some(0), items: [], unreadable: [] })"),
    ("live/0101-goods", "Page(Listing { list_num: Some(6), items: [Goods {"),
    ("live/0101-paging", "PagingRefused"),
    ("live/0102-brands", "List(Listing { list_num: Some(2), items: [Brand {"),
    ("live/0111-fixed-period", r#"Found(Goods { goods_code: GoodsCode("G00000000002")"#),
    ("live/0111-unknown", "NotFound"),
    ("live/0201-coupon", r#"Found(Coupon { status: Issued, goods_code: Some("G00000000001")"#),
    ("live/0201-empty-list", "NotFound"),
    ("live/0201-unknown", "NotFound"),
    ("live/0202-again", "Cancelled"),
    ("live/0202-nested", "Cancelled"),
    ("live/0203-used", "Refused"),
    ("live/0204-image-numbers", r#"Issued(IssuedCoupon { order_no: OrderNo("20190812000000"), pin_no: Some("#),
    ("live/0204-mms-duplicate", "Duplicate"),
    ("live/0204-mms-inner-failure", "BalanceTooLow"),
    ("live/0204-mms-json-body", "InputRefused"),
    ("live/0204-mms-title-too-long", "InputRefused"),
    ("live/0204-mms-tr-id-too-long", "InputRefused"),
    ("live/0205-nested", "TakenBack"),
    ("live/0301-key-not-active", "LineRefused(Credentials)"),
    ("live/0301-nested", "Balance(Won(250000))"),
];

pub(crate) fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).with_extension("json");
    std::fs::read_to_string(path).unwrap()
}

fn names_of_files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let names = ["spec", "live"].into_iter().flat_map(|kind| {
        let files = std::fs::read_dir(folder.join(kind)).unwrap();
        files.map(move |file| format!("{kind}/{}", file.unwrap().path().file_stem().unwrap().to_str().unwrap()))
    });
    names.collect()
}

/// Asks what a file's name says, and shows the outcome.
async fn ask(client: &Client, name: &str) -> (String, Evidence) {
    let credentials = &credentials();
    let (_, name) = name.split_once('/').unwrap();
    macro_rules! shown {
        ($call:expr) => {{
            let answer = $call.await;
            (format!("{:?}", answer.outcome), answer.evidence)
        }};
    }
    match &name[..4] {
        "0101" => shown!(client.goods(credentials, PageRequest::new(1, 100).unwrap())),
        "0111" => shown!(client.goods_detail(credentials, &GoodsCode::parse("G00000280811").unwrap())),
        "0102" => shown!(client.brands(credentials)),
        "0112" => shown!(client.brand_detail(credentials, &BrandCode::parse("BR00026").unwrap())),
        "0201" => shown!(client.coupon(credentials, &tr_id())),
        "0202" => shown!(client.cancel(credentials, &tr_id())),
        "0203" => shown!(client.resend(credentials, &tr_id(), ResendBy::Mms)),
        "0204" => {
            let gubun = match name.split('-').nth(1) {
                Some("pin") => Gubun::Pin,
                Some("image") => Gubun::BarcodeImage,
                _ => Gubun::Mms,
            };
            shown!(client.send(credentials, &request(gubun)))
        }
        "0205" => {
            shown!(client.cancel_failed_send(credentials, &tr_id(), FailedSendCancel::enabled_by_operator()))
        }
        "0301" => shown!(client.balance(credentials)),
        other => panic!("no API {other}"),
    }
}

#[tokio::test]
async fn every_request_type_reads_every_recorded_answer() {
    assert_eq!(names_of_files(), EXPECTED.iter().map(|(name, _)| (*name).to_owned()).collect());
    let apis: BTreeSet<_> = EXPECTED.iter().map(|(name, _)| &name[5..9]).collect();
    assert_eq!(apis.len(), 10, "an API without a recorded answer");
    for (name, expected) in EXPECTED {
        let vendor = Vendor::start(Script::Write(answer("200 OK", &fixture(name)))).await;
        let (outcome, evidence) = ask(&vendor.client(ClientLimits::default()), name).await;
        assert!(outcome.starts_with(expected), "{name}: {outcome}");
        assert_eq!((evidence.http_status, evidence.transport), (Some(200), None), "{name}");
        assert_eq!(vendor.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_cut_off_answer_proves_nothing_to_any_request_type() {
    for (name, _) in EXPECTED {
        let body = fixture(name);
        let whole = body.trim_end();
        let cut = &whole[..whole.floor_char_boundary(whole.len() - 1)];
        let vendor = Vendor::start(Script::Write(answer("200 OK", cut))).await;
        let (outcome, evidence) = ask(&vendor.client(ClientLimits::default()), name).await;
        let unproven = if name.contains("/0204") { "Unknown" } else { "Unanswered" };
        assert_eq!(outcome, unproven, "{name}");
        assert_eq!(evidence.transport, Some(TransportFault::BodyUnreadable), "{name}");
    }
}
