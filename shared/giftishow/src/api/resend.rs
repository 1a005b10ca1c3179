//! 0203, send the message of a coupon again (specification 7).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::codes::AccountFault;
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::types::TransactionId;
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
    LineRefused(AccountFault),
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
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        let Some(envelope) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        match envelope.deciding_code() {
            Some(code) => Reading::coded(Self::meant(Meanings::of(&code).resend), code),
            None => Reading::uncoded(Self::Unanswered),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Done => Self::Accepted,
            Meaning::NotFound => Self::NotFound,
            Meaning::Nothing => Self::NothingToResend,
            Meaning::Refused => Self::Refused,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct Resend<'t> {
    pub(crate) tr_id: &'t TransactionId,
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
