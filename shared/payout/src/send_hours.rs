use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::kst;
use crate::moment::Moment;

const HOUR: Duration = Duration::from_hours(1);
const DAY_HOURS: u8 = 24;

/// The hours of the Korean day in which winners are texted: from the first until before the second, over midnight if the
/// first is the later one. Written `08-22`, `22-08`; `00-24`, the default, is all day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SendHours {
    /// 0 to 23.
    from: u8,
    /// 1 to 24, never the same.
    until: u8,
}

/// A text that says no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be two different hours of the Korean day like 08-22, 22-08 or 00-24")]
pub struct SendHoursError;

impl SendHours {
    /// When they begin; `None` if it is within them.
    pub fn opens_at(self, now: Moment) -> Option<Moment> {
        let midnight = kst::start_of(kst::day(now));
        let since_midnight = now.since(midnight);
        let (from, until) = (HOUR * u32::from(self.from), HOUR * u32::from(self.until));
        let is_open = if from < until {
            (from..until).contains(&since_midnight)
        } else {
            since_midnight >= from || since_midnight < until
        };
        if is_open {
            return None;
        }
        let today = midnight.after(from);
        Some(if now < today { today } else { today.after(HOUR * u32::from(DAY_HOURS)) })
    }
}

impl Default for SendHours {
    fn default() -> Self {
        Self { from: 0, until: DAY_HOURS }
    }
}

impl FromStr for SendHours {
    type Err = SendHoursError;
    fn from_str(text: &str) -> Result<Self, SendHoursError> {
        let hour = |text: &str| {
            let is_hour = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u8>().ok().filter(|hour| is_hour && *hour <= DAY_HOURS).ok_or(SendHoursError)
        };
        let (from, until) = text.split_once('-').ok_or(SendHoursError)?;
        let (from, until) = (hour(from)?, hour(until)?);
        // A day ends where the next begins.
        let until = if until == 0 { DAY_HOURS } else { until };
        if from == DAY_HOURS || from == until { Err(SendHoursError) } else { Ok(Self { from, until }) }
    }
}

impl fmt::Display for SendHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.from, self.until)
    }
}

impl Serialize for SendHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SendHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "send_hours like 08-22, 22-08 or 00-24";
        text.parse().map_err(|SendHoursError| de::Error::invalid_value(de::Unexpected::Str(&text), &expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens_at(hours: &str, now: &str) -> Option<String> {
        let hours: SendHours = hours.parse().unwrap();
        hours.opens_at(now.parse().unwrap()).map(|moment| moment.to_string())
    }

    /// Korea is nine hours ahead: eight in the morning is 23:00 of the day before in UTC.
    #[test]
    fn a_win_at_two_in_the_morning_is_texted_at_eight() {
        assert_eq!(opens_at("08-22", "2026-11-22T17:00:00Z").as_deref(), Some("2026-11-22T23:00:00.000Z"));
        assert_eq!(opens_at("08-22", "2026-11-22T22:59:59.999Z").as_deref(), Some("2026-11-22T23:00:00.000Z"));
        assert_eq!(opens_at("08-22", "2026-11-22T23:00:00Z"), None);
    }

    #[test]
    fn what_comes_after_the_hours_waits_for_those_of_tomorrow() {
        assert_eq!(opens_at("08-22", "2026-11-22T12:59:59.999Z"), None);
        assert_eq!(opens_at("08-22", "2026-11-22T13:00:00Z").as_deref(), Some("2026-11-22T23:00:00.000Z"));
        assert_eq!(opens_at("00-22", "2026-11-22T14:59:59.999Z").as_deref(), Some("2026-11-22T15:00:00.000Z"));
        assert_eq!(opens_at("00-22", "2026-11-22T15:00:00Z"), None);
    }

    #[test]
    fn hours_over_midnight_are_closed_by_day() {
        for open in ["2026-11-22T13:00:00Z", "2026-11-22T15:00:00Z", "2026-11-22T22:59:59.999Z"] {
            assert_eq!(opens_at("22-08", open), None, "{open}");
        }
        for closed in ["2026-11-22T23:00:00Z", "2026-11-23T12:59:59.999Z"] {
            assert_eq!(opens_at("22-08", closed).as_deref(), Some("2026-11-23T13:00:00.000Z"), "{closed}");
        }
    }

    #[test]
    fn all_day_is_always_open_and_the_default() {
        assert_eq!("00-24".parse(), Ok(SendHours::default()));
        for hour in 0..24 {
            let now = Moment::from_millis(1_790_000_000_000 + hour * 3_600_000);
            assert_eq!(SendHours::default().opens_at(now), None);
        }
    }

    #[test]
    fn hours_never_begin_later_than_in_a_day_and_are_open_when_they_do() {
        let now: Moment = "2026-11-22T03:30:00Z".parse().unwrap();
        for (from, until) in (0..24).flat_map(|from| (1..=24).map(move |until| (from, until))) {
            let Ok(hours) = format!("{from:02}-{until:02}").parse::<SendHours>() else {
                assert_eq!(from, until);
                continue;
            };
            let Some(begin) = hours.opens_at(now) else { continue };
            assert!(now < begin && begin.since(now) < HOUR * 24, "{hours}");
            assert_eq!((hours.opens_at(begin), kst::hour(begin).1.since(begin)), (None, HOUR), "{hours}");
        }
    }

    #[test]
    fn what_says_no_hours_is_refused_and_says_what_does() {
        for wrong in ["", "8-22", "08-25", "24-08", "08-08", "00-0", "08–22", "08-22-", "+8-22", "08:00-22:00"] {
            assert_eq!(wrong.parse::<SendHours>(), Err(SendHoursError), "{wrong}");
        }
        let error = serde_json::from_str::<SendHours>(r#""8-22""#).unwrap_err().to_string();
        assert!(error.contains("expected send_hours like 08-22, 22-08 or 00-24"), "{error}");
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        for (text, written) in [("08-22", "08-22"), ("22-00", "22-24"), ("22-08", "22-08")] {
            let hours: SendHours = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(serde_json::to_string(&hours).unwrap(), format!("\"{written}\""));
        }
    }
}
