use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use payout::{Moment, end_of_korean_day, korean_day, korean_time, start_of_korean_day};

/// A moment in Korea: `2026-11-22 17:03:09`.
pub(crate) fn second(at: Moment) -> String {
    korean_time(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment in Korea, in a list: `11-22 17:03`.
pub(crate) fn minute(at: Moment) -> String {
    korean_time(at).strftime("%m-%d %H:%M").to_string()
}

/// The Korean day of a moment: `2026-11-22`.
pub(crate) fn day(at: Moment) -> String {
    korean_day(at).to_string()
}

/// Now.
pub(crate) fn now() -> Moment {
    Moment::new(Timestamp::now())
}

/// Reads a moment: RFC 3339, or a Korean day, which stands for its end (`ends`) or its beginning.
pub(crate) fn parse(text: &str, ends: bool) -> Result<Moment, &'static str> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>().or_else(|_| text.replace(['.', '/'], "-").parse::<Date>()) {
        // `2026-11-22T09:00` parses as a day as well; only what is as short as one is one.
        if text.len() <= 10 {
            return Ok(if ends { end_of_korean_day(date) } else { start_of_korean_day(date) });
        }
    }
    text.parse::<Moment>().map_err(|_| NO_MOMENT)
}

const NO_MOMENT: &str = "is neither a day (2027-12-31) nor a moment (2027-12-31T00:00:00+09:00)";

/// Reads a Korean day: `2026-11-22`, `today` or `yesterday`.
pub(crate) fn parse_day(text: &str) -> Result<String, String> {
    let today = korean_day(now());
    match text {
        "today" => Ok(today.to_string()),
        "yesterday" => Ok(today.saturating_sub(1.day()).to_string()),
        _ if text.len() == 10 => match text.parse::<Date>() {
            Ok(date) => Ok(date.to_string()),
            Err(_) => Err("must be a day as 2026-11-22, or today, or yesterday".to_owned()),
        },
        _ => Err("must be a day as 2026-11-22, or today, or yesterday".to_owned()),
    }
}

/// Reads a month: `2026-11`.
pub(crate) fn parse_month(text: &str) -> Result<String, String> {
    let is_month = text.len() == 7 && format!("{text}-01").parse::<Date>().is_ok();
    if is_month { Ok(text.to_owned()) } else { Err("must be a month as 2026-11".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_korean_time() {
        let at: Moment = "2026-11-22T15:00:00.123Z".parse().unwrap();
        assert_eq!((second(at).as_str(), day(at).as_str()), ("2026-11-23 00:00:00", "2026-11-23"));
    }

    #[test]
    fn a_day_ends_at_the_korean_midnight_after_it() {
        let end = |text| parse(text, true).map(|moment| moment.to_string());
        assert_eq!(end("2027-12-31").as_deref(), Ok("2027-12-31T15:00:00.000Z"));
        assert_eq!(end("2027.12.31").as_deref(), Ok("2027-12-31T15:00:00.000Z"));
        assert_eq!(end("2027-12-31T00:00:00+09:00").as_deref(), Ok("2027-12-30T15:00:00.000Z"));
        assert_eq!(parse("2027-12-31", false).unwrap().to_string(), "2027-12-30T15:00:00.000Z");
        assert!(end("31.12.2027").is_err() && end("").is_err() && end("2027-13-01").is_err());
    }

    #[test]
    fn months_and_days_are_checked() {
        assert!(parse_month("2026-11").is_ok() && parse_month("2026-13").is_err() && parse_month("2026-1").is_err());
        assert!(parse_day("2026-11-31").is_err() && parse_day("today").is_ok() && parse_day("2026-11-30").is_ok());
    }
}
