//! What must hold for any answer at all, written independently of the client: with a JSON tree and the texts of the body.
//! Shared by the tests here and the targets of `cargo fuzz`.

use giftishow::{
    AccountFault, BalanceOutcome, BrandListOutcome, BrandOutcome, CancelOutcome, Code, CouponOutcome,
    FailedSendOutcome, GoodsListOutcome, GoodsOutcome, Gubun, Heard, Listing, ResendOutcome, SendOutcome,
};
use serde_json::Value;

const CREDENTIALS: &[&str] = &["E0006", "E0008", "E0009", "E0011", "E0012", "ERR0300", "ERR0301"];
const CONFIGURATION: &[&str] = &["E0002", "E0007", "E0013", "ERR0100"];
const DONE: &[&str] = &["0000", "ERR0808", "COUPON.0008"];
const UNKNOWN_TR_ID: &[&str] = &["ERR0214", "COUPON.0004"];

/// One check: the parser of one API on one body. Panics if something does not hold.
pub type Check = fn(&[u8]);

/// All ten.
pub const ALL: &[(&str, Check)] = &[
    ("0101", goods_list),
    ("0111", goods),
    ("0102", brand_list),
    ("0112", brand),
    ("0201", coupon),
    ("0202", cancel),
    ("0203", resend),
    ("0204", send),
    ("0205", failed_send),
    ("0301", balance),
];

/// The tree of a body; `None` if it is none, or one that only the client can read (too deep, numbers out of range).
fn tree(body: &[u8]) -> Option<Value> {
    serde_json::from_str(&String::from_utf8_lossy(body)).ok()
}

/// Whether the two envelopes of a send and of 0205 both say success, as far as a tree can tell.
fn both_succeed(body: &[u8]) -> bool {
    tree(body).is_none_or(|outer| outer["code"] == "0000" && outer["result"]["code"] == "0000")
}

fn code_is(code: Option<&Code>, any_of: &[&str]) {
    assert!(code.is_some_and(|code| any_of.contains(&code.as_str())), "{code:?} is none of {any_of:?}");
}

fn line(code: Option<&Code>, fault: AccountFault) {
    code_is(code, if fault == AccountFault::Credentials { CREDENTIALS } else { CONFIGURATION });
}

pub fn send(body: &[u8]) {
    for gubun in [Gubun::Mms, Gubun::Pin, Gubun::BarcodeImage] {
        let reading = SendOutcome::read(gubun, Heard::Body(body));
        let code = reading.code.as_ref();
        match reading.outcome {
            SendOutcome::Issued(coupon) => {
                code_is(code, &["0000"]);
                assert!(both_succeed(body) && !coupon.order_no.as_str().is_empty());
                if let Some(outer) = tree(body) {
                    let order_no = &outer["result"]["result"]["orderNo"];
                    let named = order_no.as_str().is_some_and(|text| !text.trim().is_empty());
                    assert!(named || order_no.is_i64() || order_no.is_u64(), "{order_no}");
                }
                assert_eq!(coupon.pin_no.is_some(), gubun != Gubun::Mms);
                assert_eq!(coupon.coupon_img_url.is_some(), gubun == Gubun::BarcodeImage);
            }
            SendOutcome::NotSent => panic!("an answer says that nothing was sent"),
            SendOutcome::LineRefused(AccountFault::Configuration) if code == Some(&Code::Coupon0010) => {}
            SendOutcome::LineRefused(fault) => line(code, fault),
            SendOutcome::BalanceTooLow => code_is(code, &["E0010"]),
            SendOutcome::InputRefused => assert!(code.is_some_and(|code| Code::ALL.contains(code))),
            SendOutcome::Duplicate => code_is(code, &["ERR0215", "COUPON.0015"]),
            SendOutcome::Unknown => {}
        }
    }
}

pub fn cancel(body: &[u8]) {
    let reading = CancelOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        CancelOutcome::Cancelled => code_is(code, DONE),
        CancelOutcome::NotFound => code_is(code, UNKNOWN_TR_ID),
        CancelOutcome::AlreadyUsed => code_is(code, &["COUPON.0007"]),
        CancelOutcome::NotCancellable => code_is(code, &["COUPON.0006"]),
        CancelOutcome::LineRefused(fault) => line(code, fault),
        CancelOutcome::Unanswered => {}
    }
}

pub fn failed_send(body: &[u8]) {
    let reading = FailedSendOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        FailedSendOutcome::TakenBack => {
            code_is(code, DONE);
            assert!(code != Some(&Code::Success) || both_succeed(body));
        }
        FailedSendOutcome::NotFound => code_is(code, UNKNOWN_TR_ID),
        FailedSendOutcome::Issued => code_is(code, &["COUPON.0006", "COUPON.0007"]),
        FailedSendOutcome::LineRefused(fault) => line(code, fault),
        FailedSendOutcome::Unanswered => {}
    }
}

pub fn resend(body: &[u8]) {
    let reading = ResendOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        ResendOutcome::Accepted => code_is(code, &["0000"]),
        ResendOutcome::NotFound => code_is(code, UNKNOWN_TR_ID),
        ResendOutcome::NothingToResend => code_is(code, &["ERR0212", "ERR0213"]),
        ResendOutcome::Refused => assert!(code.is_some_and(|code| Code::ALL.contains(code))),
        ResendOutcome::LineRefused(fault) => line(code, fault),
        ResendOutcome::Unanswered => {}
    }
}

pub fn coupon(body: &[u8]) {
    let reading = CouponOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        CouponOutcome::Found(_) => {
            code_is(code, &["0000"]);
            assert!(String::from_utf8_lossy(body).contains("0000"));
        }
        CouponOutcome::NotFound => assert!(code.is_some(), "not found without a code"),
        CouponOutcome::LineRefused(fault) => line(code, fault),
        CouponOutcome::Unanswered => {}
    }
}

pub fn balance(body: &[u8]) {
    let reading = BalanceOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        BalanceOutcome::Balance(_) => assert!(code.is_none_or(|code| *code == Code::Success)),
        BalanceOutcome::LineRefused(fault) => line(code, fault),
        BalanceOutcome::Unanswered => {}
    }
}

pub fn goods_list(body: &[u8]) {
    let reading = GoodsListOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        GoodsListOutcome::Page(listing) => {
            code_is(code, &["0000"]);
            listed(body, &listing, |goods| goods.raw.as_str());
            assert!(listing.items.iter().all(|goods| !goods.goods_code.as_str().is_empty()));
        }
        GoodsListOutcome::PagingRefused => code_is(code, &["PAG0001", "PAG0002"]),
        GoodsListOutcome::LineRefused(fault) => line(code, fault),
        GoodsListOutcome::Unanswered => {}
    }
}

pub fn brand_list(body: &[u8]) {
    let reading = BrandListOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        BrandListOutcome::List(listing) => {
            code_is(code, &["0000"]);
            listed(body, &listing, |brand| brand.raw.as_str());
        }
        BrandListOutcome::LineRefused(fault) => line(code, fault),
        BrandListOutcome::Unanswered => {}
    }
}

/// No item is lost, and each is there as it was answered.
fn listed<T>(body: &[u8], listing: &Listing<T>, raw: impl Fn(&T) -> &str) {
    let text = String::from_utf8_lossy(body);
    assert!(listing.items.iter().all(|item| text.contains(raw(item))));
    assert!(listing.unreadable.iter().all(|item| item.index < listing.len() && text.contains(item.raw.as_str())));
    if let Some(outer) = tree(body) {
        let result = &outer["result"];
        let list = result["goodsList"].as_array().or_else(|| result["brandList"].as_array());
        assert_eq!(list.map(Vec::len), Some(listing.len()));
    }
}

pub fn goods(body: &[u8]) {
    let reading = GoodsOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        GoodsOutcome::Found(_) => code_is(code, &["0000"]),
        GoodsOutcome::NotFound => code_is(code, &["ERR0401", "COUPON.0011"]),
        GoodsOutcome::LineRefused(fault) => line(code, fault),
        GoodsOutcome::Unanswered => {}
    }
}

pub fn brand(body: &[u8]) {
    let reading = BrandOutcome::read(Heard::Body(body));
    let code = reading.code.as_ref();
    match reading.outcome {
        BrandOutcome::Found(_) => code_is(code, &["0000"]),
        BrandOutcome::NotFound => code_is(code, &["ERR0401"]),
        BrandOutcome::LineRefused(fault) => line(code, fault),
        BrandOutcome::Unanswered => {}
    }
}
