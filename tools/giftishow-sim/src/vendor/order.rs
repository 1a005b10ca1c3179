//! Reading the parameters of 0204 as strictly as the specification (section 8.4) and the live service do.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::korea;
use crate::codes::Code;
use crate::params::Params;
use crate::private::Private;

/// The specification says 25; the live service refused 21.
const TR_ID_BYTES_MAX: usize = 20;
const TITLE_CHARS_MAX: usize = 10;
/// No limit is confirmed; this is the one that callers are told to keep.
const MESSAGE_CHARS_MAX: usize = 1_500;

/// A request to issue that is in order by itself. Goods, duplicates and money are still to be looked at.
pub(super) struct Order {
    pub(super) tr_id: String,
    pub(super) goods_code: String,
    pub(super) phone: Private,
    pub(super) gubun: Gubun,
    pub(super) reserved_for: Option<Timestamp>,
    pub(super) template_id: Option<String>,
    pub(super) banner_id: Option<String>,
}

/// How the coupon is delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gubun {
    Mms,
    Pin,
    Image,
}

impl Gubun {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Mms => "N",
            Self::Pin => "Y",
            Self::Image => "I",
        }
    }
}

impl Order {
    /// Missing parameters come first, then what they hold.
    pub(super) fn read(params: &Params, callback_no: &str, now: Timestamp) -> Result<Self, Code> {
        let required = |name| params.get(name).ok_or(Code::PARAMETER_MISSING);
        let goods_code = required("goods_code")?;
        let message = required("mms_msg")?;
        let title = required("mms_title")?;
        let tr_id = required("tr_id")?;
        let gubun = required("gubun")?;
        let sender = params.get("callback_no").ok_or(Code::BAD_CALLBACK_NO)?;
        let phone = params.get("phone_no").ok_or(Code::NO_PHONE)?;

        check_tr_id(tr_id)?;
        if title.chars().count() > TITLE_CHARS_MAX {
            return Err(Code::TITLE_TOO_LONG);
        }
        if message.chars().count() > MESSAGE_CHARS_MAX {
            return Err(Code::BAD_MESSAGE);
        }
        if sender != callback_no {
            return Err(Code::BAD_CALLBACK_NO);
        }
        if !is_mobile(phone) {
            return Err(Code::BAD_PHONE);
        }
        let reserved_for = reservation(params, now)?;
        Ok(Self {
            tr_id: tr_id.to_owned(),
            goods_code: goods_code.to_owned(),
            phone: Private::new(phone),
            gubun: match gubun {
                "N" => Gubun::Mms,
                "Y" => Gubun::Pin,
                "I" => Gubun::Image,
                // The lists hold no code for a wrong `gubun`; a mandatory parameter without a usable value is as good as missing.
                _ => return Err(Code::PARAMETER_MISSING),
            },
            reserved_for,
            template_id: params.get("template_id").map(str::to_owned),
            banner_id: params.get("banner_id").map(str::to_owned),
        })
    }
}

fn check_tr_id(tr_id: &str) -> Result<(), Code> {
    if tr_id.len() > TR_ID_BYTES_MAX {
        return Err(Code::TR_ID_TOO_LONG);
    }
    let fine = tr_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fine { Ok(()) } else { Err(Code::BAD_TR_ID) }
}

fn is_mobile(phone: &str) -> bool {
    (10..=11).contains(&phone.len()) && phone.starts_with("01") && phone.bytes().all(|byte| byte.is_ascii_digit())
}

/// A reserved send must lie 5 minutes to 90 days ahead, in Korean time.
fn reservation(params: &Params, now: Timestamp) -> Result<Option<Timestamp>, Code> {
    match params.get("rev_info_yn") {
        None | Some("N") => return Ok(None),
        Some("Y") => {}
        Some(_) => return Err(Code::BAD_RESERVED_DATE),
    }
    let digits = |name, length| {
        let text = params.get(name)?;
        (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
    };
    let date = digits("rev_info_date", 8).and_then(|text| Date::strptime("%Y%m%d", text).ok());
    let date = date.ok_or(Code::BAD_RESERVED_DATE)?;
    let time = digits("rev_info_time", 4).and_then(|text| Time::strptime("%H%M", text).ok());
    let time = time.ok_or(Code::BAD_RESERVED_TIME)?;
    let at = date.to_datetime(time).to_zoned(korea()).map_err(|_| Code::RESERVED_OUT_OF_RANGE)?.timestamp();
    let ahead = at.duration_since(now);
    if (SignedDuration::from_mins(5)..=SignedDuration::from_hours(90 * 24)).contains(&ahead) {
        Ok(Some(at))
    } else {
        Err(Code::RESERVED_OUT_OF_RANGE)
    }
}
