//! Random answers: nothing panics, and the outcomes that cost money are never concluded without their proof.

use giftishow::{BalanceOutcome, CancelOutcome, CouponOutcome, Gubun, Heard, SendOutcome};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const KEYS: &[&str] = &[
    "code",
    "result",
    "orderNo",
    "pinNo",
    "couponImgUrl",
    "message",
    "couponInfoList",
    "resCode",
    "pinStatusCd",
    "balance",
];
const TEXTS: &[&str] =
    &["0000", "000", "E0010", "ERR0214", "ERR0215", "ERR0808", "COUPON.0007", "ERR9998", "", " ", "1", "01"];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(TEXTS).prop_map(|text| json!(text)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => ".{0,8}".prop_map(|text| json!(text)),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 32, 5, |inner| {
        prop_oneof![
            3 => vec((select(KEYS), inner.clone()), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>().into()),
            1 => vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

/// A good answer in which single fields are replaced by anything.
fn near_miss() -> impl Strategy<Value = Value> {
    let field = |good: &'static str| prop_oneof![3 => Just(json!(good)), 1 => any_json()];
    (field("0000"), field("0000"), field("2019"), field("9003"), field("http://127.0.0.1/1.jpg")).prop_map(
        |(outer, inner, order_no, pin_no, url)| {
            json!({"code": outer, "result": {"code": inner, "result":
                {"orderNo": order_no, "pinNo": pin_no, "couponImgUrl": url}}})
        },
    )
}

/// Bytes: whole, cut off, or with one byte replaced.
fn answer() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![near_miss(), any_json()].prop_map(|value| value.to_string().into_bytes());
    let damaged =
        (json, any::<prop::sample::Index>(), any::<u8>(), 0..4).prop_map(|(mut bytes, index, byte, damage)| {
            let index = index.index(bytes.len());
            match damage {
                0 => bytes.truncate(index),
                1 => bytes[index] = byte,
                _ => {}
            }
            bytes
        });
    prop_oneof![9 => damaged, 1 => vec(any::<u8>(), 0..64)]
}

/// Written independently of the client: both codes and the order number, at their places.
fn proves_an_issue(body: &[u8]) -> bool {
    let Ok(outer) = serde_json::from_str::<Value>(&String::from_utf8_lossy(body)) else {
        return false;
    };
    let order_no = &outer["result"]["result"]["orderNo"];
    let named = order_no.as_str().is_some_and(|text| !text.trim().is_empty()) || order_no.is_i64() || order_no.is_u64();
    outer["code"] == "0000" && outer["result"]["code"] == "0000" && named
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_random_answer_panics_or_is_taken_for_more_than_it_says(body in answer()) {
        let heard = Heard::Body(&body);
        for gubun in [Gubun::Mms, Gubun::Pin, Gubun::BarcodeImage] {
            if let SendOutcome::Issued(coupon) = SendOutcome::read(gubun, heard).outcome {
                prop_assert!(proves_an_issue(&body));
                prop_assert_eq!(coupon.pin_no.is_some(), gubun != Gubun::Mms);
                prop_assert_eq!(coupon.coupon_img_url.is_some(), gubun == Gubun::BarcodeImage);
            }
        }
        let text = String::from_utf8_lossy(&body);
        if CancelOutcome::read(heard).outcome == CancelOutcome::Cancelled {
            prop_assert!(["0000", "ERR0808", "COUPON.0008"].iter().any(|code| text.contains(code)));
        }
        if let CouponOutcome::Found(_) = CouponOutcome::read(heard).outcome {
            prop_assert!(text.contains("couponInfoList"));
        }
        if let BalanceOutcome::Balance(_) = BalanceOutcome::read(heard).outcome {
            prop_assert!(text.contains("balance"));
        }
    }
}
