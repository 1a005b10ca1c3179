use payout::{Cap, PauseReason};

use crate::clock::{DAY_MS, HOUR_MS, KST_MS, MINUTE_MS, START_MS};
use crate::judge::Violation;
use crate::names;
use crate::vendor::{Order, PRICE_WON};
use crate::world::World;

/// Clocks may differ: what leaves just before the turn of an hour or a day may count for the next.
const AROUND_MS: i64 = MINUTE_MS;

/// A send that left for the first time under its tr_id.
#[derive(Debug)]
pub(crate) struct FirstSend {
    tr_id: String,
    goods: String,
}

impl World {
    /// The line was written: whether it waits only for a cap that had no room.
    pub(crate) fn judge_pause(&mut self) {
        let cap = match self.tables.line().pause.as_ref().map(|pause| pause.reason) {
            Some(PauseReason::DailyBudget) => Cap::DailyBudget,
            Some(PauseReason::SendsPerHour) => Cap::SendsPerHour,
            _ => return,
        };
        if !self.tables.was_reached(cap) {
            self.judge.found(Violation::PausedForNothing);
        }
    }

    /// A send leaves: whether the caps of this history are kept. An attempt counts when it is claimed for the first time,
    /// and may leave later: so all that have left are compared with all that the hours and days so far allow.
    pub(crate) fn judge_caps(&mut self, order: &Order) {
        let known = self.first_sends.iter().any(|send| send.tr_id == order.tr_id);
        if !self.capped || known || names::pair_of_order(order).is_none() {
            return;
        }
        self.first_sends.push(FirstSend { tr_id: order.tr_id.clone(), goods: order.goods.clone() });
        let until_ms = self.clock.now_ms + AROUND_MS;
        let begun = |period_ms: i64| {
            let number = |at_ms: i64| (at_ms + KST_MS).div_euclid(period_ms);
            (number(until_ms) - number(START_MS) + 1).unsigned_abs()
        };
        let (hours, days) = (begun(HOUR_MS), begun(DAY_MS));
        let all = self.first_sends.len() as u64;
        let same = self.first_sends.iter().filter(|send| send.goods == order.goods).count() as u64;
        let too_many = all > hours * self.fuse.sends_per_hour
            || all * PRICE_WON > days * self.fuse.daily_budget.0
            || self.max_per_day.is_some_and(|most| same > days * u64::from(most));
        if too_many {
            self.judge.found(Violation::CapPassed);
        }
    }
}
