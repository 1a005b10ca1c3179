use std::time::Duration;

use jiff::Timestamp;
use payout::{Evidence, Moment, Owner, Stamp};
use uuid::Uuid;

/// The wall clock, in whole milliseconds.
pub fn now() -> Moment {
    Moment::new(Timestamp::now())
}

/// When the platform ends an invocation, from what it says in `Lambda-Runtime-Deadline-Ms`.
///
/// Unix time in milliseconds. `cargo lambda watch` sends the time that is left instead: a moment of the first day of 1970
/// can only be that.
pub fn deadline(deadline_ms: u64) -> Moment {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    if deadline_ms < DAY_MS {
        return now().after(Duration::from_millis(deadline_ms));
    }
    Moment::from_millis(i64::try_from(deadline_ms).unwrap_or(i64::MAX))
}

/// A token that nobody has had before: 122 random bits.
pub fn new_owner() -> Owner {
    Owner::new(Uuid::new_v4().simple().to_string())
}

/// Told now, by `owner`, without an answer behind it.
pub fn stamp(owner: Owner) -> Stamp {
    Stamp { owner, at: now(), evidence: Evidence::default() }
}
