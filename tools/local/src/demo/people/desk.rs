//! One person at the one door: a signed request to the URL of `operate`, as `giftctl` sends it.

use anyhow::{Context, Error, Result, anyhow};
use operation::{Kind, Language, Operation, OrderId, Outcome, PROTOCOL, Reply, Request, Say as _};
use uuid::Uuid;

use crate::Stack;

/// The function that does what people ask.
const OPERATE: &str = "operate";

/// An order that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// By whom.
    pub(super) who: &'static str,
    /// What.
    pub(super) kind: Kind,
    /// About whom or what.
    pub(super) about: Option<String>,
    /// Why.
    pub(super) reason: Option<&'static str>,
}

/// Where somebody sits.
pub(super) struct Desk<'a> {
    stack: &'a Stack,
    who: &'static str,
}

impl<'a> Desk<'a> {
    pub(super) fn new(stack: &'a Stack, who: &'static str) -> Self {
        Self { stack, who }
    }

    /// Asks for this; a refusal is an error.
    pub(super) async fn ask(&self, operation: Operation, reason: Option<&str>) -> Result<Outcome> {
        let (who, what) = (self.who, operation.kind().say(Language::En));
        let id = OrderId::try_from(Uuid::new_v4().to_string())?;
        let reason = reason.map(ToOwned::to_owned);
        let request = Request { protocol: PROTOCOL, id, dry_run: false, reason, operation };
        let (status, body) = self.stack.post_signed(OPERATE, who, &serde_json::to_value(&request)?).await?;
        let reply: Reply = serde_json::from_value(body).with_context(|| format!("{who}: {what}: HTTP {status}"))?;
        reply.into_result().map_err(|refusal| anyhow!("{who}: {what}: {}", refusal.say(Language::En)))
    }
}

/// It did not answer what was asked.
pub(super) fn another_answer() -> Error {
    anyhow!("`operate` answered something else than it was asked")
}
