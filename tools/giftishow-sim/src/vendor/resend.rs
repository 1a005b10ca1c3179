//! 0203: the same message once more.

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Standing, Vendor, kst};
use crate::api::Api;
use crate::codes::Code;
use crate::ledger::Resend;
use crate::params::Params;

impl Vendor {
    pub(super) fn resend(&mut self, params: &Params, now: Timestamp) -> Answer {
        let Some(tr_id) = params.get("tr_id") else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        let sms = match params.get("sms_flag") {
            None | Some("N") => false,
            Some("Y") => true,
            Some(_) => return Answer::Refused(Code::PARAMETER_MISSING),
        };
        let (limits, not_found) = (self.resend_limits, self.not_found(Api::Resend));
        let Some(coupon) = self.coupon_mut(tr_id) else {
            return not_found;
        };
        match coupon.standing(now) {
            Standing::Reserved => return Answer::Refused(Code::NOT_SENT_YET),
            Standing::Used | Standing::Cancelled | Standing::Expired => return Answer::Refused(Code::RESEND_REFUSED),
            Standing::Live => {}
        }
        let resends = &mut coupon.entry.resends;
        let pause = SignedDuration::try_from(limits.pause).unwrap_or(SignedDuration::MAX);
        let too_soon = resends.last().is_some_and(|last| now.duration_since(last.at) < pause);
        let today = resends.iter().filter(|resend| kst(resend.at).date() == kst(now).date()).count();
        if too_soon || today >= limits.per_day {
            return Answer::Refused(Code::RESEND_REFUSED);
        }
        resends.push(Resend { at: now, sms });
        Answer::Resent
    }
}
