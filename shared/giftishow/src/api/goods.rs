//! 0101, a page of the goods (specification 1).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::catalog::listing::{self, Held};
use crate::catalog::{Goods, Listing};
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
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
    LineRefused(LineFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl GoodsListOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        let body = match heard {
            Heard::Fault(fault) => return Reading::faulty(Self::Unanswered, fault),
            Heard::Status(204) => return Reading::uncoded(Self::Page(Listing::empty())),
            Heard::Status(status) => {
                let fault = LineFault::from_http_status(status);
                return Reading::uncoded(fault.map_or(Self::Unanswered, Self::LineRefused));
            }
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        match listing::list(&body) {
            Held::Unreadable(fault) => Reading::faulty(Self::Unanswered, fault),
            Held::Nothing(code) => Reading { outcome: Self::Unanswered, code, transport: None },
            Held::Failure(code) => Reading::coded(failed(&code), code),
            Held::Content(content) => Reading::coded(Self::Page(content), Code::Success),
        }
    }
}

/// What a code means that stands where `0000` should.
fn failed(code: &Code) -> GoodsListOutcome {
    use Code as C;
    match code {
        C::Pag0001 | C::Pag0002 => GoodsListOutcome::PagingRefused,
        credentials_refused!() => GoodsListOutcome::LineRefused(LineFault::Credentials),
        configuration_refused!() => GoodsListOutcome::LineRefused(LineFault::Configuration),
        C::Success
        | C::E0010
        | C::E9999
        | C::Err0000
        | C::Err0005
        | C::Err0008
        | C::Err0201
        | C::Err0208
        | C::Err0209
        | C::Err0212
        | C::Err0213
        | C::Err0214
        | C::Err0215
        | C::Err0217
        | C::Err0401
        | C::Err0800
        | C::Err0803
        | C::Err0804
        | C::Err0805
        | C::Err0806
        | C::Err0807
        | C::Err0808
        | C::Err0817
        | C::Err0999
        | C::Coupon0001
        | C::Coupon0002
        | C::Coupon0003
        | C::Coupon0004
        | C::Coupon0005
        | C::Coupon0006
        | C::Coupon0007
        | C::Coupon0008
        | C::Coupon0009
        | C::Coupon0010
        | C::Coupon0011
        | C::Coupon0012
        | C::Coupon0013
        | C::Coupon0014
        | C::Coupon0015
        | C::Unlisted(_) => GoodsListOutcome::Unanswered,
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
