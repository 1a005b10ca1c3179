use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::Slot;
use crate::kst;
use crate::moment::{CLOCKS_DIFFER, Moment};

/// How many slots before its own a list of several entries is compared with: seven days, and one for what clocks differ.
const SLOTS_OF_A_RETRY: i32 = 8;
/// A payout of the previous slot that is younger than this, when a slot begins, may be the same win.
const YOUNG: Duration = Duration::from_mins(10);
/// From so long before the end of a slot, the next one may have begun on another clock.
const LAST_MINUTE: Duration = Duration::from_mins(1);
/// Two callbacks that are recorded at the same time, on two clocks, are both within this of the end of a slot: clocks
/// differ, an invocation takes a while, and so does a write that nobody waits for any more.
const MEETING: Duration = Duration::from_mins(2);

/// When a further win of the same code by the same user is a new payout. Bleepy sends no event id, so a retry and a second
/// win look the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatPolicy {
    /// Never: one payout per (code, userKey). The safest for money.
    #[default]
    Once,
    /// Once on every Korean day.
    Daily,
    /// Once in every Korean week, which begins on Monday.
    Weekly,
    /// Always. A repeated callback pays again: needs `max_per_user_per_day`.
    EveryTime,
}

/// What tells one win from another.
#[derive(Clone, Copy, Debug)]
pub struct Win<'a> {
    /// When the callback came.
    pub at: Moment,
    /// The id that the platform gave the request; it differs from request to request.
    pub request_id: &'a str,
    /// Place in the list, from 0.
    pub index: usize,
    /// Entries of the list. Bleepy sends several only when it tries again.
    pub entries: usize,
}

/// Another slot whose payout may be this very win: nobody can tell a retry from a win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The slot.
    pub slot: Slot,
    /// A payout recorded before this moment is another win for sure.
    pub not_before: Option<Moment>,
}

impl RepeatPolicy {
    /// The slot of a win.
    pub fn slot(self, win: &Win<'_>) -> Slot {
        match self {
            Self::Once => once(),
            Self::EveryTime => Slot::new(format!("{}-{}", win.request_id, win.index)),
            Self::Daily | Self::Weekly => self.slot_at(win.at, 0),
        }
    }

    /// The slots whose payouts make it doubtful whether this is a win of its own.
    ///
    /// A single entry is in doubt only right after a slot has begun, or right before its end. A list is a retry by hand of
    /// anything within days.
    pub fn doubts(self, win: &Win<'_>) -> Vec<Doubt> {
        if !self.has_calendar() {
            return Vec::new();
        }
        let mut doubts = Vec::new();
        let any_time = |slot| Doubt { slot, not_before: None };
        if win.is_of_a_list() {
            doubts.extend((1..=SLOTS_OF_A_RETRY).map(|back| any_time(self.slot_at(win.at, -back))));
            // Recorded while its code stood for no reward: then nothing says how often it may be won.
            doubts.push(any_time(once()));
        } else if win.at.since(self.start(win.at, 0)) < YOUNG + CLOCKS_DIFFER {
            let young = win.at.before(YOUNG + CLOCKS_DIFFER);
            doubts.push(Doubt { slot: self.slot_at(win.at, -1), not_before: Some(young) });
        }
        if self.start(win.at, 1).since(win.at) <= LAST_MINUTE {
            doubts.push(any_time(self.slot_at(win.at, 1)));
        }
        doubts
    }

    /// From when on a payout matters to [`Self::doubts`]; `None` if there are none.
    pub fn looks_back_to(self, win: &Win<'_>) -> Option<Moment> {
        if self.has_calendar() && win.is_of_a_list() {
            return Some(self.start(win.at, -SLOTS_OF_A_RETRY));
        }
        self.doubts(win).into_iter().find_map(|doubt| doubt.not_before)
    }

    /// The slot in which the same win may be recorded at this very moment, on another clock: it must be without a payout
    /// when this win's own is written, in one transaction.
    pub fn meets(self, win: &Win<'_>) -> Option<Slot> {
        if !self.has_calendar() {
            return None;
        }
        if win.at.since(self.start(win.at, 0)) <= MEETING {
            return Some(self.slot_at(win.at, -1));
        }
        (self.start(win.at, 1).since(win.at) <= MEETING).then(|| self.slot_at(win.at, 1))
    }

    /// Whether the payout of its own slot says for sure that a win was recorded before. For a list it does not: that payout
    /// may be of a win of today, and the entry a retry of another day's.
    pub fn is_told_by_its_slot(self, win: &Win<'_>) -> bool {
        !(self.has_calendar() && win.is_of_a_list())
    }

    fn has_calendar(self) -> bool {
        matches!(self, Self::Daily | Self::Weekly)
    }

    /// The first day of the slot that is so many after the present one.
    fn first_day(self, at: Moment, later: i32) -> Date {
        let (first, days) = if self == Self::Weekly { (kst::monday(at), 7) } else { (kst::day(at), 1) };
        first.saturating_add((later * days).days())
    }

    fn start(self, at: Moment, later: i32) -> Moment {
        kst::start_of(self.first_day(at, later))
    }

    fn slot_at(self, at: Moment, later: i32) -> Slot {
        let day = self.first_day(at, later);
        Slot::new(if self == Self::Weekly { format!("week-{day}") } else { day.to_string() })
    }
}

impl Win<'_> {
    fn is_of_a_list(&self) -> bool {
        self.entries > 1
    }
}

fn once() -> Slot {
    Slot::new("once")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn win(at: &str, entries: usize) -> Win<'static> {
        Win { at: at.parse().unwrap(), request_id: "Req=1", index: 3, entries }
    }

    fn slots(policy: RepeatPolicy, win: &Win<'_>) -> Vec<String> {
        policy.doubts(win).iter().map(|doubt| doubt.slot.as_str().to_owned()).collect()
    }

    #[test]
    fn each_policy_has_its_own_slots() {
        let noon = win("2026-11-22T03:00:00Z", 1);
        assert_eq!(RepeatPolicy::Once.slot(&noon).as_str(), "once");
        assert_eq!(RepeatPolicy::Daily.slot(&noon).as_str(), "2026-11-22");
        assert_eq!(RepeatPolicy::Weekly.slot(&noon).as_str(), "week-2026-11-16");
        assert_eq!(RepeatPolicy::EveryTime.slot(&noon).as_str(), "Req=1-3");
        assert_eq!(RepeatPolicy::Daily.slot(&noon).listed(2).as_str(), "2026-11-22/listed-2");
    }

    #[test]
    fn a_single_entry_later_than_ten_minutes_after_midnight_is_in_no_doubt() {
        let after = "2026-11-22T15:10:50Z";
        assert!(slots(RepeatPolicy::Daily, &win(after, 1)).is_empty());
        assert!(slots(RepeatPolicy::Weekly, &win(after, 1)).is_empty());
        assert!(slots(RepeatPolicy::Once, &win("2026-11-22T15:00:00Z", 50)).is_empty());
        assert!(slots(RepeatPolicy::EveryTime, &win("2026-11-22T15:00:00Z", 50)).is_empty());
    }

    #[test]
    fn right_after_midnight_a_payout_of_the_last_ten_minutes_may_be_the_same_win() {
        let early = win("2026-11-22T15:10:49.999Z", 1);
        let doubts = RepeatPolicy::Daily.doubts(&early);
        assert_eq!(slots(RepeatPolicy::Daily, &early), ["2026-11-22"]);
        assert_eq!(doubts[0].not_before, Some("2026-11-22T14:59:59.999Z".parse().unwrap()));
        // Monday, a minute past midnight in Korea.
        assert_eq!(slots(RepeatPolicy::Weekly, &win("2026-11-22T15:01:00Z", 1)), ["week-2026-11-16"]);
    }

    #[test]
    fn in_the_last_minute_a_payout_of_the_next_slot_may_be_the_same_win_for_lists_too() {
        assert_eq!(slots(RepeatPolicy::Daily, &win("2026-11-22T14:59:00Z", 1)), ["2026-11-23"]);
        assert!(slots(RepeatPolicy::Daily, &win("2026-11-22T14:58:59.999Z", 1)).is_empty());
        let list = slots(RepeatPolicy::Daily, &win("2026-11-22T14:59:00Z", 2));
        assert_eq!(list.last().map(String::as_str), Some("2026-11-23"));
    }

    #[test]
    fn a_list_is_a_retry_and_looks_back_over_seven_days() {
        let retry = win("2026-11-22T03:00:00Z", 2);
        let days = slots(RepeatPolicy::Daily, &retry);
        assert_eq!((days[0].as_str(), days[7].as_str(), days[8].as_str()), ("2026-11-21", "2026-11-14", "once"));
        assert_eq!(slots(RepeatPolicy::Weekly, &retry)[7], "week-2026-09-21");
        let back = |policy: RepeatPolicy, win: &Win<'_>| policy.looks_back_to(win).map(|moment| moment.to_string());
        assert_eq!(back(RepeatPolicy::Daily, &retry).as_deref(), Some("2026-11-13T15:00:00.000Z"));
        let single = win("2026-11-22T15:01:00Z", 1);
        assert_eq!(back(RepeatPolicy::Daily, &single).as_deref(), Some("2026-11-22T14:50:10.000Z"));
        assert_eq!(back(RepeatPolicy::Once, &retry), None);
        let told = |policy: RepeatPolicy, entries| policy.is_told_by_its_slot(&win("2026-11-22T03:00:00Z", entries));
        assert!(told(RepeatPolicy::Daily, 1) && told(RepeatPolicy::Once, 2) && !told(RepeatPolicy::Weekly, 2));
    }

    #[test]
    fn two_minutes_around_midnight_the_slot_on_the_other_side_must_be_without_a_payout() {
        let meets = |policy: RepeatPolicy, at| policy.meets(&win(at, 1)).map(|slot| slot.as_str().to_owned());
        assert_eq!(meets(RepeatPolicy::Daily, "2026-11-22T14:57:59.999Z"), None);
        assert_eq!(meets(RepeatPolicy::Daily, "2026-11-22T14:58:00Z").as_deref(), Some("2026-11-23"));
        assert_eq!(meets(RepeatPolicy::Daily, "2026-11-22T15:02:00Z").as_deref(), Some("2026-11-22"));
        assert_eq!(meets(RepeatPolicy::Daily, "2026-11-22T15:02:00.001Z"), None);
        assert_eq!(meets(RepeatPolicy::Weekly, "2026-11-22T15:00:00Z").as_deref(), Some("week-2026-11-16"));
        assert_eq!(meets(RepeatPolicy::Weekly, "2026-11-23T15:00:00Z"), None);
        assert_eq!(meets(RepeatPolicy::Once, "2026-11-22T15:00:00Z"), None);
    }
}
