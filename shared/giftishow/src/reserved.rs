//! When a reserved send goes out.

use jiff::civil::DateTime;
use jiff::tz::{self, Offset};
use jiff::{SignedDuration, Timestamp};

use crate::types::InvalidValue;

/// Korea's time, which has no summer time.
const KST: Offset = tz::offset(9);
const SOONEST: SignedDuration = SignedDuration::from_mins(5);
const LATEST: SignedDuration = SignedDuration::from_hours(90 * 24);

/// `rev_info_date` and `rev_info_time`: a minute in Korea, 5 minutes to 90 days ahead (specification 8.4 and appendix 1,
/// `COUPON.0014`). It was so when this value was made; a send that leaves later may still be refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReservedTime {
    date: String,
    time: String,
}

impl ReservedTime {
    /// The minute that this moment falls into.
    pub fn at(moment: Timestamp, now: Timestamp) -> Result<Self, InvalidValue> {
        let written = KST.to_datetime(moment);
        let date_time = written.date().at(written.hour(), written.minute(), 0, 0);
        Self::on(date_time, now)
    }

    /// A date as `yyyyMMdd` and a time of day as `HHmm`, both in Korea.
    pub fn parse(date: &str, time: &str, now: Timestamp) -> Result<Self, InvalidValue> {
        let field = |name, rule| InvalidValue { field: name, rule };
        let (year, month, day) = digits::<8>(date)
            .and_then(|text| Some((text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)))
            .ok_or(field("rev_info_date", "a date as yyyyMMdd"))?;
        let (hour, minute) = digits::<4>(time)
            .and_then(|text| Some((text[..2].parse().ok()?, text[2..].parse().ok()?)))
            .ok_or(field("rev_info_time", "a time as HHmm"))?;
        let midnight = DateTime::new(year, month, day, 0, 0, 0, 0);
        let midnight = midnight.map_err(|_| field("rev_info_date", "a date as yyyyMMdd"))?;
        let date_time = midnight.with().hour(hour).minute(minute).build();
        Self::on(date_time.map_err(|_| field("rev_info_time", "a time as HHmm"))?, now)
    }

    fn on(minute: DateTime, now: Timestamp) -> Result<Self, InvalidValue> {
        let range = InvalidValue { field: "rev_info_date", rule: "5 minutes to 90 days ahead" };
        let ahead = KST.to_timestamp(minute).map_err(|_| range)?.duration_since(now);
        if !(SOONEST..=LATEST).contains(&ahead) {
            return Err(range);
        }
        let (year, month, day) = (minute.year(), minute.month(), minute.day());
        Ok(Self {
            date: format!("{year:04}{month:02}{day:02}"),
            time: format!("{:02}{:02}", minute.hour(), minute.minute()),
        })
    }

    /// `rev_info_date`: `yyyyMMdd`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// `rev_info_time`: `HHmm`.
    pub fn time(&self) -> &str {
        &self.time
    }
}

fn digits<const LEN: usize>(text: &str) -> Option<&str> {
    (text.len() == LEN && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}
