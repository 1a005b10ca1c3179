//! 0204: money against a coupon.

use jiff::Timestamp;
use uuid::Uuid;

use super::order::{Gubun, Order};
use super::{Answer, Coupon, Issued, Vendor, kst};
use crate::codes::Code;
use crate::config::GoodsState;
use crate::ledger::{Entry, PinStatus};
use crate::params::Params;
use crate::private::Private;

impl Vendor {
    pub(super) fn send(&mut self, params: &Params, now: Timestamp) -> Answer {
        match self.issue(params, now) {
            Ok(issued) => Answer::Issued(issued),
            Err(code) => Answer::Refused(code),
        }
    }

    /// All or nothing: a refusal changes no book and leaves the `tr_id` free.
    fn issue(&mut self, params: &Params, now: Timestamp) -> Result<Issued, Code> {
        let order = Order::read(params, &self.credentials.callback_no, now)?;
        let goods = self.goods.get(&order.goods_code).ok_or(Code::UNKNOWN_GOODS)?;
        if goods.state == GoodsState::Suspended {
            return Err(Code::GOODS_NOT_ON_SALE);
        }
        if self.by_tr_id.contains_key(&order.tr_id) {
            self.duplicates_refused += 1;
            return Err(Code::DUPLICATE_TR_ID);
        }
        self.balance = self.balance.checked_sub(goods.price_won).ok_or(Code::BALANCE_TOO_LOW)?;

        let order_no = format!("{}{:06}", kst(now).strftime("%Y%m%d"), self.coupons.len() + 1);
        self.by_tr_id.insert(order.tr_id.clone(), self.coupons.len());
        self.coupons.push(Coupon {
            entry: Entry {
                tr_id: order.tr_id,
                order_no: order_no.clone(),
                goods_code: order.goods_code,
                price: goods.price_won,
                gubun: order.gubun.as_str().to_owned(),
                status: PinStatus::Issued,
                issued_at: now,
                cancelled_at: None,
                used_at: None,
            },
            phone: order.phone,
        });
        Ok(Issued {
            order_no,
            pin_no: (order.gubun != Gubun::Mms).then(new_pin),
            image_url: (order.gubun == Gubun::Image).then(new_image_url),
        })
    }
}

/// Twelve digits. Not kept: no operation served here gives a PIN a second time.
fn new_pin() -> Private {
    Private::new(format!("9{:011}", Uuid::new_v4().as_u128() % 100_000_000_000))
}

/// Points nowhere (`.invalid`): nobody may fetch anything from the real hosts.
fn new_image_url() -> Private {
    Private::new(format!("http://images.invalid/mms_{}_01.jpg", Uuid::new_v4().simple()))
}
