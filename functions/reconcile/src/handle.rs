use lambda_runtime::LambdaEvent;
use operation::MoneyView;
use payout::Krw;
use platform::{Host as _, ReadMoney as _, StoreError, TopicError, money_view};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use crate::take::Taken;
use crate::{Given, Reconcile};

/// Days that are shown.
const SHOWN_DAYS: u16 = 31;

/// What is to be done; see the events in `events/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// `{"task":"reconcile"}`: the morning's snapshot, if it is quiet and the day has none yet.
    Reconcile,
    /// `{"task":"reconcile","last":true}`: the same, also if it is not quiet: it then says so.
    ReconcileAtLast,
    /// `{"task":"digest"}`: the morning's letter.
    Digest,
    /// `{"by_hand":true}`: a person wants to know, now.
    ByHand,
}

/// Why nothing came of it.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The event asks for nothing that is known.
    #[error(r#"the event must be {{"task":"reconcile"}}, {{"task":"digest"}} or {{"by_hand":true}}"#)]
    Event,
    /// Giftishow did not say what the balance is.
    #[error("Giftishow did not say what the balance is; try again later")]
    Balance,
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// By hand: the money as it is now; the newest day first.
    Money(MoneyView),
    /// In a word.
    Done {
        /// `taken`, `taken_before`, `not_quiet`, `unanswered` or `told`.
        done: &'static str,
    },
}

impl Task {
    fn of(event: &Value) -> Result<Self, ReconcileError> {
        match (event["task"].as_str(), event["last"].as_bool(), event["by_hand"].as_bool()) {
            (None, None, Some(true)) => Ok(Self::ByHand),
            (Some("reconcile"), Some(true), None) => Ok(Self::ReconcileAtLast),
            (Some("reconcile"), None | Some(false), None) => Ok(Self::Reconcile),
            (Some("digest"), None, None) => Ok(Self::Digest),
            _ => Err(ReconcileError::Event),
        }
    }
}

/// One invocation.
pub async fn handle<G: Given>(reconcile: &Reconcile<G>, event: LambdaEvent<Value>) -> Result<Answer, ReconcileError> {
    let deadline = reconcile.host.deadline(event.context.deadline);
    let task = Task::of(&event.payload)?;
    if task == Task::Digest {
        reconcile.tell_how_it_went(deadline).await?;
        return Ok(Answer::Done { done: "told" });
    }
    let before = reconcile.control.snapshots(reconcile.host.now(), SHOWN_DAYS).await?;
    let taken = reconcile.take(task, &before, deadline).await;
    if task != Task::ByHand {
        let done = match taken? {
            Taken::Now(_) => "taken",
            Taken::Before => "taken_before",
            Taken::NotQuiet => "not_quiet",
            Taken::Unanswered => "unanswered",
        };
        return Ok(Answer::Done { done });
    }
    let mut days = before;
    match taken? {
        Taken::Now(snapshot) => days.insert(0, *snapshot),
        Taken::Unanswered => return Err(ReconcileError::Balance),
        Taken::Before | Taken::NotQuiet => {}
    }
    Ok(Answer::Money(money_view(&days, Some(reconcile.budget_left().await?))))
}

impl<G: Given> Reconcile<G> {
    /// What is left of today's budget.
    pub(crate) async fn budget_left(&self) -> Result<Krw, StoreError> {
        let counted = self.control.counted_today(self.host.now()).await?;
        Ok(Krw(self.daily_budget.0.saturating_sub(counted.0)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_says_what_is_to_be_done_and_anything_else_is_refused() {
        let task = |event: Value| Task::of(&event).ok();
        assert_eq!(task(json!({ "task": "reconcile" })), Some(Task::Reconcile));
        assert_eq!(task(json!({ "task": "reconcile", "last": true })), Some(Task::ReconcileAtLast));
        assert_eq!(task(json!({ "task": "digest" })), Some(Task::Digest));
        assert_eq!(task(json!({ "by_hand": true })), Some(Task::ByHand));
        for wrong in [json!({}), json!({ "task": "pay" }), json!({ "by_hand": false }), json!(null)] {
            assert_eq!(task(wrong.clone()), None, "{wrong}");
        }
    }
}
