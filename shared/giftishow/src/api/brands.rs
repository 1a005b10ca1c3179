//! 0102, all brands (specification 3).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::catalog::listing::{self, Held};
use crate::catalog::{Brand, Listing};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::limits::ClientLimits;
use crate::wire::{Heard, Reading};

/// What the list of brands holds.
#[derive(Debug, Clone, PartialEq)]
pub enum BrandListOutcome {
    /// All brands; none for HTTP 204.
    List(Listing<Brand>),
    /// Refused because of the line.
    LineRefused(AccountFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl BrandListOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        let body = match heard {
            Heard::Fault(fault) => return Reading::faulty(Self::Unanswered, fault),
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        match listing::list(&body) {
            Held::Unreadable(fault) => Reading::faulty(Self::Unanswered, fault),
            Held::Nothing(code) => Reading { outcome: Self::Unanswered, code, transport: None },
            Held::Failure(code) => Reading::coded(Self::meant(Meanings::of(&code).brands), code),
            Held::Content(content) => Reading::coded(Self::List(content), Code::Success),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::NotFound => Self::List(Listing::empty()),
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct ListBrands;

impl Api for ListBrands {
    type Outcome = BrandListOutcome;
    const CODE: &'static str = "0102";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/brands".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.catalog_timeout
    }

    fn body_limit_bytes(limits: &ClientLimits) -> usize {
        limits.catalog_body_limit_bytes
    }

    fn parameters<'a>(&'a self, _: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        Vec::new()
    }

    fn read(&self, heard: Heard<'_>) -> Reading<BrandListOutcome> {
        BrandListOutcome::read(heard)
    }
}
