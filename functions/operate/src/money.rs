//! The balance against the rows.

use std::time::Duration;

use operation::{Outcome, Refusal};
use payout::Krw;
use platform::{ConfirmTopUp as _, Host as _, ReadMoney as _, TakeMoney as _, ToppedUp, money_view};

use crate::gate::Estimate;
use crate::order::{Order, unavailable};
use crate::{Given, Operate, korea};

/// Days that are shown.
const SHOWN_DAYS: u16 = 31;
/// Days within which a top-up can be confirmed: those that are read.
const TOP_UP_DAYS: u16 = 99;
/// Time kept at the end of an invocation for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);

impl<G: Given> Operate<G> {
    pub(crate) async fn money(&self) -> Result<Outcome, Refusal> {
        let now = self.host.now();
        let days = self.control.snapshots(now, SHOWN_DAYS).await.map_err(|error| unavailable(&error))?;
        let counted = self.control.counted_today(now).await.map_err(|error| unavailable(&error))?;
        let left = Krw(self.settings.daily_budget.0.saturating_sub(counted.0));
        Ok(Outcome::Money(money_view(&days, Some(left))))
    }

    /// The function `reconcile` does it; that somebody wanted it is recorded.
    pub(crate) async fn reconcile(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        let within = order.deadline.since(self.host.now().after(TIME_TO_ANSWER));
        let money = self.reconciler.take(within).await;
        let money = money.map_err(|error| Refusal::Unavailable { what: error.to_string() })?;
        let difference = money.days.first().and_then(|day| day.difference);
        self.did(order, difference.map_or("taken".to_owned(), |won| format!("difference {won}"))).await;
        Ok(Outcome::Money(money))
    }

    pub(crate) async fn estimate_top_up(&self, day: &str, amount: Krw) -> Result<Estimate, Refusal> {
        korea::day("day", day)?;
        if amount == Krw(0) {
            return Err(Refusal::bad_input("amount", "must be at least 1"));
        }
        let snapshots = self.control.snapshots(self.host.now(), TOP_UP_DAYS).await;
        let snapshots = snapshots.map_err(|error| unavailable(&error))?;
        let is_there = snapshots.iter().any(|snapshot| snapshot.money.day == day);
        if is_there { Ok(Estimate::ONE) } else { Err(no_such_day()) }
    }

    pub(crate) async fn top_up(&self, order: &Order<'_>, day: &str, amount: Krw) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        let topped_up = self.control.top_up(day, order.id, amount).await.map_err(|error| unavailable(&error))?;
        match topped_up {
            ToppedUp::Done => {
                self.did(order, format!("{} won", amount.0)).await;
                self.money().await
            }
            ToppedUp::NoSuchDay => Err(no_such_day()),
        }
    }
}

fn no_such_day() -> Refusal {
    Refusal::bad_input("day", "must be one of the last 99 days on whose morning the balance was taken")
}
