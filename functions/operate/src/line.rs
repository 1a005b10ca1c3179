//! Whether anything is sent.

use operation::{Kind, Outcome, Refusal};
use payout::{Line, LineEvent, PauseReason};
use platform::{ControlLine as _, tell_line};

use crate::gate::Estimate;
use crate::order::{Order, unavailable};
use crate::{Given, Operate};

/// What came of an order about the line, as the audit keeps it.
const AS_IT_WAS: &str = "as it was";
const OPEN: &str = "open";
const PAUSED: &str = "paused";

impl<G: Given> Operate<G> {
    pub(crate) async fn estimate_line(&self) -> Result<Estimate, Refusal> {
        self.line_now().await.and_then(a_persons_business).map(|_| Estimate::ONE)
    }

    pub(crate) async fn change_line(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        let before = self.line_now().await?;
        let event = if order.kind() == Kind::Pause { LineEvent::Stopped } else { LineEvent::Resumed };
        let after = tell_line(&self.host, &self.control, &self.rules, event).await;
        let after = after.map_err(|error| unavailable(&error)).and_then(a_persons_business)?;
        let is_changed = after.version != before.version;
        self.did(order, if is_changed { standing(&after) } else { AS_IT_WAS }).await;
        Ok(Outcome::Line(after))
    }

    async fn line_now(&self) -> Result<Line, Refusal> {
        self.control.line().await.map_err(|error| unavailable(&error))
    }
}

fn standing(line: &Line) -> &'static str {
    if line.is_open() { OPEN } else { PAUSED }
}

/// A line that stands still over an older table is not.
fn a_persons_business(line: Line) -> Result<Line, Refusal> {
    if line.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::Restored) {
        let why = "the table of payouts is an older copy of itself: the repair opens the line (restore repair)";
        return Err(Refusal::bad_input("line", why));
    }
    Ok(line)
}
