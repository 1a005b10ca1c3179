//! The operations of the service: the nine of V0.0.95, and 0205 of later specifications.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One operation, written as its `api_code` ("0204").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Api {
    /// Goods, page by page, section 1.
    #[serde(rename = "0101")]
    Goods,
    /// Brands, section 3.
    #[serde(rename = "0102")]
    Brands,
    /// One product, section 2.
    #[serde(rename = "0111")]
    GoodsDetail,
    /// One brand, section 4.
    #[serde(rename = "0112")]
    BrandDetail,
    /// State of a coupon, section 5.
    #[serde(rename = "0201")]
    Lookup,
    /// Cancel a coupon, section 6.
    #[serde(rename = "0202")]
    Cancel,
    /// Send a coupon's message again, section 7.
    #[serde(rename = "0203")]
    Resend,
    /// Issue a coupon, section 8.
    #[serde(rename = "0204")]
    Send,
    /// Give the money of a send back that issued nothing. Not in V0.0.95.
    #[serde(rename = "0205")]
    FailedSendCancel,
    /// Balance of the account, section 9.
    #[serde(rename = "0301")]
    Balance,
}

impl Api {
    /// Every operation, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Goods,
        Self::Brands,
        Self::GoodsDetail,
        Self::BrandDetail,
        Self::Lookup,
        Self::Cancel,
        Self::Resend,
        Self::Send,
        Self::FailedSendCancel,
        Self::Balance,
    ];

    /// The `api_code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Goods => "0101",
            Self::Brands => "0102",
            Self::GoodsDetail => "0111",
            Self::BrandDetail => "0112",
            Self::Lookup => "0201",
            Self::Cancel => "0202",
            Self::Resend => "0203",
            Self::Send => "0204",
            Self::FailedSendCancel => "0205",
            Self::Balance => "0301",
        }
    }

    /// The path it is served at. Those of 0111 and 0112 end with a slash: the code of the product or the brand comes after it.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Goods => "/bizApi/goods",
            Self::Brands => "/bizApi/brands",
            Self::GoodsDetail => "/bizApi/goods/",
            Self::BrandDetail => "/bizApi/brands/",
            Self::Lookup => "/bizApi/coupons",
            Self::Cancel => "/bizApi/cancel",
            Self::Resend => "/bizApi/resend",
            Self::Send => "/bizApi/send",
            Self::FailedSendCancel => "/bizApi/sendFail/cancel",
            Self::Balance => "/bizApi/bizmoney",
        }
    }

    /// Whether it changes nothing, so that "before" and "after" its effect are the same.
    pub const fn only_reads(self) -> bool {
        match self {
            Self::Goods | Self::Brands | Self::GoodsDetail | Self::BrandDetail | Self::Lookup | Self::Balance => true,
            Self::Cancel | Self::Resend | Self::Send | Self::FailedSendCancel => false,
        }
    }

    /// Whether it asks for the member (`user_id`).
    pub(crate) const fn asks_for_member(self) -> bool {
        matches!(self, Self::Cancel | Self::Resend | Self::Send | Self::FailedSendCancel | Self::Balance)
    }

    /// The operation at a path, and the code at the path's end if the operation takes one.
    pub(crate) fn at(path: &str) -> Option<(Self, Option<&str>)> {
        if let Some(api) = Self::ALL.into_iter().find(|api| !api.path().ends_with('/') && api.path() == path) {
            return Some((api, None));
        }
        let mut coded = Self::ALL.into_iter().filter(|api| api.path().ends_with('/'));
        coded.find_map(|api| Some((api, Some(path.strip_prefix(api.path())?))))
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
