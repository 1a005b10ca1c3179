//! Validated values of the wire.
//!
//! A value that exists satisfies its rule, so a request built from such values cannot be refused for its form. Phone
//! numbers, PINs and coupon links have a redacting `Debug` and no `Display`.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A value that does not satisfy its rule. Names the field and the rule, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be {rule}")]
pub struct InvalidValue {
    /// The field's name on the wire, for example `tr_id`.
    pub field: &'static str,
    /// What the field must be, readable after "must be".
    pub rule: &'static str,
}

macro_rules! plain_value {
    ($(#[$meta:meta])* $name:ident, $field:literal, $rule:literal, $valid:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes the value if it satisfies the rule.
            pub fn parse(value: impl Into<String>) -> Result<Self, InvalidValue> {
                let value = value.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&value) {
                    Ok(Self(value))
                } else {
                    Err(InvalidValue { field: $field, rule: $rule })
                }
            }

            /// The value as it goes over the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! redacted_value {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// The value in clear. Whoever calls this takes care that it reaches no log, stream or metric.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }

        impl PartialEq for $name {
            /// In constant time, but for the length.
            fn eq(&self, other: &Self) -> bool {
                self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

plain_value!(
    /// `tr_id`: the transaction id that the caller chooses, unique for ever (specification 8.4).
    ///
    /// 1 to 20 of `A-Z a-z 0-9 _`. The specification allows 25, but the live service has refused more than 20.
    TransactionId,
    "tr_id",
    "1 to 20 ASCII letters, digits or underscores",
    |value| is_word(value, 20, b"_")
);

plain_value!(
    /// `goods_code`: what to send, for example `G00000280811` (specification 1.5 and 8.4). 1 to 20 characters.
    GoodsCode,
    "goods_code",
    "1 to 20 ASCII letters, digits, underscores or hyphens",
    |value| is_word(value, 20, b"_-")
);

plain_value!(
    /// `order_no` of a request: an optional number of the caller's own (specification 8.4). 1 to 50 characters.
    OrderNo,
    "order_no",
    "1 to 50 ASCII letters, digits, underscores or hyphens",
    |value| is_word(value, 50, b"_-")
);

plain_value!(
    /// `brand_code`: a brand, for example `BR00046` (specification 3.5 and 4.4). 1 to 50 characters.
    BrandCode,
    "brand_code",
    "1 to 50 ASCII letters, digits, underscores or hyphens",
    |value| is_word(value, 50, b"_-")
);

plain_value!(
    /// `template_id`: a card made on the service's site (specification 8.4). 1 to 50 characters.
    TemplateId,
    "template_id",
    "1 to 50 ASCII letters, digits, underscores or hyphens",
    |value| is_word(value, 50, b"_-")
);

plain_value!(
    /// `banner_id`: a banner made on the service's site (specification 8.4). 1 to 50 characters.
    BannerId,
    "banner_id",
    "1 to 50 ASCII letters, digits, underscores or hyphens",
    |value| is_word(value, 50, b"_-")
);

plain_value!(
    /// `mms_title`: 1 to 10 characters on one line, not blank (specification 8, with the smaller of its two limits).
    MmsTitle,
    "mms_title",
    "1 to 10 characters on one line",
    |value| is_text(value, 10) && !value.contains(char::is_control)
);

plain_value!(
    /// `mms_msg`: 1 to 1,500 characters, not blank; line breaks and tabs are the only control characters (specification 8.4).
    MmsMessage,
    "mms_msg",
    "1 to 1500 characters",
    |value| is_text(value, 1_500)
        && !value.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
);

redacted_value!(
    /// `phone_no`: the recipient's number, 9 to 11 digits beginning with 0, without hyphens (specification 8.4).
    PhoneNumber
);

redacted_value!(
    /// `pinNo`: the coupon's number. Whoever knows it can spend the coupon (specification 8.5).
    Pin
);

redacted_value!(
    /// `couponImgUrl`: where the coupon's image is. Whoever knows it can spend the coupon (specification 8.5).
    CouponImageUrl
);

redacted_value!(
    /// `recverTelNo`: the number that a coupon was sent to, as answered; not necessarily well-formed (specification 5.5).
    RecipientNumber
);

impl PhoneNumber {
    /// Takes the number if it satisfies the rule.
    pub fn parse(value: impl Into<String>) -> Result<Self, InvalidValue> {
        let value = value.into();
        let digits_only = value.bytes().all(|byte| byte.is_ascii_digit());
        if digits_only && (9..=11).contains(&value.len()) && value.starts_with('0') {
            Ok(Self(value.into()))
        } else {
            Err(InvalidValue { field: "phone_no", rule: "9 to 11 digits beginning with 0" })
        }
    }
}

impl RecipientNumber {
    /// Whether this is the given number. Hyphens and blanks do not count.
    pub fn is(&self, phone_no: &PhoneNumber) -> bool {
        let written: Vec<_> = self.expose().bytes().filter(|byte| !matches!(byte, b'-' | b' ')).collect();
        written.ct_eq(phone_no.expose().as_bytes()).into()
    }
}

macro_rules! received {
    ($($name:ident)*) => {
        $(impl $name {
            pub(crate) fn received(value: String) -> Self {
                Self(value.into())
            }
        })*
    };
}
received!(OrderNo Pin CouponImageUrl RecipientNumber);

/// How a coupon reaches the user: `gubun` (specification 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gubun {
    /// `Y`: the answer carries the PIN; the caller delivers it.
    Pin,
    /// `N`: Giftishow sends an MMS to the phone.
    Mms,
    /// `I`: the answer carries the PIN and a link to the barcode's image; the caller delivers it.
    BarcodeImage,
}

impl Gubun {
    /// The letter of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pin => "Y",
            Self::Mms => "N",
            Self::BarcodeImage => "I",
        }
    }

    /// Reads the letter of the wire.
    pub fn parse(letter: &str) -> Result<Self, InvalidValue> {
        match letter {
            "Y" => Ok(Self::Pin),
            "N" => Ok(Self::Mms),
            "I" => Ok(Self::BarcodeImage),
            _ => Err(InvalidValue { field: "gubun", rule: "Y, N or I" }),
        }
    }
}

/// An amount in whole won. A balance can be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Won(pub i64);

fn is_word(value: &str, max: usize, extra: &[u8]) -> bool {
    (1..=max).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
}

fn is_text(value: &str, max: usize) -> bool {
    !value.trim().is_empty() && value.chars().count() <= max
}
