//! What rows cost, summed by the Korean day on which they were recorded; pure.
//!
//! Two readings of the same rows differ by what moved between them, whenever they were sent or cancelled. So nothing depends
//! on when a row says that something happened, and only days whose rows can still move money are read again.

use std::collections::BTreeMap;

use payout::{Attempt, CouponStanding, Krw, Moment, Rules, Spent, TrId, korean_day};
use platform::OpenDay;

/// A day with at most so many rows that can still move money is remembered by these rows.
const FEW: usize = 10;

/// What 0201 said of rows that do not tell themselves.
pub(crate) type Seen = BTreeMap<TrId, CouponStanding>;

/// What one row cost, and how much of it came back.
pub(crate) fn cost(row: &Attempt, seen: &Seen) -> (Krw, Krw) {
    let price = row.price_krw.unwrap_or_default();
    match (row.spent(), seen.get(&row.tr_id)) {
        (Spent::Kept, _) | (Spent::Unclear, Some(CouponStanding::Live | CouponStanding::Used)) => (price, Krw(0)),
        (Spent::GivenBack, _) | (Spent::Unclear, Some(CouponStanding::Cancelled)) => (price, price),
        (Spent::Nothing | Spent::Unclear, _) => (Krw(0), Krw(0)),
    }
}

/// The sums of one day's rows, and which of them are to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    issued: Krw,
    cancelled: Krw,
    moving: BTreeMap<TrId, (Krw, Krw)>,
}

impl Sum {
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a Attempt>, seen: &Seen, now: Moment, rules: &Rules) -> Self {
        let mut sum = Self::default();
        for row in rows {
            let (issued, cancelled) = cost(row, seen);
            sum.issued.0 += issued.0;
            sum.cancelled.0 += cancelled.0;
            if row.may_move_money(now, rules) {
                sum.moving.insert(row.tr_id.clone(), (issued, cancelled));
            }
        }
        sum
    }

    /// The sums of a whole day of which only those rows were read again that could have moved.
    pub(crate) fn with_the_rest_of(self, before: &OpenDay) -> Self {
        let Some(rows) = &before.rows else { return self };
        let were = |part: fn(&(Krw, Krw)) -> Krw| rows.values().map(|both| part(both).0).sum::<u64>();
        let rest = |sum: Krw, were: u64, now: Krw| Krw(sum.0.saturating_sub(were).saturating_add(now.0));
        Self {
            issued: rest(before.issued, were(|both| both.0), self.issued),
            cancelled: rest(before.cancelled, were(|both| both.1), self.cancelled),
            moving: self.moving,
        }
    }

    /// As the snapshot remembers it; `None` if nothing of that day can move any more.
    pub(crate) fn remembered(self, day: &str, now: Moment) -> Option<OpenDay> {
        let Self { issued, cancelled, moving } = self;
        // Rows of today and, by clocks that differ, of yesterday can still be added.
        if is_over(day, now) {
            match moving.len() {
                0 => return None,
                1..=FEW => return Some(OpenDay { issued, cancelled, rows: Some(moving) }),
                _ => {}
            }
        }
        Some(OpenDay { issued, cancelled, rows: None })
    }
}

fn is_over(day: &str, now: Moment) -> bool {
    day < korean_day(now.before(DAY)).to_string().as_str()
}

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// What moved between two readings, in won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) issued: Krw,
    pub(crate) cancelled: Krw,
}

impl Moved {
    /// What the rows of the days say now, against what they said before.
    pub(crate) fn between(before: &BTreeMap<String, OpenDay>, now: &BTreeMap<String, Sum>) -> Self {
        let nothing = OpenDay::default();
        let mut moved = Self::default();
        for (day, sum) in now {
            let before = before.get(day).unwrap_or(&nothing);
            let more = |sum: Krw, before: Krw| sum.0.saturating_sub(before.0);
            // What turned out never to have been issued, or not to be cancelled, counts on the other side.
            moved.issued.0 += more(sum.issued, before.issued) + more(before.cancelled, sum.cancelled);
            moved.cancelled.0 += more(sum.cancelled, before.cancelled) + more(before.issued, sum.issued);
        }
        moved
    }

    /// What the balance should be now.
    pub(crate) fn from(self, balance: Krw) -> i128 {
        i128::from(balance.0) - i128::from(self.issued.0) + i128::from(self.cancelled.0)
    }
}

/// The Korean days to be read: those that the snapshot before remembers, and all since.
pub(crate) fn days(before: &BTreeMap<String, OpenDay>, since: Moment, now: Moment) -> Vec<String> {
    let mut days: Vec<String> = before.keys().cloned().collect();
    let mut at = since;
    while korean_day(at) <= korean_day(now) {
        let day = korean_day(at).to_string();
        if !before.contains_key(&day) {
            days.push(day);
        }
        at = at.after(DAY);
    }
    days.sort_unstable();
    days
}
