//! What Giftishow says, as it comes over the wire. The lists are those of the design, kept apart from the client's.

use giftishow::{Gubun, TransportFault};

use super::{Coupon, Said};
use crate::random::Random;

/// Codes by which 0204 says that it issued nothing because of what was asked.
const INPUT: &[&str] = &[
    "ERR0201",
    "ERR0401",
    "ERR0806",
    "ERR0807",
    "ERR0817",
    "COUPON.0001",
    "COUPON.0002",
    "COUPON.0003",
    "COUPON.0004",
    "COUPON.0005",
    "COUPON.0011",
    "COUPON.0012",
    "COUPON.0013",
    "COUPON.0014",
];
/// Codes by which every API says that it did nothing because of who asks and how.
const LINE: &[&str] =
    &["E0002", "E0006", "E0007", "E0008", "E0009", "E0011", "E0012", "E0013", "ERR0100", "ERR0300", "ERR0301"];
/// HTTP statuses that say the same.
const LINE_STATUSES: &[u16] = &[400, 401, 403, 405, 414];
/// Codes that say nothing of what was done, to whichever API: errors without a name, and codes that nobody has listed.
const UNCLEAR: &[&str] = &[
    "E9999",
    "ERR0000",
    "ERR0005",
    "ERR0008",
    "ERR0208",
    "ERR0209",
    "ERR0800",
    "ERR0803",
    "ERR0804",
    "ERR0805",
    "ERR0999",
    "PAG0001",
    "COUPON.0009",
    "000",
    "00000",
    "0001",
    "E0099",
    "ERR9999",
    "COUPON.0099",
    "success",
    " 0000",
];
/// HTTP statuses that say nothing of what was done.
const UNCLEAR_STATUSES: &[u16] = &[301, 302, 404, 408, 429, 500, 502, 503, 504];
/// Bodies that say nothing of what was done.
const UNCLEAR_BODIES: &[&str] = &[
    "",
    "null",
    "[]",
    "{}",
    "0000",
    "\"0000\"",
    "<html><body><h1>502 Bad Gateway</h1></body></html>",
    r#"{"code":"0000","message":null,"result":{"#,
    r#"{"code":null,"message":null,"result":null}"#,
    r#"{"code":"0000","message":null,"result":{"message":"ok"}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":"ok","result":null}"#,
    r#"{"message":"정상처리"}"#,
    r#"["0000"]"#,
];
/// Bodies that say nothing of what was done, to a send: outside all is well, and the proof of a coupon is missing.
const UNCLEAR_TO_SEND: &[&str] = &[
    r#"{"code":"0000","message":"정상처리"}"#,
    r#"{"code":"0000","message":null,"result":null}"#,
    r#"{"code":"0000","message":null,"result":{}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":null}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":{}}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":{"orderNo":null}}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":{"orderNo":" "}}}"#,
    r#"{"code":"0000","message":null,"result":{"code":"0000","message":null,"result":{"pinNo":"0"}}}"#,
    r#"{"code":"0000","message":null,"result":{"orderNo":"20261122000001"}}"#,
];
/// States of a coupon that only a person can judge.
pub(super) const ODD_STATES: &[&str] = &["03", "04", "05", "08", "13", "21", "23", "24", "99", ""];

const BROKEN: &[TransportFault] =
    &[TransportFault::Deadline, TransportFault::Broken, TransportFault::BodyTooLarge, TransportFault::BodyUnreadable];

fn flat(code: &str) -> Said {
    Said::Body(format!(r#"{{"code":"{code}","message":null}}"#))
}

fn nested(code: &str) -> Said {
    Said::Body(format!(r#"{{"code":"0000","message":null,"result":{{"code":"{code}","message":null,"result":null}}}}"#))
}

/// A code outside, or inside an envelope that says `0000`.
fn either(code: &str, random: &mut Random) -> Said {
    if random.once_in(2) { flat(code) } else { nested(code) }
}

pub(crate) fn issued(number: usize, gubun: Gubun) -> Said {
    let pin = match gubun {
        Gubun::Mms => "",
        Gubun::Pin => r#","pinNo":"000000000000""#,
        Gubun::BarcodeImage => r#","pinNo":"000000000000","couponImgUrl":"https://127.0.0.1/coupon.png""#,
    };
    Said::Body(format!(
        r#"{{"code":"0000","message":null,"result":{{"code":"0000","message":null,"result":{{"orderNo":"20261122{number:06}"{pin}}}}}}}"#
    ))
}

/// 0301.
pub(crate) fn balance(won: u64) -> Said {
    Said::Body(format!(r#"{{"result":{{"balance":"{won}"}}}}"#))
}

pub(super) fn duplicate(random: &mut Random) -> Said {
    let code = random.one(&["ERR0215", "COUPON.0015"]);
    either(code, random)
}

pub(crate) fn low_balance(random: &mut Random) -> Said {
    either("E0010", random)
}

pub(crate) fn input_refused(random: &mut Random) -> Said {
    let code = random.one(INPUT);
    either(code, random)
}

pub(crate) fn line_refused(random: &mut Random) -> Said {
    if random.once_in(4) {
        return Said::Status(random.one(LINE_STATUSES));
    }
    let code = random.one(LINE);
    either(code, random)
}

/// Says nothing of what was done, whichever API was asked.
pub(crate) fn garbled(random: &mut Random) -> Said {
    match random.index(8) {
        0 => Said::Fault(random.one(BROKEN)),
        1 => Said::Status(random.one(UNCLEAR_STATUSES)),
        2 | 3 => Said::Body(random.one(UNCLEAR_BODIES).to_owned()),
        _ => {
            let code = random.one(UNCLEAR);
            either(code, random)
        }
    }
}

/// Says nothing of what a send did. `true_answer` may come in part.
pub(crate) fn unclear(true_answer: Option<&Said>, random: &mut Random) -> Said {
    match (random.index(8), true_answer) {
        (0, Some(Said::Body(body))) => Said::Body(body[..random.index(body.len())].to_owned()),
        (0, _) => Said::Status(204),
        (1 | 2, _) => Said::Body(random.one(UNCLEAR_TO_SEND).to_owned()),
        _ => garbled(random),
    }
}

pub(super) fn no_such_tr_id(random: &mut Random) -> Said {
    match random.one(&["ERR0214", "COUPON.0004", ""]) {
        "" => Said::Status(204),
        code => either(code, random),
    }
}

pub(super) fn cancelled(random: &mut Random) -> Said {
    either("0000", random)
}

pub(super) fn cancelled_before(random: &mut Random) -> Said {
    let code = random.one(&["ERR0808", "COUPON.0008", "0000"]);
    either(code, random)
}

pub(super) fn used() -> Said {
    flat("COUPON.0007")
}

pub(super) fn not_cancellable() -> Said {
    flat("COUPON.0006")
}

pub(super) fn coupon(coupon: &Coupon, status: &str) -> Said {
    let Coupon { goods, phone, .. } = coupon;
    Said::Body(format!(
        r#"{{"code":"0000","message":null,"result":[{{"couponInfoList":[{{"goodsCd":"{goods}","pinStatusCd":"{status}","recverTelNo":"{phone}","sellPriceAmt":"4230","cnsmPriceAmt":"4500"}}],"resCode":"0000","resMsg":"ok"}}]}}"#
    ))
}

pub(crate) fn nothing_found(random: &mut Random) -> Said {
    match random.index(4) {
        0 => Said::Status(204),
        1 => Said::Body(r#"{"code":"0000","message":null,"result":[]}"#.to_owned()),
        2 => Said::Body(
            r#"{"code":"0000","message":null,"result":[{"couponInfoList":[],"resCode":"0000","resMsg":"ok"}]}"#
                .to_owned(),
        ),
        _ => flat(random.one(&["ERR0214", "COUPON.0004"])),
    }
}

#[cfg(test)]
mod tests {
    use giftishow::{CancelOutcome, CouponOutcome, SendOutcome};

    use super::*;

    /// The vendor may not promise more than it means: what it says of nothing must be read as nothing.
    #[test]
    fn what_says_nothing_is_read_as_no_answer_by_every_api() {
        let mut random = Random::of(1, 0);
        for _ in 0..20_000 {
            let said = garbled(&mut random);
            assert_eq!(SendOutcome::read(Gubun::Mms, said.heard()).outcome, SendOutcome::Unknown, "{said:?}");
            assert_eq!(CouponOutcome::read(said.heard()).outcome, CouponOutcome::Unanswered, "{said:?}");
            assert_eq!(CancelOutcome::read(said.heard()).outcome, CancelOutcome::Unanswered, "{said:?}");
            let said = unclear(Some(&issued(1, Gubun::Mms)), &mut random);
            assert_eq!(SendOutcome::read(Gubun::Mms, said.heard()).outcome, SendOutcome::Unknown, "{said:?}");
        }
    }
}
