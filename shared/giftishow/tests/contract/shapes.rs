//! The shapes of answers: the specification's, the live ones, and what a lenient reader must still refuse.

use giftishow::{
    BalanceOutcome, CancelOutcome, Coupon, CouponOutcome, GoodsCode, Gubun, Heard, PhoneNumber, PinStatus, SendOutcome,
    Standing, TransportFault, Won,
};

fn sent(gubun: Gubun, body: &str) -> SendOutcome {
    SendOutcome::read(gubun, Heard::Body(body.as_bytes())).outcome
}

fn looked_up(body: &str) -> CouponOutcome {
    CouponOutcome::read(Heard::Body(body.as_bytes())).outcome
}

fn coupon(body: &str) -> Coupon {
    match looked_up(body) {
        CouponOutcome::Found(coupon) => coupon,
        other => panic!("{other:?} from {body}"),
    }
}

fn balance(body: &str) -> BalanceOutcome {
    BalanceOutcome::read(Heard::Body(body.as_bytes())).outcome
}

fn send_answer(payload: &str) -> String {
    format!(r#"{{"code":"0000","message":null,"result":{{"code":"0000","message":null,"result":{payload}}}}}"#)
}

#[test]
fn a_coupon_is_issued_only_with_every_field_that_its_delivery_needs() {
    use Gubun::{BarcodeImage, Mms, Pin};
    for (payload, needed_by_none_of) in [
        (r#"{"orderNo":"2019","pinNo":"9003","couponImgUrl":"http://x/1.jpg"}"#, &[] as &[Gubun]),
        (r#"{"orderNo":2019,"pinNo":9003,"couponImgUrl":"x"}"#, &[]),
        (
            r#"{"orderNo":"2019","limitDay":20260904,"salePrice":null,"extra":{"deep":[1.5]},"pinNo":"1"}"#,
            &[BarcodeImage],
        ),
        (r#"{"orderNo":"2019","pinNo":null,"couponImgUrl":"x"}"#, &[Pin, BarcodeImage]),
        (r#"{"orderNo":"2019"}"#, &[Pin, BarcodeImage]),
        (r#"{"orderNo":"2019","pinNo":123456789012345678901234567890}"#, &[Pin, BarcodeImage]),
        (r#"{"orderNo":" ","pinNo":"1","couponImgUrl":"x"}"#, &[Mms, Pin, BarcodeImage]),
        (r#"{"orderNo":null,"pinNo":"1","couponImgUrl":"x"}"#, &[Mms, Pin, BarcodeImage]),
        (r#"{"orderNo":["1"],"pinNo":"1","couponImgUrl":"x"}"#, &[Mms, Pin, BarcodeImage]),
        (r#"{"orderno":"1","pinNo":"1","couponImgUrl":"x"}"#, &[Mms, Pin, BarcodeImage]),
        (r#"{"orderNo":"1","orderNo":"2","pinNo":"1","couponImgUrl":"x"}"#, &[Mms, Pin, BarcodeImage]),
        (r#"["1","1","x"]"#, &[Mms, Pin, BarcodeImage]),
        ("null", &[Mms, Pin, BarcodeImage]),
        (r#""2019""#, &[Mms, Pin, BarcodeImage]),
    ] {
        for gubun in [Mms, Pin, BarcodeImage] {
            let outcome = sent(gubun, &send_answer(payload));
            let issued = matches!(outcome, SendOutcome::Issued(_));
            assert_eq!(issued, !needed_by_none_of.contains(&gubun), "{gubun:?} {payload}");
            assert!(issued || outcome == SendOutcome::Unknown);
        }
    }
}

#[test]
fn an_issued_coupon_carries_what_was_asked_for_and_no_more() {
    let body =
        send_answer(r#"{"orderNo":"20190812000000","pinNo":"100000000000","couponImgUrl":"http://127.0.0.1/1.jpg"}"#);
    for (gubun, pin, url) in [
        (Gubun::Mms, None, None),
        (Gubun::Pin, Some("100000000000"), None),
        (Gubun::BarcodeImage, Some("100000000000"), Some("http://127.0.0.1/1.jpg")),
    ] {
        let SendOutcome::Issued(coupon) = sent(gubun, &body) else {
            panic!("not issued");
        };
        assert_eq!(coupon.order_no.as_str(), "20190812000000");
        assert_eq!(coupon.pin_no.as_ref().map(giftishow::Pin::expose), pin);
        assert_eq!(coupon.coupon_img_url.as_ref().map(giftishow::CouponImageUrl::expose), url);
        let shown = format!("{coupon:?}");
        assert!(!shown.contains("9003") && !shown.contains("1.jpg"), "{shown}");
    }
}

#[test]
fn a_send_answer_without_both_envelopes_is_unknown() {
    for body in [
        "",
        "null",
        "[]",
        "\u{feff}{}",
        "<html>0000</html>",
        "{",
        r#"{"code":"0000"}"#,
        r#"{"code":"0000","result":null}"#,
        r#"{"code":"0000","result":{"orderNo":"1"}}"#,
        r#"{"code":"0000","result":{"code":null,"result":{"orderNo":"1"}}}"#,
        r#"{"code":null,"result":{"code":"0000","result":{"orderNo":"1"}}}"#,
        r#"{"result":{"code":"0000","result":{"orderNo":"1"}}}"#,
        r#"["0000",["0000",["1"]]]"#,
        r#"{"code":"E0009","code":"0000","result":{"code":"0000","result":{"orderNo":"1"}}}"#,
        &format!("{} trailing", send_answer(r#"{"orderNo":"1"}"#)),
    ] {
        assert_eq!(sent(Gubun::Mms, body), SendOutcome::Unknown, "{body}");
    }
}

#[test]
fn a_message_in_another_encoding_does_not_hide_the_codes() {
    let mut body = br#"{"code":"0000","message":""#.to_vec();
    body.extend_from_slice(b"\xc1\xa4\xbb\xf3"); // EUC-KR
    body.extend_from_slice(br#"","result":{"code":"0000","result":{"orderNo":"1"}}}"#);
    assert!(matches!(SendOutcome::read(Gubun::Mms, Heard::Body(&body)).outcome, SendOutcome::Issued(_)));
}

#[test]
fn only_an_unconnected_send_counts_as_not_sent() {
    use TransportFault as F;
    for fault in [F::NotConnected, F::Deadline, F::Broken, F::BodyTooLarge, F::BodyUnreadable] {
        let reading = SendOutcome::read(Gubun::Mms, Heard::Fault(fault));
        let expected = if fault == F::NotConnected { SendOutcome::NotSent } else { SendOutcome::Unknown };
        assert_eq!((reading.outcome, reading.transport), (expected, Some(fault)));
        assert_eq!(CancelOutcome::read(Heard::Fault(fault)).outcome, CancelOutcome::Unanswered);
        assert_eq!(CouponOutcome::read(Heard::Fault(fault)).outcome, CouponOutcome::Unanswered);
        assert_eq!(BalanceOutcome::read(Heard::Fault(fault)).outcome, BalanceOutcome::Unanswered);
    }
}

#[test]
fn a_cancel_with_an_inner_part_that_cannot_be_read_is_not_a_success() {
    for (body, outcome) in [
        (r#"{"code":"0000","message":"ok","result":""}"#, CancelOutcome::Cancelled),
        (r#"{"code":"0000","result":{ }}"#, CancelOutcome::Cancelled),
        (r#"{"code":"0000","result":{"code":null}}"#, CancelOutcome::Unanswered),
        (r#"{"code":"0000","result":{"error":"ERR0805"}}"#, CancelOutcome::Unanswered),
        (r#"{"code":"0000","result":[{"code":"ERR0805"}]}"#, CancelOutcome::Unanswered),
        (r#"{"message":"success"}"#, CancelOutcome::Unanswered),
        ("{}", CancelOutcome::Unanswered),
        ("", CancelOutcome::Unanswered),
    ] {
        assert_eq!(CancelOutcome::read(Heard::Body(body.as_bytes())).outcome, outcome, "{body}");
    }
}

#[test]
fn a_coupon_is_read_in_the_live_shape() {
    let coupon = coupon(
        r#"{"code":"0000","message":null,"result":[{"couponInfoList":[{"goodsCd":"G00000271016","pinStatusCd":"01",
        "goodsNm":"x","sellPriceAmt":"800","senderTelNo":"15880000","cnsmPriceAmt":900,"remainAmt":null,"sendRstCd":1000,
        "pinStatusNm":"y","recverTelNo":"010-0000-0000","validPrdEndDt":"20210101235959","sendStatusCd":"z"}],
        "resCode":"0000","resMsg":"ok"}]}"#,
    );
    assert_eq!(coupon.status, PinStatus::Issued);
    assert_eq!(coupon.goods_code.as_deref(), Some("G00000271016"));
    assert_eq!((coupon.sell_price, coupon.consumer_price), (Some(Won(800)), Some(Won(900))));
    assert_eq!(coupon.valid_until.as_deref(), Some("20210101235959"));
    assert_eq!(coupon.send_result_code.as_deref(), Some("1000"));
    let goods_code = GoodsCode::parse("G00000271016").unwrap();
    assert!(coupon.is_for(&goods_code, &PhoneNumber::parse("01000000000").unwrap()));
    assert!(!coupon.is_for(&goods_code, &PhoneNumber::parse("01000000001").unwrap()));
    assert!(!coupon.is_for(&GoodsCode::parse("G2").unwrap(), &PhoneNumber::parse("01000000000").unwrap()));
    assert!(!format!("{coupon:?}").contains("0000-0000"));
}

#[test]
fn a_coupon_with_missing_or_odd_fields_is_still_found() {
    let with = |info: &str| coupon(&format!(r#"{{"code":"0000","result":[{{"couponInfoList":[{info}]}}]}}"#));
    assert_eq!(with("{}").status, PinStatus::Other("(missing)".to_owned()));
    assert_eq!(with(r#"{"pinStatusCd":7}"#).status, PinStatus::Cancelled);
    assert_eq!(with(r#"{"pinStatusCd":"99"}"#).status, PinStatus::Other("99".to_owned()));
    let masked = with(r#"{"pinStatusCd":"01","goodsCd":"G1","recverTelNo":"010****0000"}"#);
    assert!(!masked.is_for(&GoodsCode::parse("G1").unwrap(), &PhoneNumber::parse("01000000000").unwrap()));
    let several = with(r#"{"pinStatusCd":"01"},{"pinStatusCd":"07"}"#);
    assert_eq!(several.status, PinStatus::Other("01+07".to_owned()));
    assert_eq!(several.status.standing(), Standing::Ambiguous);
    let old_key = with(r#"{"pinStatusCd":"02","cnsMPriceAmt":"800"}"#);
    assert_eq!(old_key.consumer_price, Some(Won(800)));
}

#[test]
fn only_an_empty_list_says_that_there_is_no_coupon() {
    for (body, outcome) in [
        (r#"{"code":"0000","result":[]}"#, CouponOutcome::NotFound),
        (r#"{"code":"0000","result":[{"couponInfoList":[],"resCode":"0000"}]}"#, CouponOutcome::NotFound),
        (r#"{"code":"0000","result":{"couponInfoList":[]}}"#, CouponOutcome::NotFound),
        (r#"{"code":"0000","result":[{"couponInfoList":null,"resCode":"ERR0214"}]}"#, CouponOutcome::NotFound),
        (r#"{"code":"0000","result":[{"couponInfoList":null,"resCode":"0000"}]}"#, CouponOutcome::Unanswered),
        (r#"{"code":"0000","result":[{}]}"#, CouponOutcome::Unanswered),
        (r#"{"code":"0000","result":[null]}"#, CouponOutcome::Unanswered),
        (r#"{"code":"0000","result":[{"couponInfoList":["x"]}]}"#, CouponOutcome::Unanswered),
        (r#"{"code":"0000","result":null}"#, CouponOutcome::Unanswered),
        (r#"{"code":"0000"}"#, CouponOutcome::Unanswered),
        (r#"{"result":[]}"#, CouponOutcome::Unanswered),
        ("{}", CouponOutcome::Unanswered),
        ("", CouponOutcome::Unanswered),
    ] {
        assert_eq!(looked_up(body), outcome, "{body}");
    }
}

#[test]
fn every_pin_status_has_its_standing() {
    let listed: Vec<_> = PinStatus::ALL.iter().map(PinStatus::as_str).collect();
    let specified: Vec<_> = (1..=16).chain(21..=24).map(|number| format!("{number:02}")).collect();
    assert_eq!(listed, specified);
    for status in PinStatus::ALL {
        let standing = match status.as_str() {
            "01" | "06" => Standing::Live,
            "02" => Standing::Used,
            "07" => Standing::Cancelled,
            _ => Standing::Ambiguous,
        };
        assert_eq!(status.standing(), standing, "{status}");
    }
}

#[test]
fn a_balance_is_read_nested_first_then_at_the_top() {
    for (body, won) in [
        (r#"{"result":{"balance":"250000"}}"#, 250_000),
        (r#"{"code":"0000","message":"","balance":"250000"}"#, 250_000),
        (r#"{"code":"0000","result":{"balance":1},"balance":2}"#, 1),
        (r#"{"code":"0000","result":{"balance":null},"balance":2}"#, 2),
        (r#"{"code":"0000","result":null,"balance":-5}"#, -5),
    ] {
        assert_eq!(balance(body), BalanceOutcome::Balance(Won(won)), "{body}");
    }
    for body in [
        "{}",
        "",
        "[]",
        r#"{"code":"0000"}"#,
        r#"{"balance":"many"}"#,
        r#"{"balance":1.5}"#,
        r#"{"code":"E0010","balance":1}"#,
    ] {
        assert_eq!(balance(body), BalanceOutcome::Unanswered, "{body}");
    }
}

#[test]
fn text_that_is_no_code_does_not_reach_the_evidence() {
    for code in ["010-0000-0000 is wrong", "MARKED+TOKEN/MARKED+AB==", "a-very-long-code-of-nobody"] {
        let body = format!(r#"{{"code":"{code}"}}"#);
        let reading = SendOutcome::read(Gubun::Mms, Heard::Body(body.as_bytes()));
        assert_eq!(reading.outcome, SendOutcome::Unknown);
        assert_eq!(reading.code.unwrap().as_str(), "(malformed)");
    }
}
