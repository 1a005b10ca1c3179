//! 0201: what became of a coupon. Gives no PIN, no image and no order number, as the live service does.

use jiff::{SignedDuration, Span, Timestamp};

use super::{Answer, CouponInfo, Vendor, kst};
use crate::api::Api;
use crate::codes::Code;
use crate::params::Params;

/// API coupons are valid for 30 days.
const VALID_DAYS: i32 = 30;

impl Vendor {
    pub(super) fn lookup(&self, params: &Params, now: Timestamp) -> Answer {
        let Some(tr_id) = params.get("tr_id") else {
            return Answer::Refused(Code::PARAMETER_MISSING);
        };
        let lag = SignedDuration::try_from(self.lookup_lag).unwrap_or(SignedDuration::MAX);
        let seen = self.coupon(tr_id).filter(|coupon| now.duration_since(coupon.entry.issued_at) >= lag);
        let Some(coupon) = seen else {
            return self.not_found(Api::Lookup);
        };
        let entry = &coupon.entry;
        let Some(goods) = self.goods.get(&entry.goods_code) else {
            return self.not_found(Api::Lookup);
        };
        let issued = kst(entry.issued_at);
        let last_day = issued.checked_add(Span::new().days(VALID_DAYS)).unwrap_or_else(|_| issued.clone());
        Answer::Coupon(Box::new(CouponInfo {
            goods: goods.clone(),
            status: entry.status,
            phone: coupon.phone.clone(),
            sender: self.credentials.callback_no.clone(),
            // A number of its own: the order number is not to be had from here.
            basic_code: format!("{}{:08}", issued.strftime("%Y%m%d%H%M%S"), self.by_tr_id.get(tr_id).unwrap_or(&0) + 1),
            changed_at: entry.cancelled_at.or(entry.used_at).unwrap_or(entry.issued_at),
            valid_until: last_day.with().hour(23).minute(59).second(59).build().unwrap_or(last_day),
        }))
    }
}
