//! 0204: money against a coupon.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::coupon::{Coupon, valid_until};
use super::kept::Touched;
use super::order::{Gubun, Order};
use super::{Answer, Issued, Vendor, account, kst};
use crate::api::Api;
use crate::catalogue::{GoodsState, Item};
use crate::codes::Code;
use crate::ledger::{Entry, FailedSend, PinStatus};
use crate::params::Params;
use crate::private::Private;

impl Vendor {
    pub(super) fn send(&mut self, params: &Params, now: Timestamp) -> Answer {
        match self.take_money(params, now) {
            Err(code) => Answer::Refused(code),
            Ok((order, item)) => {
                let reserved = order.reserved_for.is_some();
                let issued = self.issue(order, item, now);
                if reserved { Answer::Reserved(issued) } else { Answer::Issued(issued) }
            }
        }
    }

    /// The accident that 0205 is for: the money is gone, and there is no coupon.
    pub(crate) fn charge_without_coupon(&mut self, params: &Params, now: Timestamp) -> Answer {
        let taken = account::check(&self.credentials, Api::Send, params).and_then(|()| self.take_money(params, now));
        let answer = match taken {
            Err(code) => Answer::Refused(code),
            Ok((order, item)) => {
                let price = item.goods.price_won;
                self.touched.push(Touched::Failed(self.failed_sends.len()));
                self.failed_sends.push(FailedSend { tr_id: order.tr_id, price, failed_at: now, refunded_at: None });
                Answer::Charged
            }
        };
        self.counted(answer)
    }

    /// All or nothing: a refusal changes no book and leaves the `tr_id` free.
    fn take_money(&mut self, params: &Params, now: Timestamp) -> Result<(Order, Arc<Item>), Code> {
        let order = Order::read(params, &self.credentials.callback_no, now)?;
        let item = self.catalogue.get(&order.goods_code).ok_or(Code::UNKNOWN_GOODS)?;
        if item.goods.state == GoodsState::Suspended {
            return Err(Code::GOODS_NOT_ON_OFFER);
        }
        if self.coupon(&order.tr_id).is_some() || self.has_failed(&order.tr_id) {
            self.duplicates_refused += 1;
            return Err(Code::DUPLICATE_TR_ID);
        }
        self.balance = self.balance.checked_sub(item.goods.price_won).ok_or(Code::BALANCE_TOO_LOW)?;
        Ok((order, item))
    }

    /// A reserved coupon is on the books at once, and nobody can use it before its time.
    fn issue(&mut self, order: Order, item: Arc<Item>, now: Timestamp) -> Issued {
        let order_no = format!("{}{:06}", kst(now).strftime("%Y%m%d"), self.coupons.len() + 1);
        let issued_at = order.reserved_for.unwrap_or(now);
        let issued = Issued {
            order_no,
            pin_no: (order.gubun != Gubun::Mms).then(new_pin),
            image_url: (order.gubun == Gubun::Image).then(new_image_url),
        };
        self.by_tr_id.insert(order.tr_id.clone(), self.coupons.len());
        self.touched.push(Touched::Coupon(self.coupons.len()));
        self.coupons.push(Coupon {
            entry: Entry {
                tr_id: order.tr_id,
                order_no: issued.order_no.clone(),
                goods_code: order.goods_code,
                price: item.goods.price_won,
                gubun: order.gubun.as_str().to_owned(),
                status: PinStatus::Issued,
                issued_at,
                cancelled_at: None,
                used_at: None,
                waits_until: None,
                expired_at: None,
                resends: Vec::new(),
                template_id: order.template_id,
                banner_id: order.banner_id,
            },
            phone: order.phone,
            pin_no: issued.pin_no.clone(),
            ordered_at: now,
            valid_until: valid_until(item.goods.validity, issued_at),
            item,
        });
        issued
    }
}

/// Twelve digits.
fn new_pin() -> Private {
    Private::new(format!("9{:011}", Uuid::new_v4().as_u128() % 100_000_000_000))
}

/// Points nowhere (`.invalid`): nobody may fetch anything from the real hosts.
fn new_image_url() -> Private {
    Private::new(format!("http://images.invalid/mms_{}_01.jpg", Uuid::new_v4().simple()))
}
