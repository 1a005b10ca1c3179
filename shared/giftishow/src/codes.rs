//! The codes of the wire.
//!
//! Codes decide, messages never do. One enum holds every code of the specification's appendix 1 and those seen live; what each
//! means to which API is the table of [`appendix`](crate::appendix).

use std::fmt;

/// Longest text that is kept of a code that is not listed.
const UNLISTED_MAX: usize = 16;

macro_rules! wire_codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }
        otherwise $(#[$other_doc:meta])* $other:ident
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            $(#[$other_doc])*
            $other(String),
        }

        impl $name {
            /// Every listed one, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Reads what came over the wire: exact, case-sensitive.
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::$other($crate::codes::plain(text)),
                }
            }

            /// The text of the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::$other(text) => text,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use wire_codes;

wire_codes! {
    /// A result code (specification, appendix 1), in the outer or the inner envelope.
    pub enum Code {
        /// Done. In the outer envelope alone it does not mean that a coupon was issued.
        Success = "0000",
        /// The `api_code` does not exist.
        E0002 = "E0002",
        /// Not in V0.0.95, seen live: the key is not active, or key and token do not belong together.
        E0006 = "E0006",
        /// The `api_code` does not fit the address.
        E0007 = "E0007",
        /// `custom_auth_code` is not valid.
        E0008 = "E0008",
        /// `custom_auth_token` is not valid.
        E0009 = "E0009",
        /// The prepaid balance is too low.
        E0010 = "E0010",
        /// `custom_auth_code` is missing.
        E0011 = "E0011",
        /// `custom_auth_token` is missing.
        E0012 = "E0012",
        /// `dev_yn` is missing.
        E0013 = "E0013",
        /// An error without a name.
        E9999 = "E9999",
        /// An unknown error.
        Err0000 = "ERR0000",
        /// Their database failed.
        Err0005 = "ERR0005",
        /// Their SQL failed.
        Err0008 = "ERR0008",
        /// The development service cannot be used.
        Err0100 = "ERR0100",
        /// A required parameter is missing; also the answer to a body that is not form-encoded.
        Err0201 = "ERR0201",
        /// Something failed while ordering.
        Err0208 = "ERR0208",
        /// Something failed with the order's message.
        Err0209 = "ERR0209",
        /// There is no MMS to send again.
        Err0212 = "ERR0212",
        /// There is no MMS to send again.
        Err0213 = "ERR0213",
        /// There is no such `tr_id`.
        Err0214 = "ERR0214",
        /// The `tr_id` was used before: proof that an earlier request arrived.
        Err0215 = "ERR0215",
        /// The MMS number cannot be changed.
        Err0217 = "ERR0217",
        /// The account could not be looked up.
        Err0300 = "ERR0300",
        /// The account has not signed up for the API.
        Err0301 = "ERR0301",
        /// There are no such goods.
        Err0401 = "ERR0401",
        /// The balance could not be read.
        Err0800 = "ERR0800",
        /// The balance could not be debited.
        Err0803 = "ERR0803",
        /// The balance could not be credited.
        Err0804 = "ERR0804",
        /// Cancelling failed.
        Err0805 = "ERR0805",
        /// The title is too long.
        Err0806 = "ERR0806",
        /// The `tr_id` is too long.
        Err0807 = "ERR0807",
        /// The coupon was cancelled before.
        Err0808 = "ERR0808",
        /// The recipient's number is wrong.
        Err0817 = "ERR0817",
        /// Sending the coupon failed somewhere.
        Err0999 = "ERR0999",
        /// Paging failed.
        Pag0001 = "PAG0001",
        /// Paging failed.
        Pag0002 = "PAG0002",
        /// The title is not valid.
        Coupon0001 = "COUPON.0001",
        /// The message is not valid.
        Coupon0002 = "COUPON.0002",
        /// The `tr_id` is too long.
        Coupon0003 = "COUPON.0003",
        /// The `tr_id` is not valid.
        Coupon0004 = "COUPON.0004",
        /// `phone_no` is missing.
        Coupon0005 = "COUPON.0005",
        /// The coupon cannot be cancelled.
        Coupon0006 = "COUPON.0006",
        /// The coupon was used, so it cannot be cancelled.
        Coupon0007 = "COUPON.0007",
        /// The coupon was cancelled before.
        Coupon0008 = "COUPON.0008",
        /// Sending the coupon again failed.
        Coupon0009 = "COUPON.0009",
        /// `callback_no` is not valid.
        Coupon0010 = "COUPON.0010",
        /// `goods_code` is not valid.
        Coupon0011 = "COUPON.0011",
        /// The reserved date is wrong.
        Coupon0012 = "COUPON.0012",
        /// The reserved time is wrong.
        Coupon0013 = "COUPON.0013",
        /// The reserved date is too near or too far.
        Coupon0014 = "COUPON.0014",
        /// The `tr_id` was used before: proof that an earlier request arrived.
        Coupon0015 = "COUPON.0015",
    }
    otherwise
    /// Any other code. Kept only if it looks like one, so that nothing else of an answer can slip into a log.
    Unlisted
}

/// What of an unlisted code is kept: itself if it is a short plain word, otherwise a marker.
pub(crate) fn plain(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if text.len() <= UNLISTED_MAX && text.bytes().all(plain) { text.to_owned() } else { "(malformed)".to_owned() }
}

/// What is wrong with the way to Giftishow as a whole. Nothing was done with the request; every other request would fare
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountFault {
    /// The secret or the account behind it: `E0006 E0008 E0009 E0011 E0012 ERR0300 ERR0301`, HTTP 401 403.
    Credentials,
    /// How this program speaks: `E0002 E0007 E0013 ERR0100`, to a send `COUPON.0010`, HTTP 400 405 414.
    Configuration,
}

impl AccountFault {
    /// A short name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Configuration => "configuration",
        }
    }
}

impl fmt::Display for AccountFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
