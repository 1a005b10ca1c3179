//! 0201: what became of a coupon. Gives no PIN, no image and no order number, as the live service does.

use jiff::{SignedDuration, Timestamp};

use super::{Answer, CouponInfo, Vendor, kst};
use crate::api::Api;
use crate::codes::Code;
use crate::params::Params;

impl Vendor {
    pub(super) fn lookup(&self, params: &Params, now: Timestamp) -> Answer {
        let Some(tr_id) = params.get("tr_id") else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        let lag = SignedDuration::try_from(self.lookup_lag).unwrap_or(SignedDuration::MAX);
        let seen = self.coupon(tr_id).filter(|coupon| now.duration_since(coupon.ordered_at) >= lag);
        let Some(coupon) = seen else {
            return self.not_found(Api::Lookup);
        };
        let entry = &coupon.entry;
        let ordered = kst(coupon.ordered_at);
        Answer::Coupon(Box::new(CouponInfo {
            goods: coupon.item.goods.clone(),
            paid_won: entry.price,
            standing: coupon.standing(now),
            phone: coupon.phone.clone(),
            sender: self.credentials.callback_no.clone(),
            // A number of its own: the order number is not to be had from here.
            basic_code: format!(
                "{}{:08}",
                ordered.strftime("%Y%m%d%H%M%S"),
                self.by_tr_id.get(tr_id).unwrap_or(&0) + 1
            ),
            changed_at: entry.cancelled_at.or(entry.used_at).unwrap_or(entry.issued_at),
            valid_until: coupon.valid_until.clone(),
        }))
    }
}
