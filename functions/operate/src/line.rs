//! Whether anything is sent.

use operation::{Kind, Outcome, Refusal};
use payout::{Line, Pause, PauseReason};
use platform::{ControlLine as _, Host as _, Metric};

use crate::gate::Estimate;
use crate::order::{Order, unavailable};
use crate::{Given, Operate};

/// Rounds of "read, change" while others change it, too.
const MOST_ROUNDS: usize = 5;

impl<G: Given> Operate<G> {
    pub(crate) async fn estimate_line(&self, order: &Order<'_>) -> Result<Estimate, Refusal> {
        let line = self.control.line().await.map_err(|error| unavailable(&error))?;
        self.ordered(&line, order.kind())?;
        Ok(Estimate::ONE)
    }

    pub(crate) async fn change_line(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        for _ in 0..MOST_ROUNDS {
            let line = self.control.line().await.map_err(|error| unavailable(&error))?;
            let Some(after) = self.ordered(&line, order.kind())? else {
                self.did(order, "as it was").await;
                return Ok(Outcome::Line(line));
            };
            if self.control.change_line(&after).await.map_err(|error| unavailable(&error))? {
                self.tell(&after);
                self.did(order, if after.is_open() { "open" } else { "paused" }).await;
                return Ok(Outcome::Line(after));
            }
        }
        Err(Refusal::ChangedMeanwhile { what: "line".to_owned() })
    }

    /// The line as it shall be; `None` if it is so already.
    fn ordered(&self, line: &Line, kind: Kind) -> Result<Option<Line>, Refusal> {
        let reason = line.pause.as_ref().map(|pause| pause.reason);
        let now = self.host.now();
        let pause = match (kind, reason) {
            (_, Some(PauseReason::Restored)) => {
                let why = "the table of payouts is an older copy of itself: the repair opens the line (restore repair)";
                return Err(Refusal::bad_input("line", why));
            }
            (Kind::Pause, Some(PauseReason::Operator)) | (Kind::Resume, None) => return Ok(None),
            (Kind::Pause, _) => {
                Some(Pause { reason: PauseReason::Operator, since: now, probe_at: now, probes: 0, needed: None })
            }
            _ => None,
        };
        let open_since = if pause.is_none() { Some(now) } else { line.open_since };
        Ok(Some(Line {
            version: line.version.saturating_add(1),
            owner: Some(self.host.new_owner()),
            unanswered: 0,
            reopened: 0,
            open_since,
            pause,
            ..line.clone()
        }))
    }

    fn tell(&self, after: &Line) {
        if after.is_open() {
            self.host.count(Metric::LineResumed, 1);
            tracing::info!("The line is open again: a person has resumed it.");
        } else {
            self.host.count(Metric::LinePaused, 1);
            tracing::error!("The line is paused by a person: payouts wait, and none is lost.");
        }
    }
}
