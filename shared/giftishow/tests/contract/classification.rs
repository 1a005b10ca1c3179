//! Every code × API × envelope, against a table that is written down here a second time.

use giftishow::{
    AccountFault, BalanceOutcome, BrandListOutcome, BrandOutcome, CancelOutcome, Code, CouponOutcome,
    FailedSendOutcome, GoodsListOutcome, GoodsOutcome, Gubun, Heard, ResendOutcome, SendOutcome,
};

/// Every code: the specification's appendix 1 and `E0006`, and three that nobody lists.
const CODES: &str = "0000 E0002 E0006 E0007 E0008 E0009 E0010 E0011 E0012 E0013 E9999 \
    ERR0000 ERR0005 ERR0008 ERR0100 ERR0201 ERR0208 ERR0209 ERR0212 ERR0213 ERR0214 ERR0215 ERR0217 ERR0300 ERR0301 ERR0401 \
    ERR0800 ERR0803 ERR0804 ERR0805 ERR0806 ERR0807 ERR0808 ERR0817 ERR0999 PAG0001 PAG0002 \
    COUPON.0001 COUPON.0002 COUPON.0003 COUPON.0004 COUPON.0005 COUPON.0006 COUPON.0007 COUPON.0008 \
    COUPON.0009 COUPON.0010 COUPON.0011 COUPON.0012 COUPON.0013 COUPON.0014 COUPON.0015";
const UNLISTED: &str = "000 0 err0201 E0014 COUPON.0016 ERR0215X";

const CREDENTIALS: &str = "E0006 E0008 E0009 E0011 E0012 ERR0300 ERR0301";
const CONFIGURATION: &str = "E0002 E0007 E0013 ERR0100";

/// What is not in an API's table means the last column of it.
type Table = (&'static [(&'static str, &'static str)], &'static str);

const SEND: Table = (
    &[
        ("issued", "0000"),
        ("line: credentials", CREDENTIALS),
        // Our own `callback_no`: no other recipient, message or goods would fare better.
        ("line: configuration", "E0002 E0007 E0013 ERR0100 COUPON.0010"),
        ("balance", "E0010"),
        (
            "input",
            "ERR0201 ERR0401 ERR0806 ERR0807 ERR0817 COUPON.0001 COUPON.0002 COUPON.0003 COUPON.0004 COUPON.0005 \
             COUPON.0011 COUPON.0012 COUPON.0013 COUPON.0014",
        ),
        ("duplicate", "ERR0215 COUPON.0015"),
    ],
    "unknown",
);

const CANCEL: Table = (
    &[
        ("cancelled", "0000 ERR0808 COUPON.0008"),
        ("not found", "ERR0214 COUPON.0004"),
        ("used", "COUPON.0007"),
        ("not cancellable", "COUPON.0006"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const COUPON: Table = (
    &[
        ("found", "0000"),
        ("not found", "ERR0214 COUPON.0004"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const BALANCE: Table =
    (&[("balance", "0000"), ("line: credentials", CREDENTIALS), ("line: configuration", CONFIGURATION)], "unanswered");

const RESEND: Table = (
    &[
        ("accepted", "0000"),
        ("not found", "ERR0214 COUPON.0004"),
        ("nothing to resend", "ERR0212 ERR0213"),
        ("refused", "ERR0217 ERR0808 COUPON.0007 COUPON.0008 COUPON.0009"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const FAILED_SEND: Table = (
    &[
        ("taken back", "0000 ERR0808 COUPON.0008"),
        ("not found", "ERR0214 COUPON.0004"),
        ("issued", "COUPON.0006 COUPON.0007"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const GOODS_LIST: Table = (
    &[
        ("listed", "0000"),
        ("paging", "PAG0001 PAG0002"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const BRAND_LIST: Table =
    (&[("listed", "0000"), ("line: credentials", CREDENTIALS), ("line: configuration", CONFIGURATION)], "unanswered");

const GOODS: Table = (
    &[
        ("found", "0000"),
        ("not found", "ERR0401 COUPON.0011"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

const BRAND: Table = (
    &[
        ("found", "0000"),
        ("not found", "ERR0401"),
        ("line: credentials", CREDENTIALS),
        ("line: configuration", CONFIGURATION),
    ],
    "unanswered",
);

fn expected((rows, otherwise): Table, code: &str) -> &'static str {
    let row = rows.iter().find(|(_, codes)| codes.split_whitespace().any(|listed| listed == code));
    row.map_or(otherwise, |(class, _)| class)
}

fn every_code() -> impl Iterator<Item = &'static str> {
    CODES.split_whitespace().chain(UNLISTED.split_whitespace())
}

fn line(fault: AccountFault) -> &'static str {
    match fault {
        AccountFault::Credentials => "line: credentials",
        AccountFault::Configuration => "line: configuration",
    }
}

fn send_class(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Issued(_) => "issued",
        SendOutcome::NotSent => "not sent",
        SendOutcome::LineRefused(fault) => line(*fault),
        SendOutcome::BalanceTooLow => "balance",
        SendOutcome::InputRefused => "input",
        SendOutcome::Duplicate => "duplicate",
        SendOutcome::Unknown => "unknown",
    }
}

fn cancel_class(outcome: CancelOutcome) -> &'static str {
    match outcome {
        CancelOutcome::Cancelled => "cancelled",
        CancelOutcome::NotFound => "not found",
        CancelOutcome::AlreadyUsed => "used",
        CancelOutcome::NotCancellable => "not cancellable",
        CancelOutcome::LineRefused(fault) => line(fault),
        CancelOutcome::Unanswered => "unanswered",
    }
}

fn coupon_class(outcome: &CouponOutcome) -> &'static str {
    match outcome {
        CouponOutcome::Found(_) => "found",
        CouponOutcome::NotFound => "not found",
        CouponOutcome::LineRefused(fault) => line(*fault),
        CouponOutcome::Unanswered => "unanswered",
    }
}

fn balance_class(outcome: BalanceOutcome) -> &'static str {
    match outcome {
        BalanceOutcome::Balance(_) => "balance",
        BalanceOutcome::LineRefused(fault) => line(fault),
        BalanceOutcome::Unanswered => "unanswered",
    }
}

fn resend_class(outcome: ResendOutcome) -> &'static str {
    match outcome {
        ResendOutcome::Accepted => "accepted",
        ResendOutcome::NotFound => "not found",
        ResendOutcome::NothingToResend => "nothing to resend",
        ResendOutcome::Refused => "refused",
        ResendOutcome::LineRefused(fault) => line(fault),
        ResendOutcome::Unanswered => "unanswered",
    }
}

fn failed_send_class(outcome: FailedSendOutcome) -> &'static str {
    match outcome {
        FailedSendOutcome::TakenBack => "taken back",
        FailedSendOutcome::NotFound => "not found",
        FailedSendOutcome::Issued => "issued",
        FailedSendOutcome::LineRefused(fault) => line(fault),
        FailedSendOutcome::Unanswered => "unanswered",
    }
}

fn goods_list_class(outcome: &GoodsListOutcome) -> &'static str {
    match outcome {
        GoodsListOutcome::Page(_) => "listed",
        GoodsListOutcome::PagingRefused => "paging",
        GoodsListOutcome::LineRefused(fault) => line(*fault),
        GoodsListOutcome::Unanswered => "unanswered",
    }
}

fn brand_list_class(outcome: &BrandListOutcome) -> &'static str {
    match outcome {
        BrandListOutcome::List(_) => "listed",
        BrandListOutcome::LineRefused(fault) => line(*fault),
        BrandListOutcome::Unanswered => "unanswered",
    }
}

fn goods_class(outcome: &GoodsOutcome) -> &'static str {
    match outcome {
        GoodsOutcome::Found(_) => "found",
        GoodsOutcome::NotFound => "not found",
        GoodsOutcome::LineRefused(fault) => line(*fault),
        GoodsOutcome::Unanswered => "unanswered",
    }
}

fn brand_class(outcome: &BrandOutcome) -> &'static str {
    match outcome {
        BrandOutcome::Found(_) => "found",
        BrandOutcome::NotFound => "not found",
        BrandOutcome::LineRefused(fault) => line(*fault),
        BrandOutcome::Unanswered => "unanswered",
    }
}

#[test]
fn the_enum_lists_exactly_the_codes_of_the_specification() {
    let listed: Vec<_> = Code::ALL.iter().map(Code::as_str).collect();
    assert_eq!(listed, CODES.split_whitespace().collect::<Vec<_>>());
    for code in UNLISTED.split_whitespace() {
        assert_eq!(Code::from_wire(code), Code::Unlisted(code.to_owned()));
    }
}

#[test]
fn no_table_gives_a_code_two_classes() {
    for (rows, _) in [SEND, CANCEL, COUPON, BALANCE, RESEND, FAILED_SEND, GOODS_LIST, BRAND_LIST, GOODS, BRAND] {
        let listed: Vec<_> = rows.iter().flat_map(|(_, codes)| codes.split_whitespace()).collect();
        for code in &listed {
            assert_eq!(listed.iter().filter(|other| *other == code).count(), 1, "{code}");
            assert!(CODES.contains(code), "{code}");
        }
    }
}

#[test]
fn every_code_of_a_send_means_its_class_in_either_envelope_and_is_the_evidence() {
    for code in every_code() {
        let whole = r#"{"orderNo":"1","pinNo":"2","couponImgUrl":"3"}"#;
        let outer = format!(r#"{{"code":"{code}","result":{{"code":"0000","result":{whole}}}}}"#);
        let inner = format!(r#"{{"code":"0000","result":{{"code":"{code}","result":{whole}}}}}"#);
        for body in [outer, inner] {
            for gubun in [Gubun::Mms, Gubun::Pin, Gubun::BarcodeImage] {
                let reading = SendOutcome::read(gubun, Heard::Body(body.as_bytes()));
                assert_eq!(send_class(&reading.outcome), expected(SEND, code), "{body}");
                assert_eq!(reading.code, Some(Code::from_wire(code)));
            }
        }
    }
}

#[test]
fn every_code_of_a_cancel_means_its_class_flat_and_nested() {
    for code in every_code() {
        for body in [
            format!(r#"{{"code":"{code}","message":"success"}}"#),
            format!(r#"{{"code":"{code}","message":null,"result":null}}"#),
            format!(r#"{{"code":"0000","message":null,"result":{{"code":"{code}","message":"success"}}}}"#),
            format!(r#"{{"result":{{"code":"{code}"}}}}"#),
        ] {
            let reading = CancelOutcome::read(Heard::Body(body.as_bytes()));
            assert_eq!(cancel_class(reading.outcome), expected(CANCEL, code), "{body}");
            assert_eq!(reading.code, Some(Code::from_wire(code)));
        }
        // A failure outside is not mended by a success inside.
        let body = format!(r#"{{"code":"{code}","result":{{"code":"0000"}}}}"#);
        let reading = CancelOutcome::read(Heard::Body(body.as_bytes()));
        assert_eq!(cancel_class(reading.outcome), expected(CANCEL, code), "{body}");
    }
}

#[test]
fn every_code_of_a_look_up_means_its_class_in_either_envelope() {
    for code in every_code() {
        let list = r#""couponInfoList":[{"pinStatusCd":"01"}]"#;
        for body in [
            format!(r#"{{"code":"{code}","result":[{{{list},"resCode":"0000"}}]}}"#),
            format!(r#"{{"code":"0000","result":[{{{list},"resCode":"{code}"}}]}}"#),
        ] {
            let reading = CouponOutcome::read(Heard::Body(body.as_bytes()));
            assert_eq!(coupon_class(&reading.outcome), expected(COUPON, code), "{body}");
            assert_eq!(reading.code, Some(Code::from_wire(code)));
        }
    }
}

#[test]
fn every_code_of_a_balance_means_its_class_in_either_envelope() {
    for code in every_code() {
        for body in [
            format!(r#"{{"code":"{code}","balance":"1"}}"#),
            format!(r#"{{"code":"{code}","result":{{"balance":"1"}}}}"#),
            format!(r#"{{"code":"0000","result":{{"code":"{code}","balance":"1"}}}}"#),
        ] {
            let reading = BalanceOutcome::read(Heard::Body(body.as_bytes()));
            assert_eq!(balance_class(reading.outcome), expected(BALANCE, code), "{body}");
        }
    }
}

#[test]
fn every_code_of_a_resend_means_its_class_flat_and_nested() {
    for code in every_code() {
        for body in [
            format!(r#"{{"code":"{code}","message":null,"result":null}}"#),
            format!(r#"{{"code":"0000","result":{{"code":"{code}","result":null}}}}"#),
        ] {
            let reading = ResendOutcome::read(Heard::Body(body.as_bytes()));
            assert_eq!(resend_class(reading.outcome), expected(RESEND, code), "{body}");
            assert_eq!(reading.code, Some(Code::from_wire(code)));
        }
    }
}

#[test]
fn every_code_of_a_failed_sends_cancel_means_its_class_in_either_envelope() {
    for code in every_code() {
        for body in [
            format!(r#"{{"code":"{code}","result":{{"code":"0000"}}}}"#),
            format!(r#"{{"code":"0000","message":null,"result":{{"code":"{code}","result":null}}}}"#),
        ] {
            let reading = FailedSendOutcome::read(Heard::Body(body.as_bytes()));
            assert_eq!(failed_send_class(reading.outcome), expected(FAILED_SEND, code), "{body}");
            assert_eq!(reading.code, Some(Code::from_wire(code)));
        }
    }
    for body in [r#"{"code":"0000"}"#, r#"{"code":"0000","result":null}"#, r#"{"result":{"code":"0000"}}"#] {
        let outcome = FailedSendOutcome::read(Heard::Body(body.as_bytes())).outcome;
        assert_eq!(outcome, FailedSendOutcome::Unanswered, "{body}");
    }
}

#[test]
fn every_code_of_the_catalogue_means_its_class_in_either_envelope() {
    for code in every_code() {
        let content = r#""goodsList":[],"goodsDetail":{"goodsCode":"G1","brandCode":"B1"}"#;
        for body in [
            format!(r#"{{"code":"{code}","result":{{{content}}}}}"#),
            format!(r#"{{"code":"0000","result":{{"code":"{code}",{content}}}}}"#),
        ] {
            let heard = Heard::Body(body.as_bytes());
            let page = GoodsListOutcome::read(heard);
            assert_eq!(goods_list_class(&page.outcome), expected(GOODS_LIST, code), "0101 {body}");
            let goods = GoodsOutcome::read(heard);
            assert_eq!(goods_class(&goods.outcome), expected(GOODS, code), "0111 {body}");
            let brands = BrandListOutcome::read(heard);
            assert_eq!(brand_list_class(&brands.outcome), expected(BRAND_LIST, code), "0102 {body}");
            let brand = BrandOutcome::read(heard);
            assert_eq!(brand_class(&brand.outcome), expected(BRAND, code), "0112 {body}");
            for seen in [page.code, goods.code, brands.code, brand.code] {
                assert_eq!(seen, Some(Code::from_wire(code)), "{body}");
            }
        }
    }
}

#[test]
fn every_http_status_means_its_class() {
    for status in (100..200).chain([204]).chain(300..600) {
        let (send, refused) = match status {
            401 | 403 => ("line: credentials", true),
            400 | 405 | 414 => ("line: configuration", true),
            _ => ("unknown", false),
        };
        let other = match (refused, status) {
            (true, _) => send,
            (false, 204) => "not found",
            (false, _) => "unanswered",
        };
        let heard = Heard::Status(status);
        assert_eq!(send_class(&SendOutcome::read(Gubun::Mms, heard).outcome), send, "0204 {status}");
        assert_eq!(cancel_class(CancelOutcome::read(heard).outcome), other, "0202 {status}");
        assert_eq!(coupon_class(&CouponOutcome::read(heard).outcome), other, "0201 {status}");
        assert_eq!(resend_class(ResendOutcome::read(heard).outcome), other, "0203 {status}");
        assert_eq!(failed_send_class(FailedSendOutcome::read(heard).outcome), other, "0205 {status}");
        assert_eq!(goods_class(&GoodsOutcome::read(heard).outcome), other, "0111 {status}");
        assert_eq!(brand_class(&BrandOutcome::read(heard).outcome), other, "0112 {status}");
        let listed = if status == 204 { "listed" } else { other };
        assert_eq!(goods_list_class(&GoodsListOutcome::read(heard).outcome), listed, "0101 {status}");
        assert_eq!(brand_list_class(&BrandListOutcome::read(heard).outcome), listed, "0102 {status}");
        let balance = if status == 204 { "unanswered" } else { other };
        assert_eq!(balance_class(BalanceOutcome::read(heard).outcome), balance, "0301 {status}");
    }
}
