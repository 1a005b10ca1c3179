//! 0202, cancel a coupon (specification 6).

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
    LineRefused(AccountFault),
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
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        let Some(envelope) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        match envelope.deciding_code() {
            Some(code) => Reading::coded(Self::meant(Meanings::of(&code).cancel), code),
            None => Reading::uncoded(Self::Unanswered),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Done => Self::Cancelled,
            Meaning::NotFound => Self::NotFound,
            Meaning::Used => Self::AlreadyUsed,
            Meaning::Fixed => Self::NotCancellable,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

pub(crate) struct Cancel<'t>(pub(crate) &'t TransactionId);

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
