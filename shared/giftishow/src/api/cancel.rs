//! 0202, cancel a coupon (specification 6).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::types::TrId;
use crate::wire::{Envelope, Heard, Reading};

/// What became of a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The coupon is cancelled, now or earlier: `0000 ERR0808 COUPON.0008`.
    Cancelled,
    /// There is no such `tr_id` so far: `ERR0214 COUPON.0004`, HTTP 204. A send that is still under way may yet make it.
    NotFound,
    /// The recipient has used the coupon: `COUPON.0007`.
    AlreadyUsed,
    /// The coupon exists and cannot be cancelled: `COUPON.0006`. Its state must be looked up.
    NotCancellable,
    /// Refused because of the line; nothing was cancelled.
    LineRefused(LineFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off; a second cancel does no harm.
    Unanswered,
}

impl CancelOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    ///
    /// The answer is flat; a nested one counts as well, and then its inner code decides.
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
        let Some(envelope) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        match envelope.deciding_code() {
            Some(code) => Reading::coded(classify(&code), code),
            None => Reading::uncoded(Self::Unanswered),
        }
    }
}

fn classify(code: &Code) -> CancelOutcome {
    use Code as C;
    match code {
        C::Success | C::Err0808 | C::Coupon0008 => CancelOutcome::Cancelled,
        C::Err0214 | C::Coupon0004 => CancelOutcome::NotFound,
        C::Coupon0007 => CancelOutcome::AlreadyUsed,
        C::Coupon0006 => CancelOutcome::NotCancellable,
        credentials_refused!() => CancelOutcome::LineRefused(LineFault::Credentials),
        configuration_refused!() => CancelOutcome::LineRefused(LineFault::Configuration),
        C::E0010
        | C::E9999
        | C::Err0000
        | C::Err0005
        | C::Err0008
        | C::Err0201
        | C::Err0208
        | C::Err0209
        | C::Err0212
        | C::Err0213
        | C::Err0215
        | C::Err0217
        | C::Err0401
        | C::Err0800
        | C::Err0803
        | C::Err0804
        | C::Err0805
        | C::Err0806
        | C::Err0807
        | C::Err0817
        | C::Err0999
        | C::Pag0001
        | C::Pag0002
        | C::Coupon0001
        | C::Coupon0002
        | C::Coupon0003
        | C::Coupon0005
        | C::Coupon0009
        | C::Coupon0010
        | C::Coupon0011
        | C::Coupon0012
        | C::Coupon0013
        | C::Coupon0014
        | C::Coupon0015
        | C::Unlisted(_) => CancelOutcome::Unanswered,
    }
}

pub(crate) struct Cancel<'t>(pub(crate) &'t TrId);

impl Api for Cancel<'_> {
    type Outcome = CancelOutcome;
    const CODE: &'static str = "0202";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/cancel".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.cancel_timeout
    }

    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("tr_id", self.0.as_str()), ("user_id", credentials.user_id())]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<CancelOutcome> {
        CancelOutcome::read(heard)
    }
}
