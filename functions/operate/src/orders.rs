//! Which way an operation goes.

use operation::{Operation, Way};
use payout::Then;

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

/// Whether 0201 is asked before: re-opening and granting are for what was never sent.
pub(crate) fn looks_up(way: Way) -> bool {
    !matches!(way, Way::Reopen | Way::Grant)
}

/// Whether it may spend the price of the reward.
pub(crate) fn spends(way: Way) -> bool {
    matches!(way, Way::Reopen | Way::Grant | Way::CancelAndReissue | Way::Reissue)
}
