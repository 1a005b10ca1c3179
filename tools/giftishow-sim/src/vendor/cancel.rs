//! 0202: the coupon against its money.

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Vendor};
use crate::api::Api;
use crate::codes::Code;
use crate::ledger::PinStatus;
use crate::params::Params;

/// Section 6: later than this the purchase is final.
const CANCELLABLE_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Vendor {
    pub(super) fn cancel(&mut self, params: &Params, now: Timestamp) -> Answer {
        let Some(tr_id) = params.get("tr_id") else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        if self.has_failed(tr_id) {
            // The order is known, but there is no coupon to cancel.
            return Answer::Refused(Code::CANCEL_FAILED);
        }
        let not_found = self.not_found(Api::Cancel);
        let Some(coupon) = self.coupon_mut(tr_id) else {
            return not_found;
        };
        let entry = &mut coupon.entry;
        match entry.status {
            PinStatus::Cancelled => Answer::Refused(Code::ALREADY_CANCELLED),
            PinStatus::Used => Answer::Refused(Code::ALREADY_USED),
            PinStatus::Issued if now.duration_since(entry.issued_at) > CANCELLABLE_FOR => {
                Answer::Refused(Code::NOT_CANCELLABLE)
            }
            // A reserved one too, before its time and after.
            PinStatus::Issued => {
                entry.status = PinStatus::Cancelled;
                entry.cancelled_at = Some(now);
                self.balance += entry.price;
                Answer::Cancelled
            }
        }
    }
}
