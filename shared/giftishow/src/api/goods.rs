//! 0101, a page of the goods (specification 1).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::catalog::listing::{self, Held};
use crate::catalog::{Goods, Listing};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::limits::ClientLimits;
use crate::types::InvalidValue;
use crate::wire::{Heard, Reading};

/// Which page of the goods (specification 1.4). Cannot be built outside its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageRequest {
    number: u32,
    size: u32,
}

impl PageRequest {
    /// The most items of a page that were seen to be accepted.
    pub const MAX_SIZE: u32 = 5_000;

    /// `start`, the page's number from 1, and `size`, its most items, 1 to 5,000.
    pub fn new(number: u32, size: u32) -> Result<Self, InvalidValue> {
        if number == 0 {
            return Err(InvalidValue { field: "start", rule: "at least 1: it numbers pages, not items" });
        }
        if !(1..=Self::MAX_SIZE).contains(&size) {
            return Err(InvalidValue { field: "size", rule: "1 to 5000" });
        }
        Ok(Self { number, size })
    }

    /// The page's number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The most items of the page.
    pub fn size(self) -> u32 {
        self.size
    }

    /// The page after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }
}

/// What a page of the goods holds.
#[derive(Debug, Clone, PartialEq)]
pub enum GoodsListOutcome {
    /// The page; beyond the last one, and for HTTP 204, an empty one. A single empty page was seen in the middle.
    Page(Listing<Goods>),
    /// `PAG0001 PAG0002`: there is no such page, or it cannot be made. Whatever was read so far is not the whole catalogue.
    PagingRefused,
    /// Refused because of the line.
    LineRefused(AccountFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl GoodsListOutcome {
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
            Held::Failure(code) => Reading::coded(Self::meant(Meanings::of(&code).goods), code),
            Held::Content(content) => Reading::coded(Self::Page(content), Code::Success),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::NotFound => Self::Page(Listing::empty()),
            Meaning::Paging => Self::PagingRefused,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct ListGoods {
    start: String,
    size: String,
}

impl ListGoods {
    pub(crate) fn new(page: PageRequest) -> Self {
        Self { start: page.number.to_string(), size: page.size.to_string() }
    }
}

impl Api for ListGoods {
    type Outcome = GoodsListOutcome;
    const CODE: &'static str = "0101";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/goods".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.catalog_timeout
    }

    fn body_limit_bytes(limits: &ClientLimits) -> usize {
        limits.catalog_body_limit_bytes
    }

    fn parameters<'a>(&'a self, _: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("start", &self.start), ("size", &self.size)]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<GoodsListOutcome> {
        GoodsListOutcome::read(heard)
    }
}
