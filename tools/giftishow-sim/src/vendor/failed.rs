//! 0205: the money of a send that issued nothing. No live answer is known; this is how a careful service would do it.

use jiff::Timestamp;

use super::kept::Touched;
use super::{Answer, Standing, Vendor};
use crate::api::Api;
use crate::codes::Code;
use crate::params::Params;

impl Vendor {
    pub(super) fn cancel_failed_send(&mut self, params: &Params, now: Timestamp) -> Answer {
        let Some(tr_id) = params.get("tr_id") else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        if let Some(coupon) = self.coupon(tr_id) {
            // There is a coupon: 0202 is for that.
            let cancelled = coupon.standing(now) == Standing::Cancelled;
            return Answer::Refused(if cancelled { Code::ALREADY_CANCELLED } else { Code::NOT_CANCELLABLE });
        }
        let at = self.failed_sends.iter().position(|failed| failed.tr_id == tr_id);
        let Some((at, failed)) = at.and_then(|at| Some((at, self.failed_sends.get_mut(at)?))) else {
            return self.not_found(Api::FailedSendCancel);
        };
        if failed.refunded_at.is_some() {
            return Answer::Refused(Code::ALREADY_CANCELLED);
        }
        failed.refunded_at = Some(now);
        self.balance += failed.price;
        self.touched.push(Touched::Failed(at));
        Answer::Refunded
    }
}
