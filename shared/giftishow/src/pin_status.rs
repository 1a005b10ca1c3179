//! The states of a coupon.

use crate::codes::wire_codes;

wire_codes! {
    /// `pinStatusCd`: the state of a coupon (specification 5.5).
    pub enum PinStatus {
        /// Issued, not used yet.
        Issued = "01",
        /// Used.
        Used = "02",
        /// Returned.
        Returned = "03",
        /// Discarded by an administrator.
        Discarded = "04",
        /// Refunded.
        Refunded = "05",
        /// Issued again, not used yet.
        Reissued = "06",
        /// Purchase cancelled.
        Cancelled = "07",
        /// Expired.
        Expired = "08",
        /// A voucher that is not active.
        VoucherInactive = "09",
        /// What was left on it was refunded.
        BalanceRefunded = "10",
        /// What was left on it expired.
        BalanceExpired = "11",
        /// Its expiry was taken back.
        ExpiryRevoked = "12",
        /// Exchanged for money.
        CashedOut = "13",
        /// Paid back.
        PaidBack = "14",
        /// What was left on it was paid back.
        BalancePaidBack = "15",
        /// The expiry of what was left on it was taken back.
        BalanceExpiryRevoked = "16",
        /// Registered.
        Registered = "21",
        /// Its registration was cancelled.
        RegistrationCancelled = "22",
        /// Held for somebody.
        Held = "23",
        /// Issued for the time being.
        Provisional = "24",
    }
    otherwise
    /// Any other status. `(missing)` if the answer has none, the first four joined by `+` if there are several coupons.
    Other
}

/// What a coupon's state means to a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The recipient can use it: 01 06.
    Live,
    /// The recipient has used it: 02.
    Used,
    /// It is cancelled: 07.
    Cancelled,
    /// Only a person can tell.
    Ambiguous,
}

impl PinStatus {
    /// What the state means.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Issued | Self::Reissued => Standing::Live,
            Self::Used => Standing::Used,
            Self::Cancelled => Standing::Cancelled,
            Self::Returned
            | Self::Discarded
            | Self::Refunded
            | Self::Expired
            | Self::VoucherInactive
            | Self::BalanceRefunded
            | Self::BalanceExpired
            | Self::ExpiryRevoked
            | Self::CashedOut
            | Self::PaidBack
            | Self::BalancePaidBack
            | Self::BalanceExpiryRevoked
            | Self::Registered
            | Self::RegistrationCancelled
            | Self::Held
            | Self::Provisional
            | Self::Other(_) => Standing::Ambiguous,
        }
    }
}
