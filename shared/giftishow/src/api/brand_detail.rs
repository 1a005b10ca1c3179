//! 0112, one brand (specification 4).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::catalog::Brand;
use crate::catalog::listing::{self, Held};
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
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
    LineRefused(LineFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl BrandOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        let body = match heard {
            Heard::Fault(fault) => return Reading::faulty(Self::Unanswered, fault),
            Heard::Status(204) => return Reading::uncoded(Self::NotFound),
            Heard::Status(status) => {
                let fault = LineFault::from_http_status(status);
                return Reading::uncoded(fault.map_or(Self::Unanswered, Self::LineRefused));
            }
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        match listing::detail(&body) {
            Held::Unreadable(fault) => Reading::faulty(Self::Unanswered, fault),
            Held::Nothing(code) => Reading { outcome: Self::Unanswered, code, transport: None },
            Held::Failure(code) => Reading::coded(failed(&code), code),
            Held::Content(content) => Reading::coded(Self::Found(Box::new(content)), Code::Success),
        }
    }
}

/// What a code means that stands where `0000` should.
fn failed(code: &Code) -> BrandOutcome {
    use Code as C;
    match code {
        C::Err0401 => BrandOutcome::NotFound,
        credentials_refused!() => BrandOutcome::LineRefused(LineFault::Credentials),
        configuration_refused!() => BrandOutcome::LineRefused(LineFault::Configuration),
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
        | C::Err0800
        | C::Err0803
        | C::Err0804
        | C::Err0805
        | C::Err0806
        | C::Err0807
        | C::Err0808
        | C::Err0817
        | C::Err0999
        | C::Pag0001
        | C::Pag0002
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
        | C::Unlisted(_) => BrandOutcome::Unanswered,
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
