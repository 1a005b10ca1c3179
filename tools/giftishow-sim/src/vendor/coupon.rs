//! One coupon, and what has become of it.

use std::sync::Arc;

use jiff::{Span, Timestamp, Zoned};

use super::kst;
use crate::catalogue::{Item, Validity};
use crate::ledger::{Entry, PinStatus};
use crate::private::Private;

/// A coupon on the books.
pub(super) struct Coupon {
    pub(super) entry: Entry,
    pub(super) phone: Private,
    /// What the answer told, if anything: no operation gives it a second time.
    pub(super) pin_no: Option<Private>,
    /// As ordered, whatever became of the catalogue since.
    pub(super) item: Arc<Item>,
    pub(super) ordered_at: Timestamp,
    pub(super) valid_until: Zoned,
}

/// `pinStatusCd`, section 5: the states that can be reached here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Reserved,
    Live,
    Used,
    Cancelled,
    Expired,
}

impl Standing {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Live => "01",
            Self::Used => "02",
            Self::Cancelled => "07",
            Self::Expired => "08",
            Self::Reserved => "24",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Live => "발행",
            Self::Used => "사용완료",
            Self::Cancelled => "구매취소",
            Self::Expired => "기간만료",
            Self::Reserved => "임시발급",
        }
    }
}

impl Coupon {
    pub(super) fn standing(&self, now: Timestamp) -> Standing {
        match self.entry.status {
            PinStatus::Cancelled => Standing::Cancelled,
            PinStatus::Used => Standing::Used,
            PinStatus::Issued if now < self.entry.issued_at => Standing::Reserved,
            PinStatus::Issued if now > self.valid_until.timestamp() => Standing::Expired,
            PinStatus::Issued => Standing::Live,
        }
    }

    /// The entry with what time has done to it.
    pub(super) fn entry_at(&self, now: Timestamp) -> Entry {
        let standing = self.standing(now);
        Entry {
            waits_until: (standing == Standing::Reserved).then_some(self.entry.issued_at),
            expired_at: (standing == Standing::Expired).then(|| self.valid_until.timestamp()),
            ..self.entry.clone()
        }
    }
}

/// The last second of the last day, in Korea.
pub(super) fn valid_until(validity: Validity, issued_at: Timestamp) -> Zoned {
    let issued = kst(issued_at);
    let last_day = match validity {
        Validity::Days(days) => {
            issued.checked_add(Span::new().days(i64::from(days))).unwrap_or_else(|_| issued.clone())
        }
        Validity::Until(date) => issued.with().date(date).build().unwrap_or_else(|_| issued.clone()),
    };
    last_day.with().hour(23).minute(59).second(59).subsec_nanosecond(0).build().unwrap_or(last_day)
}
