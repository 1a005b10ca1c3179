//! 0112, one brand (specification 4).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::catalog::Brand;
use crate::catalog::listing::{self, Held};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::limits::ClientLimits;
use crate::types::BrandCode;
use crate::wire::{Heard, Reading};

/// What asking for one brand found.
#[derive(Debug, Clone, PartialEq)]
pub enum BrandOutcome {
    /// The brand.
    Found(Box<Brand>),
    /// There is no such brand: `ERR0401`, HTTP 204.
    NotFound,
    /// Refused because of the line.
    LineRefused(AccountFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl BrandOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        let body = match heard {
            Heard::Fault(fault) => return Reading::faulty(Self::Unanswered, fault),
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        match listing::detail(&body) {
            Held::Unreadable(fault) => Reading::faulty(Self::Unanswered, fault),
            Held::Nothing(code) => Reading { outcome: Self::Unanswered, code, transport: None },
            Held::Failure(code) => Reading::coded(Self::meant(Meanings::of(&code).brand_detail), code),
            Held::Content(content) => Reading::coded(Self::Found(Box::new(content)), Code::Success),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::NotFound => Self::NotFound,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct ReadBrand<'c>(pub(crate) &'c BrandCode);

impl Api for ReadBrand<'_> {
    type Outcome = BrandOutcome;
    const CODE: &'static str = "0112";

    fn path(&self) -> Cow<'static, str> {
        format!("/bizApi/brands/{}", self.0).into()
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

    fn read(&self, heard: Heard<'_>) -> Reading<BrandOutcome> {
        BrandOutcome::read(heard)
    }
}
