//! The books as lines: what changed since it was last asked, and the way back.

use super::coupon::Coupon;
use super::{Vendor, kst};
use crate::books::{Changed, CouponLine, Line};
use crate::private::Private;

/// What has changed, as a place in the books.
#[derive(Clone, Copy)]
pub(super) enum Touched {
    Money,
    Credentials,
    Coupon(usize),
    Failed(usize),
}

impl Vendor {
    /// The first line of new books.
    pub(crate) fn opening(&self) -> Line {
        self.line(Changed::Credentials(self.credentials.clone()))
    }

    /// What has changed since the last call, in order.
    pub(crate) fn take_changes(&mut self) -> Vec<Line> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().filter_map(|touched| Some(self.line(self.changed(touched)?))).collect()
    }

    /// Nobody writes down what has changed.
    pub(crate) fn forget_changes(&mut self) {
        self.touched.clear();
    }

    /// Takes over a line of earlier books.
    pub(crate) fn replay(&mut self, line: Line) {
        self.balance_start = line.balance_start;
        self.adjusted_won = line.adjusted_won;
        self.balance = line.balance;
        match line.changed {
            Changed::Money => {}
            Changed::Credentials(credentials) => self.credentials = credentials,
            Changed::Coupon(coupon) => self.replay_coupon(*coupon),
            Changed::Failed(failed) => match self.failed_sends.iter_mut().find(|known| known.tr_id == failed.tr_id) {
                Some(known) => *known = failed,
                None => self.failed_sends.push(failed),
            },
        }
    }

    fn replay_coupon(&mut self, line: CouponLine) {
        let tr_id = line.entry.tr_id.clone();
        let coupon = Coupon {
            phone: Private::new(line.phone),
            pin_no: line.pin_no.map(Private::new),
            item: self.catalogue.as_ordered(line.goods),
            ordered_at: line.ordered_at,
            valid_until: kst(line.valid_until),
            entry: line.entry,
        };
        if let Some(known) = self.by_tr_id.get(&tr_id).and_then(|at| self.coupons.get_mut(*at)) {
            *known = coupon;
        } else {
            self.by_tr_id.insert(tr_id, self.coupons.len());
            self.coupons.push(coupon);
        }
    }

    fn changed(&self, touched: Touched) -> Option<Changed> {
        Some(match touched {
            Touched::Money => Changed::Money,
            Touched::Credentials => Changed::Credentials(self.credentials.clone()),
            Touched::Failed(at) => Changed::Failed(self.failed_sends.get(at)?.clone()),
            Touched::Coupon(at) => {
                let coupon = self.coupons.get(at)?;
                Changed::Coupon(Box::new(CouponLine {
                    entry: coupon.entry.clone(),
                    phone: coupon.phone.expose().to_owned(),
                    pin_no: coupon.pin_no.as_ref().map(|pin_no| pin_no.expose().to_owned()),
                    goods: coupon.item.goods.clone(),
                    ordered_at: coupon.ordered_at,
                    valid_until: coupon.valid_until.timestamp(),
                }))
            }
        })
    }

    fn line(&self, changed: Changed) -> Line {
        Line { balance_start: self.balance_start, adjusted_won: self.adjusted_won, balance: self.balance, changed }
    }
}
