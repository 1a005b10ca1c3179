//! Whether anything is sent, and who has said so.

use operation::{AuditRecord, Ended, Kind, LineView, Operation, Outcome, Refusal};
use payout::{Line, LineEvent, PauseReason};
use platform::{ControlLine as _, ReadAudit as _, tell_line};

use crate::gate::Estimate;
use crate::order::{Order, step_of, unavailable};
use crate::{Given, Operate};

/// What came of an order about the line, as the audit keeps it.
const AS_IT_WAS: &str = "as it was";
const OPEN: &str = "open";
const PAUSED: &str = "paused";
/// Latest orders about the line among which the one is looked for by which it stands as it does.
const MOST_RECORDS: u8 = 100;

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

    pub(crate) async fn line_show(&self) -> Result<Outcome, Refusal> {
        let line = self.line_now().await?;
        let by = self.ordered_by(&line).await?;
        Ok(Outcome::LineShown(Box::new(LineView { line, by })))
    }

    async fn line_now(&self) -> Result<Line, Refusal> {
        self.control.line().await.map_err(|error| unavailable(&error))
    }

    /// The order by which the line stands as it does: the first one that was carried out since then. `None` if no person has
    /// given it, or the audit does not tell yet.
    async fn ordered_by(&self, line: &Line) -> Result<Option<AuditRecord>, Refusal> {
        let since = match &line.pause {
            None => line.open_since,
            Some(pause) => Some(pause.since).filter(|_| pause.reason == PauseReason::Operator),
        };
        let Some(since) = since else { return Ok(None) };
        let about = self.audit.about(Operation::ABOUT_LINE, MOST_RECORDS).await.map_err(|error| unavailable(&error))?;
        let records = about.into_iter().map(|line| step_of(line).map(|step| step.recorded.audit));
        let records = records.collect::<Result<Vec<_>, _>>().map_err(|error| unavailable(&error))?;
        let is_it = |record: &AuditRecord| {
            matches!(record.operation, Kind::Pause | Kind::Resume)
                && record.ended == Ended::Done
                && record.result.as_deref() == Some(standing(line))
                && record.at >= since
        };
        Ok(records.into_iter().filter(is_it).min_by_key(|record| record.at))
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
