//! What people do about payouts, and when.

use std::fmt;

use operation::{Facts, Seen, ways};
use payout::{Attempt, CouponStanding, Moment, State, TrId, UserKey};

use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, START_MS, What};
use crate::judge::Violation;
use crate::names;
use crate::vendor::{CANCELLABLE_MS, Coupon, Standing};
use crate::world::World;

/// Something that a person has in mind.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Looks at a payout and goes one of the ways that are open.
    Decide(TrId),
    /// Grants a new payout beside this one.
    GrantNew(TrId),
    /// Has erased who has won whatever this user has.
    Erase(UserKey),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decide(tr_id) => write!(f, "looks at {tr_id}"),
            Self::GrantNew(tr_id) => write!(f, "grants a payout beside {tr_id}"),
            Self::Erase(user) => write!(f, "erases {}", user.as_str()),
        }
    }
}

impl World {
    /// People come at any moment, also when nothing goes wrong any more.
    pub(crate) fn plan_orders(&mut self, horizon_ms: i64) {
        let mut random = self.random;
        if self.settings.profile.operated_once_in().is_some_and(|of| random.once_in(of)) {
            let longest_ms = random.one(&[horizon_ms - START_MS, horizon_ms - START_MS, HOUR_MS, DAY_MS, 9 * DAY_MS]);
            for _ in 0..random.one(&[1, 2, 3, 5, 8]) {
                self.clock.at(START_MS + random.between(0, longest_ms), What::Operate);
            }
        }
        self.random = random;
    }

    /// What somebody does next, and whether somebody else does the same just now. What is no payout's is done at once.
    pub(crate) fn next_task(&mut self) -> Option<(Task, bool)> {
        let mut random = self.random;
        let task = self.some_task(&mut random);
        let twice = random.once_in(3);
        self.random = random;
        task.map(|task| (task, twice))
    }

    fn some_task(&mut self, random: &mut crate::random::Random) -> Option<Task> {
        let ours = || self.tables.rows().iter().filter(|row| self.judge.pair_of(row).is_some());
        // Mostly what has come to an end, or waits for a person.
        let ended = || ours().filter(|row| row.due_at.is_none() && row.state != State::Dead);
        let any = random.once_in(4) || ended().next().is_none();
        let rows: Vec<&Attempt> = if any { ours().collect() } else { ended().collect() };
        if rows.is_empty() {
            return None;
        }
        let row = rows[random.index(rows.len())];
        let tr_id = row.tr_id.clone();
        match random.index(16) {
            0 => Some(Task::GrantNew(tr_id)),
            1 => row.user_key.clone().map(Task::Erase),
            2 => {
                let user = names::pair_of(row)?.1;
                self.moved.push(user);
                self.trace.line(self.clock.now_ms, || format!("operator   changes the number of user{user}"));
                None
            }
            3 => {
                let code = row.code.clone();
                self.trace.line(self.clock.now_ms, || format!("operator   switches {} off or on", code.as_str()));
                match self.switched_off.iter().position(|off| *off == code) {
                    Some(place) => drop(self.switched_off.swap_remove(place)),
                    None => self.switched_off.push(code),
                }
                None
            }
            _ => Some(Task::Decide(tr_id)),
        }
    }

    /// R19: of what waits for a person, each has a way out, if Giftishow answers and nothing else stands in the way.
    pub(crate) fn judge_ways(&self) -> Result<(), Violation> {
        let now_ms = self.clock.now_ms + HOUR_MS;
        for attempt in self.tables.rows() {
            if !attempt.state.waits_for_a_person() || attempt.user_key.is_none() {
                continue;
            }
            let coupon = self.vendor.coupons.iter().find(|coupon| coupon.tr_id == attempt.tr_id.as_str());
            let seen = seen(attempt, coupon.map(standing), coupon.map(|coupon| coupon.goods.as_str()));
            let facts = Facts {
                attempt,
                seen: Some(&seen),
                reward: Ok(()),
                has_recipient: true,
                pin_kept: self.tables.coupon(&attempt.tr_id).is_some(),
                resent: &[],
                now: Moment::from_millis(now_ms),
                rules: &self.rules,
            };
            if !ways(&facts).iter().any(|way| way.why_not.is_none() && way.way.ends_the_waiting()) {
                return Err(Violation::NoWayOut(attempt.state));
            }
        }
        Ok(())
    }
}

fn standing(coupon: &Coupon) -> CouponStanding {
    match coupon.standing {
        Standing::Live => CouponStanding::Live,
        Standing::Used => CouponStanding::Used,
        Standing::Cancelled => CouponStanding::Cancelled,
    }
}

/// What 0201 shows of a row.
pub(crate) fn seen(attempt: &Attempt, standing: Option<CouponStanding>, goods: Option<&str>) -> Seen {
    let same_goods = attempt.goods_code.as_deref().zip(goods).map(|(asked, goods)| asked == goods);
    Seen {
        standing: standing.unwrap_or(CouponStanding::Absent).into(),
        status: None,
        same_goods,
        same_phone: None,
        valid_until: None,
        send_result_code: None,
    }
}

/// How long a person thinks before what was seen is acted on.
pub(crate) const THINKS_MS: &[i64] = &[0, 0, SECOND_MS, MINUTE_MS, 15 * MINUTE_MS];
const _: () = assert!(CANCELLABLE_MS > 15 * MINUTE_MS, "nobody thinks for longer than a coupon can be cancelled");
