use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Two of our machines' clocks differ by less.
pub const CLOCKS_DIFFER: Duration = Duration::from_secs(50);

/// A point in time, in whole milliseconds.
///
/// Written as RFC 3339 in UTC with exactly three decimals (`2026-11-22T08:00:00.000Z`), so that the text sorts like the
/// time: the tables' indexes rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(Timestamp);

impl Moment {
    /// The moment of a timestamp, cut down to the millisecond.
    pub fn new(timestamp: Timestamp) -> Self {
        Self::from_millis(timestamp.as_millisecond())
    }

    /// Milliseconds since the Unix epoch; clamped to the years that can be written.
    pub fn from_millis(millis: i64) -> Self {
        let fallback = if millis < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Self(Timestamp::from_millisecond(millis).unwrap_or(fallback))
    }

    /// Seconds since the Unix epoch; clamped like milliseconds.
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1_000))
    }

    /// Whole seconds since the Unix epoch, as a table's TTL counts them.
    pub fn as_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0.as_millisecond()
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        self.0
    }

    /// This moment and a while; stays at the last writable moment instead of overflowing.
    #[must_use]
    pub fn after(self, while_: Duration) -> Self {
        Self(
            SignedDuration::try_from(while_)
                .ok()
                .and_then(|while_| self.0.checked_add(while_).ok())
                .unwrap_or(Timestamp::MAX),
        )
    }

    /// This moment less a while; stays at the first writable moment.
    #[must_use]
    pub fn before(self, while_: Duration) -> Self {
        let earlier = SignedDuration::try_from(while_).ok().and_then(|while_| self.0.checked_sub(while_).ok());
        Self(earlier.unwrap_or(Timestamp::MIN))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.round(Unit::Millisecond).unwrap_or(self.0);
        write!(f, "{whole:.3}")
    }
}

impl FromStr for Moment {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self::new)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("not a moment in RFC 3339"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_three_decimals_and_sorts_like_the_time() {
        let whole = Moment::from_millis(1_000);
        let later = Moment::from_millis(1_001);
        assert_eq!(whole.to_string(), "1970-01-01T00:00:01.000Z");
        assert!(whole.to_string() < later.to_string());
    }

    #[test]
    fn text_comes_back_as_the_same_moment() {
        let moment = Moment::from_millis(1_790_000_000_123);
        let text = serde_json::to_string(&moment).unwrap();
        assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_its_nearer_end() {
        assert!(Moment::from_millis(i64::MIN) < Moment::from_millis(0));
        assert!(Moment::from_millis(i64::MAX) > Moment::from_millis(0));
        assert_eq!(Moment::from_seconds(1_790_000_000).as_seconds(), 1_790_000_000);
        assert_eq!(Moment::from_millis(1_999).as_seconds(), 1);
    }

    #[test]
    fn adding_more_than_the_calendar_holds_stays_at_its_end() {
        let end = Moment::from_millis(0).after(Duration::MAX);
        assert_eq!(end.after(Duration::from_secs(1)), end);
    }
}
