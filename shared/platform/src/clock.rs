use jiff::Timestamp;
use payout::{Evidence, Moment, Owner, Stamp};
use uuid::Uuid;

/// The wall clock, in whole milliseconds.
pub fn now() -> Moment {
    Moment::new(Timestamp::now())
}

/// A token that nobody has had before: 122 random bits.
pub fn new_owner() -> Owner {
    Owner::new(Uuid::new_v4().simple().to_string())
}

/// Told now, by `owner`, without an answer behind it.
pub fn stamp(owner: Owner) -> Stamp {
    Stamp { owner, at: now(), evidence: Evidence::default() }
}
