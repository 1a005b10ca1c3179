//! 0205, cancel a send that was paid for and issued nothing (not in V0.0.95).

use std::borrow::Cow;
use std::time::Duration;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::types::TransactionId;
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
    LineRefused(AccountFault),
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
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        let Some(outer) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        match outer.code {
            None => return Reading::uncoded(Self::Unanswered),
            Some(Code::Success) => {}
            Some(code) => return Reading::coded(Self::meant(Meanings::of(&code).failed_send), code),
        }
        match outer.result.and_then(|inner| Envelope::read(inner.get())).and_then(|inner| inner.code) {
            Some(code) => Reading::coded(Self::meant(Meanings::of(&code).failed_send), code),
            None => Reading::coded(Self::Unanswered, Code::Success),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Done => Self::TakenBack,
            Meaning::NotFound => Self::NotFound,
            Meaning::Issued => Self::Issued,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct CancelFailedSend<'t>(pub(crate) &'t TransactionId);

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
