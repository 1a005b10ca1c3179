//! Giftishow, as far as one payout can see it: it takes requests late, out of order, or never.

use payout::CouponStanding;

/// Attempts at a payout.
pub(crate) const MOST_ATTEMPTS: u8 = 3;
/// As many coupons can there be.
pub(crate) const COUPONS: usize = MOST_ATTEMPTS as usize;
/// Specification §6: Giftishow cancels for seven days, three ticks.
pub(crate) const CANCELLABLE_TICKS: u32 = 3;

/// What Giftishow has of one tr_id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Coupon {
    None,
    /// Giftishow cancels it up to and with this tick.
    Live {
        cancellable_until: u32,
    },
    Used,
    Cancelled,
}

impl Coupon {
    /// Whether the winner has something of it.
    pub(crate) fn pays(self) -> bool {
        matches!(self, Self::Live { .. } | Self::Used)
    }
}

/// An answer to 0204.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum SendAnswer {
    Issued,
    Duplicate,
    InputRefused,
    LineRefused,
}

/// An answer to 0202.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum CancelAnswer {
    Cancelled,
    AlreadyUsed,
    NotFound,
    NotCancellable,
}

/// A send whose sender no longer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LateSend {
    pub(crate) attempt: usize,
    /// When the seven days of its coupon begin; none if that is when it is issued.
    pub(crate) counts_from: Option<u32>,
    /// The last tick in which it may be acted on; none if there is no such tick.
    pub(crate) until: Option<u32>,
}

/// Coupons, and the requests that nobody waits for any longer.
#[derive(Clone, Debug)]
pub(crate) struct Giftishow {
    pub(crate) coupons: [Coupon; COUPONS],
    pub(crate) late_sends: Vec<LateSend>,
    /// A cancel without an answer may be acted on at any time, or never; several are like one.
    pub(crate) late_cancels: [bool; COUPONS],
}

impl Giftishow {
    pub(crate) fn new() -> Self {
        Self { coupons: [Coupon::None; COUPONS], late_sends: Vec::new(), late_cancels: [false; COUPONS] }
    }

    /// 0204: a tr_id that is known is not issued again.
    pub(crate) fn send(&mut self, attempt: usize, counts_from: u32) -> SendAnswer {
        match self.coupons[attempt] {
            Coupon::None => self.issue(attempt, counts_from),
            _ => SendAnswer::Duplicate,
        }
    }

    /// Whatever was there before: what becomes of a tr_id after a cancel is not known.
    pub(crate) fn issue(&mut self, attempt: usize, counts_from: u32) -> SendAnswer {
        self.coupons[attempt] = Coupon::Live { cancellable_until: counts_from + CANCELLABLE_TICKS };
        SendAnswer::Issued
    }

    /// 0202.
    pub(crate) fn cancel(&mut self, attempt: usize, now: u32) -> CancelAnswer {
        match self.coupons[attempt] {
            Coupon::None => CancelAnswer::NotFound,
            Coupon::Used => CancelAnswer::AlreadyUsed,
            Coupon::Live { cancellable_until } if now > cancellable_until => CancelAnswer::NotCancellable,
            Coupon::Live { .. } | Coupon::Cancelled => {
                self.coupons[attempt] = Coupon::Cancelled;
                CancelAnswer::Cancelled
            }
        }
    }

    /// Whether a cancel would end a coupon now.
    pub(crate) fn would_cancel(&self, attempt: usize, now: u32) -> bool {
        matches!(self.coupons[attempt], Coupon::Live { cancellable_until } if now <= cancellable_until)
    }

    /// 0201.
    pub(crate) fn standing(&self, attempt: usize) -> CouponStanding {
        match self.coupons[attempt] {
            Coupon::None => CouponStanding::Absent,
            Coupon::Live { .. } => CouponStanding::Live,
            Coupon::Used => CouponStanding::Used,
            Coupon::Cancelled => CouponStanding::Cancelled,
        }
    }

    /// What was not acted on in time never will be.
    pub(crate) fn drop_overdue(&mut self, now: u32) {
        self.late_sends.retain(|send| send.until.is_none_or(|until| now <= until));
    }
}
