//! The operations of the service that are answered here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One operation, written as its `api_code` ("0204").
///
/// Another one of the specification's nine is a variant and a line in each of the three functions below,
/// plus what it does in `vendor` and how it is written in `wire`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Api {
    /// State of a coupon, section 5.
    #[serde(rename = "0201")]
    Lookup,
    /// Cancel a coupon, section 6.
    #[serde(rename = "0202")]
    Cancel,
    /// Issue a coupon, section 8.
    #[serde(rename = "0204")]
    Send,
    /// Balance of the account, section 9.
    #[serde(rename = "0301")]
    Balance,
}

impl Api {
    /// Every operation served.
    pub const ALL: [Self; 4] = [Self::Lookup, Self::Cancel, Self::Send, Self::Balance];

    /// Codes that the service knows, served here or not: one of them at the wrong path is a mismatch, any other does not exist.
    pub(crate) const KNOWN_CODES: [&'static str; 10] =
        ["0101", "0102", "0111", "0112", "0201", "0202", "0203", "0204", "0205", "0301"];

    /// The `api_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lookup => "0201",
            Self::Cancel => "0202",
            Self::Send => "0204",
            Self::Balance => "0301",
        }
    }

    /// The path it is served at.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Lookup => "/bizApi/coupons",
            Self::Cancel => "/bizApi/cancel",
            Self::Send => "/bizApi/send",
            Self::Balance => "/bizApi/bizmoney",
        }
    }

    pub(crate) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.path() == path)
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
