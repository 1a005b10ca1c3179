use jiff::civil::{Date, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::moment::Moment;

/// `Asia/Seoul`: nine hours ahead of UTC, without daylight saving time since 1988.
const KST: Offset = Offset::constant(9);

/// What a Korean clock shows at a moment.
pub fn time(at: Moment) -> Zoned {
    at.timestamp().to_zoned(TimeZone::fixed(KST))
}

/// The Korean day of a moment.
pub fn day(at: Moment) -> Date {
    time(at).date()
}

/// When a Korean day begins.
pub fn start_of(day: Date) -> Moment {
    let midnight = day.to_zoned(TimeZone::fixed(KST)).map(|zoned| zoned.timestamp());
    Moment::new(midnight.unwrap_or(Timestamp::MAX))
}

/// When a Korean day is over. The last day of the calendar, which has no tomorrow, ends with the last writable moment.
pub fn end_of(day: Date) -> Moment {
    day.checked_add(1.day()).map_or(Moment::new(Timestamp::MAX), start_of)
}

/// The Monday of the Korean week of a moment.
pub(crate) fn monday(at: Moment) -> Date {
    let today = day(at);
    let since_monday = today.weekday().since(Weekday::Monday);
    today.saturating_sub(i32::from(since_monday).days())
}

/// The Korean hour of a moment, as `2026-11-22T17`, and when it ends.
pub(crate) fn hour(at: Moment) -> (String, Moment) {
    let now = time(at);
    let name = format!("{}T{:02}", now.date(), now.hour());
    let begun_ms = i64::from(now.minute()) * 60_000 + i64::from(now.second()) * 1_000 + i64::from(now.millisecond());
    (name, Moment::from_millis(at.as_millis() - begun_ms + 3_600_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn a_korean_day_begins_at_three_in_the_afternoon_of_the_day_before_in_utc() {
        assert_eq!(day(at("2026-11-22T14:59:59.999Z")).to_string(), "2026-11-22");
        assert_eq!(day(at("2026-11-22T15:00:00Z")).to_string(), "2026-11-23");
        assert_eq!(end_of(day(at("2026-11-22T08:00:00Z"))), at("2026-11-22T15:00:00Z"));
        assert_eq!(start_of(day(at("2026-11-22T08:00:00Z"))), at("2026-11-21T15:00:00Z"));
    }

    #[test]
    fn the_last_day_of_the_calendar_ends_with_the_calendar() {
        assert_eq!(end_of(Date::MAX), Moment::new(Timestamp::MAX));
        assert!(start_of(Date::MAX) < end_of(Date::MAX));
    }

    #[test]
    fn a_korean_week_begins_on_monday() {
        // 22 November 2026 is a Sunday.
        assert_eq!(monday(at("2026-11-22T14:59:59Z")).to_string(), "2026-11-16");
        assert_eq!(monday(at("2026-11-22T15:00:00Z")).to_string(), "2026-11-23");
    }

    #[test]
    fn an_hour_ends_on_the_hour() {
        let (name, end) = hour(at("2026-11-22T08:59:59.999Z"));
        assert_eq!((name.as_str(), end), ("2026-11-22T17", at("2026-11-22T09:00:00Z")));
    }
}
