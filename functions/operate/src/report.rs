//! What became of the wins of a day or a month.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use operation::{Day, Outcome, Refusal, ReportLine};
use payout::{Attempt, Krw, Moment, RewardCode, SHARDS, State};
use platform::{Host as _, ListPayouts as _, ReadPayout as _};

use crate::order::unavailable;
use crate::{Given, Operate, korea};

/// Most days that can be asked for.
const MOST_DAYS: u16 = 92;
/// Time kept at the end of an invocation for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);
/// Attempts of one payout.
const MOST_ATTEMPTS: usize = 256;

impl<G: Given> Operate<G> {
    pub(crate) async fn report(&self, month: &str, deadline: Moment) -> Result<Outcome, Refusal> {
        let mut lines: BTreeMap<RewardCode, ReportLine> = BTreeMap::new();
        for day in korea::days_of_month(month, self.host.now())? {
            self.each_win(day, deadline, |first, last, dead| {
                let line = lines.entry(first.code.clone()).or_insert_with(|| nothing_of(&first.code));
                count(line, last, dead);
            })
            .await?;
        }
        Ok(Outcome::Report(lines.into_values().collect()))
    }

    pub(crate) async fn days(&self, days: u16, deadline: Moment) -> Result<Outcome, Refusal> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Refusal::bad_input("days", format!("must be from 1 to {MOST_DAYS}")));
        }
        let mut all = Vec::new();
        for day in korea::last_days(days, self.host.now()) {
            let name = day.to_string();
            let mut one = Day { day: name, wins: 0, sent: 0, waiting: 0, open: 0, won: Krw(0) };
            self.each_win(day, deadline, |_, last, _| {
                one.wins += 1;
                one.sent += u64::from(last.state == State::Sent);
                one.waiting += u64::from(last.state.waits_for_a_person());
                one.open += u64::from(crate::change::is_open(last.state));
                one.won = plus(one.won, cost(last));
            })
            .await?;
            all.push(one);
        }
        Ok(Outcome::Days(all))
    }

    /// Every payout that was recorded on a Korean day: its first attempt, its last one, and how many of them are dead.
    async fn each_win(
        &self,
        day: Date,
        deadline: Moment,
        mut each: impl FnMut(&Attempt, &Attempt, u64),
    ) -> Result<(), Refusal> {
        let day = day.to_string();
        for shard in 0..SHARDS {
            let mut after = None;
            loop {
                if self.host.now().after(TIME_TO_ANSWER) >= deadline {
                    let what = "the time for so many payouts; ask for fewer days".to_owned();
                    return Err(Refusal::Unavailable { what });
                }
                let page = self.payouts.of_day(&day, shard, after.as_ref(), 100).await;
                let (rows, next) = page.map_err(|error| unavailable(&error))?;
                for first in rows.iter().filter(|row| row.attempt == 1) {
                    let (last, dead) = self.last_of(first).await?;
                    each(first, &last, dead);
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn last_of(&self, first: &Attempt) -> Result<(Attempt, u64), Refusal> {
        let (mut last, mut dead) = (first.clone(), u64::from(first.state == State::Dead));
        for _ in 0..MOST_ATTEMPTS {
            let Some(next) = &last.next_tr_id else { break };
            let Some(row) = self.payouts.attempt(next).await.map_err(|error| unavailable(&error))? else { break };
            dead += u64::from(row.state == State::Dead);
            last = row;
        }
        Ok((last, dead))
    }
}

fn nothing_of(code: &RewardCode) -> ReportLine {
    ReportLine {
        code: code.clone(),
        wins: 0,
        sent: 0,
        handed_over: 0,
        open: 0,
        closed: 0,
        waiting: Vec::new(),
        dead: 0,
        won: Krw(0),
    }
}

fn count(line: &mut ReportLine, last: &Attempt, dead: u64) {
    line.wins += 1;
    line.dead += dead;
    match last.state {
        State::Sent => line.sent += 1,
        State::HandedOver => line.handed_over += 1,
        State::Closed => line.closed += 1,
        State::Failed | State::Review => {
            let reason = last.last_code.clone().unwrap_or_else(|| last.last_event.clone());
            match line.waiting.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, rows)) => *rows += 1,
                None => line.waiting.push((reason, 1)),
            }
        }
        // Dead without a next attempt: a restored table holds half of a transaction.
        State::Accepted | State::Sending | State::Unknown | State::Dead => line.open += 1,
    }
    line.won = plus(line.won, cost(last));
}

fn cost(last: &Attempt) -> Krw {
    last.price_krw.filter(|_| last.state == State::Sent).unwrap_or(Krw(0))
}

fn plus(a: Krw, b: Krw) -> Krw {
    Krw(a.0.saturating_add(b.0))
}
