//! Days in Korea.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use payout::Moment;

/// Korea has had no other since 1988.
const KST: Offset = Offset::constant(9);

/// The day in Korea of a moment.
pub(crate) fn day_of(moment: Moment) -> Date {
    day(Timestamp::from_millisecond(moment.as_millis()).unwrap_or(Timestamp::MAX))
}

/// The day in Korea of a timestamp.
pub(crate) fn day(timestamp: Timestamp) -> Date {
    timestamp.to_zoned(TimeZone::fixed(KST)).date()
}

/// The moment at which a day in Korea is over. The last day of the calendar ends with the last writable moment.
pub(crate) fn end_of(day: Date) -> Moment {
    let next = day.checked_add(1.day()).and_then(|next| next.to_zoned(TimeZone::fixed(KST)));
    Moment::new(next.map_or(Timestamp::MAX, |midnight| midnight.timestamp()))
}
