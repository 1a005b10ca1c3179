//! 0203, send the message of a coupon again (specification 7).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::types::TrId;
use crate::wire::{Envelope, Heard, Reading};

/// How the message goes out again: `sms_flag` (specification 7.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ResendBy {
    /// `N`: as an MMS, the service's default.
    #[default]
    Mms,
    /// `Y`: as an SMS.
    Sms,
}

impl ResendBy {
    /// The letter of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mms => "N",
            Self::Sms => "Y",
        }
    }
}

/// What became of a resend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendOutcome {
    /// `0000`: accepted, which is not delivered.
    Accepted,
    /// There is no such `tr_id`: `ERR0214 COUPON.0004`, HTTP 204.
    NotFound,
    /// The coupon has no message to send again: `ERR0212 ERR0213`.
    NothingToResend,
    /// Not sent again: `ERR0217 ERR0808 COUPON.0007 COUPON.0008 COUPON.0009`. A used or cancelled coupon is refused for good, and
    /// resending too often may be refused for a while: look the coupon up before trying once more.
    Refused,
    /// Refused because of the line.
    LineRefused(LineFault),
    /// Nobody can tell: every other answer, or none. Asking again may send a second message: a person decides.
    Unanswered,
}

impl ResendOutcome {
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

/// What a code means.
fn classify(code: &Code) -> ResendOutcome {
    use Code as C;
    match code {
        C::Success => ResendOutcome::Accepted,
        C::Err0214 | C::Coupon0004 => ResendOutcome::NotFound,
        C::Err0212 | C::Err0213 => ResendOutcome::NothingToResend,
        C::Err0217 | C::Err0808 | C::Coupon0007 | C::Coupon0008 | C::Coupon0009 => ResendOutcome::Refused,
        credentials_refused!() => ResendOutcome::LineRefused(LineFault::Credentials),
        configuration_refused!() => ResendOutcome::LineRefused(LineFault::Configuration),
        C::E0010
        | C::E9999
        | C::Err0000
        | C::Err0005
        | C::Err0008
        | C::Err0201
        | C::Err0208
        | C::Err0209
        | C::Err0215
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
        | C::Coupon0006
        | C::Coupon0010
        | C::Coupon0011
        | C::Coupon0012
        | C::Coupon0013
        | C::Coupon0014
        | C::Coupon0015
        | C::Unlisted(_) => ResendOutcome::Unanswered,
    }
}

pub(crate) struct Resend<'t> {
    pub(crate) tr_id: &'t TrId,
    pub(crate) by: ResendBy,
}

impl Api for Resend<'_> {
    type Outcome = ResendOutcome;
    const CODE: &'static str = "0203";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/resend".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.resend_timeout
    }

    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("tr_id", self.tr_id.as_str()), ("sms_flag", self.by.as_str()), ("user_id", credentials.user_id())]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<ResendOutcome> {
        ResendOutcome::read(heard)
    }
}
