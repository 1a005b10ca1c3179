//! Days and months as people in Korea count them.

use jiff::ToSpan;
use jiff::civil::Date;
use operation::Refusal;
use payout::{Moment, korean_day};

/// A day as people write it: `2026-11-22`.
pub(crate) fn day(field: &str, text: &str) -> Result<Date, Refusal> {
    let date = Date::strptime("%Y-%m-%d", text).ok().filter(|date| date.to_string() == text);
    date.ok_or_else(|| Refusal::bad_input(field, "must be a Korean day, as 2026-11-22"))
}

/// The days of a month (`2026-11`), as far as they have begun, first to last.
pub(crate) fn days_of_month(text: &str, now: Moment) -> Result<Vec<Date>, Refusal> {
    let wrong = || Refusal::bad_input("month", "must be a Korean month, as 2026-11");
    let first = Date::strptime("%Y-%m-%d", format!("{text}-01")).map_err(|_| wrong())?;
    if first.strftime("%Y-%m").to_string() != text {
        return Err(wrong());
    }
    Ok(days_between(first, first.last_of_month().min(korean_day(now))))
}

/// So many days up to today, first to last.
pub(crate) fn last_days(days: u16, now: Moment) -> Vec<Date> {
    let today = korean_day(now);
    days_between(today.saturating_sub(i64::from(days.saturating_sub(1)).days()), today)
}

fn days_between(first: Date, last: Date) -> Vec<Date> {
    first.series(1.day()).take_while(|day| *day <= last).collect()
}
