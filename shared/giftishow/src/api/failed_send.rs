//! 0205, cancel a send that was paid for and issued nothing (not in V0.0.95).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::types::TrId;
use crate::wire::{Envelope, Heard, Reading};

/// An operator's word that 0205 may be used: no live answer of it is known. There is no default; whoever makes one has a switch
/// behind it.
#[derive(Debug, Clone, Copy)]
pub struct FailedSendCancel(());

impl FailedSendCancel {
    /// An operator has switched 0205 on.
    pub fn enabled_by_operator() -> Self {
        Self(())
    }
}

/// What became of taking a failed send back. A person reads it; nothing is concluded from it by a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedSendOutcome {
    /// `0000` in both envelopes, or `ERR0808 COUPON.0008`: taken back, now or earlier.
    TakenBack,
    /// There is no such `tr_id`: `ERR0214 COUPON.0004`, HTTP 204.
    NotFound,
    /// A coupon was issued after all: `COUPON.0006 COUPON.0007`. It must be looked up.
    Issued,
    /// Refused because of the line.
    LineRefused(LineFault),
    /// Nobody can tell: every other answer, or none.
    Unanswered,
}

impl FailedSendOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    ///
    /// Unlike 0202 this API nests its answer, so success outside alone proves nothing.
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
        let Some(outer) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        match outer.code {
            None => return Reading::uncoded(Self::Unanswered),
            Some(Code::Success) => {}
            Some(code) => return Reading::coded(classify(&code), code),
        }
        match outer.result.and_then(|inner| Envelope::read(inner.get())).and_then(|inner| inner.code) {
            Some(code) => Reading::coded(classify(&code), code),
            None => Reading::coded(Self::Unanswered, Code::Success),
        }
    }
}

/// What a code means.
fn classify(code: &Code) -> FailedSendOutcome {
    use Code as C;
    match code {
        C::Success | C::Err0808 | C::Coupon0008 => FailedSendOutcome::TakenBack,
        C::Err0214 | C::Coupon0004 => FailedSendOutcome::NotFound,
        C::Coupon0006 | C::Coupon0007 => FailedSendOutcome::Issued,
        credentials_refused!() => FailedSendOutcome::LineRefused(LineFault::Credentials),
        configuration_refused!() => FailedSendOutcome::LineRefused(LineFault::Configuration),
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
        | C::Unlisted(_) => FailedSendOutcome::Unanswered,
    }
}

pub(crate) struct CancelFailedSend<'t>(pub(crate) &'t TrId);

impl Api for CancelFailedSend<'_> {
    type Outcome = FailedSendOutcome;
    const CODE: &'static str = "0205";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/sendFail/cancel".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.resend_timeout
    }

    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("tr_id", self.0.as_str()), ("user_id", credentials.user_id())]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<FailedSendOutcome> {
        FailedSendOutcome::read(heard)
    }
}
