use std::time::Duration;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use crate::ids::Slot;
use crate::kst;
use crate::moment::Moment;

/// How many slots a list of several entries is compared with, the present one among them.
const SLOTS_OF_A_RETRY: i32 = 7;
/// A payout of the previous slot that is younger than this, in the first hour of a slot, is the same win.
const ACROSS_MIDNIGHT: Duration = Duration::from_hours(1);
/// Clocks differ by less: a retry may come to a machine where the slot of the first try has not begun.
const CLOCKS_DIFFER_MS: i64 = 60_000;

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

/// Another slot in which the same win may have been recorded already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierSlot {
    /// The slot.
    pub slot: Slot,
    /// A payout recorded before this moment is another win.
    pub not_before: Option<Moment>,
}

impl RepeatPolicy {
    /// The slot of a win.
    pub fn slot(self, win: &Win<'_>) -> Slot {
        match self {
            Self::Once => Slot::new("once"),
            Self::Daily => Slot::new(kst::day(win.at).to_string()),
            Self::Weekly => Slot::new(format!("week-{}", kst::monday(win.at))),
            Self::EveryTime => Slot::new(format!("{}-{}", win.request_id, win.index)),
        }
    }

    /// The slots to look into before a win is taken for a new one, the latest first. If one holds a payout, it is that one.
    pub fn earlier_slots(self, win: &Win<'_>) -> Vec<EarlierSlot> {
        let (first_day, days, name): (_, i32, fn(jiff::civil::Date) -> String) = match self {
            Self::Once | Self::EveryTime => return Vec::new(),
            Self::Daily => (kst::day(win.at), 1, |day| day.to_string()),
            Self::Weekly => (kst::monday(win.at), 7, |day| format!("week-{day}")),
        };
        let slot = |back: i32| Slot::new(name(first_day.saturating_sub((back * days).days())));
        if win.entries > 1 {
            let any_time = |back| EarlierSlot { slot: slot(back), not_before: None };
            return (0..SLOTS_OF_A_RETRY).map(any_time).collect();
        }
        let next = kst::start_of_day(first_day.saturating_add(days.days()));
        if next.as_millis() - win.at.as_millis() <= CLOCKS_DIFFER_MS {
            return [-1, 0].map(|back| EarlierSlot { slot: slot(back), not_before: None }).into();
        }
        if win.at.since(kst::start_of_day(first_day)) >= ACROSS_MIDNIGHT {
            return Vec::new();
        }
        let young = Moment::from_millis(win.at.as_millis() - i64::try_from(ACROSS_MIDNIGHT.as_millis()).unwrap_or(0));
        vec![EarlierSlot { slot: slot(0), not_before: None }, EarlierSlot { slot: slot(1), not_before: Some(young) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn win(at: &str, entries: usize) -> Win<'static> {
        Win { at: at.parse().unwrap(), request_id: "Req=1", index: 3, entries }
    }

    fn slots(policy: RepeatPolicy, win: &Win<'_>) -> Vec<String> {
        policy.earlier_slots(win).iter().map(|earlier| earlier.slot.as_str().to_owned()).collect()
    }

    #[test]
    fn each_policy_has_its_own_slots() {
        let noon = win("2026-11-22T03:00:00Z", 1);
        assert_eq!(RepeatPolicy::Once.slot(&noon).as_str(), "once");
        assert_eq!(RepeatPolicy::Daily.slot(&noon).as_str(), "2026-11-22");
        assert_eq!(RepeatPolicy::Weekly.slot(&noon).as_str(), "week-2026-11-16");
        assert_eq!(RepeatPolicy::EveryTime.slot(&noon).as_str(), "Req=1-3");
    }

    #[test]
    fn a_single_entry_later_than_the_first_hour_is_a_new_win() {
        assert!(slots(RepeatPolicy::Daily, &win("2026-11-22T16:00:00Z", 1)).is_empty());
        assert!(slots(RepeatPolicy::Weekly, &win("2026-11-23T15:00:00Z", 1)).is_empty());
        assert!(slots(RepeatPolicy::Once, &win("2026-11-22T15:00:00Z", 50)).is_empty());
        assert!(slots(RepeatPolicy::EveryTime, &win("2026-11-22T15:00:00Z", 50)).is_empty());
    }

    #[test]
    fn in_the_first_hour_a_payout_of_the_last_sixty_minutes_is_the_same_win() {
        let early = win("2026-11-22T15:59:59.999Z", 1);
        let earlier = RepeatPolicy::Daily.earlier_slots(&early);
        assert_eq!(slots(RepeatPolicy::Daily, &early), ["2026-11-23", "2026-11-22"]);
        assert_eq!(earlier[0].not_before, None);
        assert_eq!(earlier[1].not_before, Some("2026-11-22T14:59:59.999Z".parse().unwrap()));
        // Monday, 00:30 in Korea.
        assert_eq!(
            slots(RepeatPolicy::Weekly, &win("2026-11-22T15:30:00Z", 1)),
            ["week-2026-11-23", "week-2026-11-16"]
        );
    }

    #[test]
    fn in_the_last_minute_a_payout_of_the_next_slot_is_the_same_win() {
        assert_eq!(slots(RepeatPolicy::Daily, &win("2026-11-22T14:59:00Z", 1)), ["2026-11-23", "2026-11-22"]);
        assert!(slots(RepeatPolicy::Daily, &win("2026-11-22T14:58:59Z", 1)).is_empty());
    }

    #[test]
    fn a_list_is_a_retry_and_looks_back_over_seven_slots() {
        let retry = win("2026-11-22T03:00:00Z", 2);
        let days = slots(RepeatPolicy::Daily, &retry);
        assert_eq!((days.len(), days[0].as_str(), days[6].as_str()), (7, "2026-11-22", "2026-11-16"));
        assert_eq!(slots(RepeatPolicy::Weekly, &retry)[6], "week-2026-10-05");
    }
}
