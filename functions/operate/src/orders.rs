//! What a person's way means to the transition function.

use operation::{Operation, Way};
use payout::{Attempt, CouponStanding, Event, NextId, Then};

/// The way that an operation goes, if it is one about one payout.
pub(crate) fn way(operation: &Operation) -> Option<Way> {
    Some(match operation {
        Operation::Reopen(_) => Way::Reopen,
        Operation::Grant(_) => Way::Grant,
        Operation::Confirm { .. } => Way::Confirm,
        Operation::Cancel { then: Then::Reissue, .. } => Way::CancelAndReissue,
        Operation::Cancel { then: Then::Close, .. } => Way::CancelAndClose,
        Operation::Reissue { .. } => Way::Reissue,
        Operation::Close { .. } => Way::Close,
        Operation::Resend { .. } => Way::Resend,
        _ => return None,
    })
}

/// What is known of the coupon when the order is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coupon {
    /// What 0201 says.
    pub(crate) standing: CouponStanding,
    /// Whether it has other goods than the row was sent with.
    pub(crate) other_goods: bool,
    /// Whether its PIN is kept.
    pub(crate) kept: bool,
}

/// The event of a way; `None` if it changes no row.
pub(crate) fn event(way: Way, row: &Attempt, coupon: Coupon, next: NextId) -> Option<Event> {
    let Coupon { standing, other_goods, kept } = coupon;
    let foreign = row.met_a_foreign_coupon() && other_goods;
    let ended = |then| if foreign { Event::Disowned { then, next } } else { Event::Ordered { then, standing } };
    Some(match way {
        Way::Reopen => Event::Reopen,
        Way::Grant => Event::Granted,
        Way::Confirm => Event::Confirmed { standing, kept },
        Way::CancelAndReissue => Event::Ordered { then: Then::Reissue, standing },
        Way::CancelAndClose => Event::Ordered { then: Then::Close, standing },
        Way::Reissue => ended(Then::Reissue),
        Way::Close => ended(Then::Close),
        Way::Resend => return None,
    })
}

/// Whether 0201 is asked before: re-opening and granting are for what was never sent.
pub(crate) fn looks_up(way: Way) -> bool {
    !matches!(way, Way::Reopen | Way::Grant)
}

/// Whether it may spend the price of the reward.
pub(crate) fn spends(way: Way) -> bool {
    matches!(way, Way::Reopen | Way::Grant | Way::CancelAndReissue | Way::Reissue)
}
