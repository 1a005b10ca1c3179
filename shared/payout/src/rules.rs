use std::time::Duration;

use crate::moment::Moment;

/// Giftishow refuses to cancel later than this after the send (specification §6).
const CANCELLABLE: Duration = Duration::from_hours(7 * 24);
/// Rule 5: 1 hour, 24 hours, 6 days; a day is left for the cancel.
const AUDITS: [Duration; 3] = [Duration::from_hours(1), Duration::from_hours(24), Duration::from_hours(6 * 24)];
/// Rule 8: so many sends in a row without an answer are an outage.
const OUTAGE_AFTER: u32 = 5;
/// Longest pause between two tries.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(15);

/// The waiting times and limits of the payout rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Deadline of one send, from connect to the last byte (specification §8: 15 s).
    pub send_timeout: Duration,
    /// How long after a send's deadline Giftishow may still issue.
    pub grace: Duration,
    /// Attempts at one payout before a person is asked.
    pub max_attempts: u8,
    /// How long an accepted row waits for its wake-up before the sweeper drives it; the first step of every back-off.
    pub redrive_after: Duration,
    /// Rule 8: so many sends in a row without an answer are an outage. With several at a time, those that were on their way
    /// together count as one.
    pub outage_after: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            send_timeout: Duration::from_secs(15),
            grace: Duration::from_mins(10),
            max_attempts: 3,
            redrive_after: Duration::from_secs(30),
            outage_after: OUTAGE_AFTER,
        }
    }
}

impl Rules {
    /// When whatever left until a moment has had its effect at Giftishow, or never will.
    pub fn settled(&self, left: Moment) -> Moment {
        left.after(self.send_timeout).after(self.grace)
    }

    /// The pause before the next try, doubled with each one and at most 15 minutes (or `redrive_after` if that is longer).
    pub fn back_off(&self, tries: u32) -> Duration {
        let doubled = self.redrive_after.saturating_mul(1 << tries.min(16));
        doubled.min(self.longest_back_off())
    }

    /// These rules for so many sends at a time (rule 11).
    #[must_use]
    pub fn at_a_time(self, sends: u32) -> Self {
        Self { outage_after: OUTAGE_AFTER.saturating_add(sends.saturating_sub(1)), ..self }
    }

    /// The longest pause between two tries.
    pub fn longest_back_off(&self) -> Duration {
        LONGEST_BACK_OFF.max(self.redrive_after)
    }

    /// Rule 5: how long after its send an attempt that was not found is looked up again.
    pub fn audits(&self) -> [Duration; 3] {
        AUDITS
    }

    /// How long after a send its coupon can be cancelled.
    pub fn cancellable(&self) -> Duration {
        CANCELLABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_a_quarter_of_an_hour() {
        let rules = Rules::default();
        assert_eq!(rules.back_off(0), Duration::from_secs(30));
        assert_eq!(rules.back_off(1), Duration::from_mins(1));
        assert_eq!(rules.back_off(u32::MAX), Duration::from_mins(15));
    }
}
