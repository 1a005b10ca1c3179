//! What somebody asks, and its records.

use operation::{AuditRecord, Caller, Ended, Kind, Operation, OrderId, Refusal, Request};
use payout::{Krw, Moment};
use platform::{AuditLine, Host as _, StoreError, WriteAudit as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Given, Operate};

/// The step of an order that is carried out.
pub(crate) const DONE: &str = "done";
/// The step of an order that waits for a second person.
pub(crate) const WAITS: &str = "waits";
/// The step before something happens outside of the table of payouts.
pub(crate) const INTENDED: &str = "intended";

/// An order under way.
pub(crate) struct Order<'a> {
    pub(crate) id: &'a OrderId,
    pub(crate) caller: &'a Caller,
    pub(crate) reason: Option<&'a str>,
    pub(crate) operation: &'a Operation,
    /// When it came.
    pub(crate) at: Moment,
    /// When it must be answered.
    pub(crate) deadline: Moment,
    /// What of it is recorded already.
    pub(crate) steps: &'a [Step],
}

/// A record, as the table has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Recorded {
    /// What people read.
    pub(crate) audit: AuditRecord,
    /// Tells another operation under the same id; nothing can be read from it.
    pub(crate) fingerprint: String,
    /// The whole request, of an order that waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Request>,
}

/// A record and the step that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) recorded: Recorded,
}

/// What came of a step, for its record.
pub(crate) struct Ending {
    pub(crate) ended: Ended,
    pub(crate) result: Option<String>,
    pub(crate) cost: Krw,
}

impl Ending {
    /// It was done, and this is what it came to.
    pub(crate) fn done(result: impl Into<String>, cost: Krw) -> Self {
        Self { ended: Ended::Done, result: Some(result.into()), cost }
    }
}

impl Order<'_> {
    pub(crate) fn kind(&self) -> Kind {
        self.operation.kind()
    }

    pub(crate) fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// What tells one operation from another under the same id. The count that a person expects does not: an order about many
/// rows is gone on with. Phone numbers are left out, since a digest of one can be guessed.
pub(crate) fn fingerprint(operation: &Operation) -> String {
    use operation::Which::All;
    let text = match operation {
        Operation::RecipientPut(new) => format!("put {} {}", new.user_key.as_str(), new.expires_at),
        Operation::RecipientImport { recipients } => {
            let keys = recipients.iter().map(|new| format!("{} {}", new.user_key.as_str(), new.expires_at));
            keys.fold("import".to_owned(), |text, key| text + "\n" + &key)
        }
        Operation::Reopen(All { filter, .. }) => format!("reopen {filter:?}"),
        Operation::Grant(All { filter, .. }) => format!("grant {filter:?}"),
        // A page after the other.
        Operation::RestoreCopy { table, .. } => format!("copy {table}"),
        Operation::RestoreRepair { taken_at, .. } => format!("repair {taken_at:?}"),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    hex::encode(&Sha256::digest(text)[..16])
}

impl<G: Given> Operate<G> {
    /// The record of a step.
    pub(crate) fn line(&self, order: &Order<'_>, step: &str, ending: Ending) -> Result<AuditLine, StoreError> {
        self.line_about(order, step, order.operation.about(), ending)
    }

    /// Likewise, about one of many.
    pub(crate) fn line_about(
        &self,
        order: &Order<'_>,
        step: &str,
        about: Option<String>,
        ending: Ending,
    ) -> Result<AuditLine, StoreError> {
        self.line_with(order, step, about, ending, None)
    }

    pub(crate) fn line_with(
        &self,
        order: &Order<'_>,
        step: &str,
        about: Option<String>,
        ending: Ending,
        request: Option<Request>,
    ) -> Result<AuditLine, StoreError> {
        let at = self.host.now();
        let audit = AuditRecord {
            order: order.id.clone(),
            at,
            caller: order.caller.clone(),
            operation: order.kind(),
            about: about.clone(),
            reason: order.reason.map(ToOwned::to_owned),
            ended: ending.ended,
            result: ending.result,
            cost: ending.cost,
        };
        let recorded = Recorded { audit, fingerprint: fingerprint(order.operation), request };
        let id = order.id.as_str();
        let record = serde_json::to_value(&recorded).map_err(|error| StoreError::malformed("audit", id, &error))?;
        let keep_until = at.after(self.settings.keep_audit);
        Ok(AuditLine::new(id, step, at, keep_until, record).about(about))
    }

    /// Records a step; `false` if it was recorded before.
    pub(crate) async fn record(&self, order: &Order<'_>, step: &str, ending: Ending) -> Result<bool, Refusal> {
        let line = self.line(order, step, ending).map_err(|error| unavailable(&error))?;
        self.audit.record(&line).await.map_err(|error| unavailable(&error))
    }

    /// Records that something is about to be done, before it is.
    pub(crate) async fn intend(&self, order: &Order<'_>) -> Result<bool, Refusal> {
        let ending = Ending { ended: Ended::Intended, result: None, cost: Krw(0) };
        self.record(order, INTENDED, ending).await
    }

    /// Records that it was done. It was, whether that can be recorded or not: the intent is.
    pub(crate) async fn did(&self, order: &Order<'_>, result: impl Into<String>) {
        if let Err(refusal) = self.record(order, DONE, Ending::done(result, Krw(0))).await {
            let order = order.id.as_str();
            tracing::error!(order, "What came of an order was not recorded ({}).", refusal.name());
        }
    }
}

/// What the records of an order hold.
pub(crate) fn step_of(line: AuditLine) -> Result<Step, StoreError> {
    let recorded = serde_json::from_value(line.record);
    let recorded = recorded.map_err(|error| StoreError::malformed("audit", &line.order, &error))?;
    Ok(Step { name: line.step, recorded })
}

/// A table did not do what it was asked; the log says more.
pub(crate) fn unavailable(error: &StoreError) -> Refusal {
    tracing::warn!("A table was needed and could not be used: {error}.");
    let what = match error {
        StoreError::Unavailable { operation, code } => format!("{operation}: {code}"),
        StoreError::Malformed { table, why } => format!("table {table}: {why}"),
    };
    Refusal::Unavailable { what }
}
