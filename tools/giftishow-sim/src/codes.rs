//! The result codes that the service gives, appendix 1 of the specification.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A result code as it appears in an answer, for example `ERR0215`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    pub(crate) const OK: Self = Self::known("0000");
    pub(crate) const NO_SUCH_API: Self = Self::known("E0002");
    pub(crate) const WRONG_API: Self = Self::known("E0007");
    pub(crate) const BAD_AUTH_CODE: Self = Self::known("E0008");
    pub(crate) const BAD_TOKEN: Self = Self::known("E0009");
    pub(crate) const BALANCE_TOO_LOW: Self = Self::known("E0010");
    pub(crate) const NO_AUTH_CODE: Self = Self::known("E0011");
    pub(crate) const NO_TOKEN: Self = Self::known("E0012");
    pub(crate) const NO_DEV_YN: Self = Self::known("E0013");
    pub(crate) const NO_TEST_SERVICE: Self = Self::known("ERR0100");
    pub(crate) const PARAMETER_MISSING: Self = Self::known("ERR0201");
    pub(crate) const NOTHING_TO_RESEND: Self = Self::known("ERR0212");
    pub(crate) const NOT_SENT_YET: Self = Self::known("ERR0213");
    pub(crate) const UNKNOWN_TR_ID: Self = Self::known("ERR0214");
    pub(crate) const DUPLICATE_TR_ID: Self = Self::known("ERR0215");
    pub(crate) const UNKNOWN_MEMBER: Self = Self::known("ERR0300");
    pub(crate) const GOODS_NOT_ON_OFFER: Self = Self::known("ERR0401");
    pub(crate) const CANCEL_FAILED: Self = Self::known("ERR0805");
    pub(crate) const TITLE_TOO_LONG: Self = Self::known("ERR0806");
    pub(crate) const TR_ID_TOO_LONG: Self = Self::known("ERR0807");
    pub(crate) const ALREADY_CANCELLED: Self = Self::known("ERR0808");
    pub(crate) const BAD_PHONE: Self = Self::known("ERR0817");
    pub(crate) const SEND_FAILED: Self = Self::known("ERR0999");
    pub(crate) const BAD_PAGE: Self = Self::known("PAG0001");
    pub(crate) const BAD_PAGE_SIZE: Self = Self::known("PAG0002");
    pub(crate) const BAD_MESSAGE: Self = Self::known("COUPON.0002");
    pub(crate) const BAD_TR_ID: Self = Self::known("COUPON.0004");
    pub(crate) const NO_PHONE: Self = Self::known("COUPON.0005");
    pub(crate) const NOT_CANCELLABLE: Self = Self::known("COUPON.0006");
    pub(crate) const ALREADY_USED: Self = Self::known("COUPON.0007");
    pub(crate) const RESEND_REFUSED: Self = Self::known("COUPON.0009");
    pub(crate) const BAD_CALLBACK_NO: Self = Self::known("COUPON.0010");
    pub(crate) const UNKNOWN_GOODS: Self = Self::known("COUPON.0011");
    pub(crate) const BAD_RESERVED_DATE: Self = Self::known("COUPON.0012");
    pub(crate) const BAD_RESERVED_TIME: Self = Self::known("COUPON.0013");
    pub(crate) const RESERVED_OUT_OF_RANGE: Self = Self::known("COUPON.0014");

    const fn known(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// Any code, listed or not.
    pub(crate) fn any(code: Cow<'static, str>) -> Self {
        Self(code)
    }

    /// The code itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text of our own: the real ones change, so nobody may depend on them.
    pub(crate) fn message(&self) -> &'static str {
        match self.as_str() {
            "0000" => "정상",
            "E0002" => "no such api_code",
            "E0007" => "api_code is for another path",
            "E0008" => "auth code not valid",
            "E0009" => "auth token not valid",
            "E0010" => "잔액 부족",
            "E0011" => "auth code missing",
            "E0012" => "auth token missing",
            "E0013" => "dev_yn missing",
            "ERR0100" => "no test service",
            "ERR0201" => "parameter missing",
            "ERR0212" => "재발송 대상 없음",
            "ERR0213" => "not sent yet",
            "ERR0214" => "tr_id 없음",
            "ERR0215" => "tr_id 중복",
            "ERR0300" => "member unknown",
            "ERR0401" => "not on offer",
            "ERR0805" => "cancel failed",
            "ERR0806" => "title too long",
            "ERR0807" => "tr_id too long",
            "ERR0808" => "취소된 쿠폰",
            "ERR0817" => "phone number not valid",
            "ERR0999" => "발송 실패",
            "PAG0001" => "page not valid",
            "PAG0002" => "page size not valid",
            "COUPON.0002" => "message not valid",
            "COUPON.0004" => "tr_id not valid",
            "COUPON.0005" => "phone number missing",
            "COUPON.0006" => "취소 불가",
            "COUPON.0007" => "사용된 쿠폰",
            "COUPON.0009" => "재전송 불가",
            "COUPON.0010" => "sender number not valid",
            "COUPON.0011" => "goods unknown",
            "COUPON.0012" => "reserved date not valid",
            "COUPON.0013" => "reserved time not valid",
            "COUPON.0014" => "reserved time out of range",
            _ => "오류",
        }
    }
}

impl From<Cow<'static, str>> for Code {
    fn from(code: Cow<'static, str>) -> Self {
        Self::any(code)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
