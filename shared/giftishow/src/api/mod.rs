//! One module per API. Each says its address, its parameters and its outcomes; what every code means to it is its column of
//! [`appendix`](crate::appendix).

pub(crate) mod balance;
pub(crate) mod brand_detail;
pub(crate) mod brands;
pub(crate) mod cancel;
pub(crate) mod coupon;
pub(crate) mod failed_send;
pub(crate) mod goods;
pub(crate) mod goods_detail;
pub(crate) mod resend;
pub(crate) mod send;

use std::borrow::Cow;
use std::time::Duration;

use crate::credentials::Credentials;
use crate::limits::ClientLimits;
use crate::wire::{Heard, Reading};

/// One request to one API.
pub(crate) trait Api {
    /// What the caller decides on: one variant per decision.
    type Outcome;
    /// `api_code`.
    const CODE: &'static str;

    /// The path below the base URL.
    fn path(&self) -> Cow<'static, str>;
    /// The time from before connecting to the last byte.
    fn deadline(limits: &ClientLimits) -> Duration;
    /// The longest body that is read, in bytes.
    fn body_limit_bytes(limits: &ClientLimits) -> usize {
        limits.body_limit_bytes
    }
    /// The parameters beyond the four that every API takes.
    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)>;
    /// What an answer means.
    fn read(&self, heard: Heard<'_>) -> Reading<Self::Outcome>;
}
