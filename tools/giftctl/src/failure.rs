use operation::{Language, OrderId, Refusal, Say};
use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Exit;

/// Why a command did not end well.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// How the program ends.
    pub(crate) exit: Exit,
    /// A name for scripts: `refused.not_found`, `configuration`.
    pub(crate) code: String,
    /// What is wrong, in a sentence. Empty where everything was said already.
    pub(crate) message: String,
    /// What to type or do.
    pub(crate) mend: Option<String>,
    /// The order that it is about.
    pub(crate) order: Option<OrderId>,
    /// What `operate` has answered, if it did.
    pub(crate) refusal: Option<Box<Refusal>>,
}

impl Failure {
    /// A failure of a kind.
    pub(crate) fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        Self { exit, code: code.to_owned(), message: message.into(), mend: None, order: None, refusal: None }
    }

    /// It was not done, and trying again is safe.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, "failed", message)
    }

    /// The command lacks something.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// No credentials, no stack, another version.
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Exit::Configuration, "configuration", message)
    }

    /// Nobody reads the output any more.
    pub(crate) fn nobody_reads() -> Self {
        Self::new(Exit::Failed, "output_closed", "")
    }

    /// What `operate` has refused.
    pub(crate) fn refused(refusal: Refusal, language: Language) -> Self {
        let code = format!("refused.{}", refusal.name());
        let mut failure = Self::new(exit_of(&refusal), &code, refusal.say(language));
        failure.mend = mend_of(&refusal);
        failure.refusal = Some(Box::new(refusal));
        failure
    }

    /// What to type or do.
    #[must_use]
    pub(crate) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    /// The order that it is about.
    #[must_use]
    pub(crate) fn about(mut self, order: &OrderId) -> Self {
        self.order = Some(order.clone());
        self
    }

    /// For a machine: `{"error":{…}}`.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code, "exit": self.exit.code(), "message": self.message });
        put(&mut error, "mend", self.mend.as_ref());
        put(&mut error, "order_id", self.order.as_ref());
        put(&mut error, "refusal", self.refusal.as_ref());
        json!({ "error": error })
    }
}

fn put<T: Serialize>(object: &mut Value, key: &str, value: Option<&T>) {
    if let Some(value) = value {
        object[key] = json!(value);
    }
}

/// What each refusal means to a script.
fn exit_of(refusal: &Refusal) -> Exit {
    match refusal {
        Refusal::NotAllowed { .. }
        | Refusal::NotPossible { .. }
        | Refusal::ChangedMeanwhile { .. }
        | Refusal::NotAsExpected { .. }
        | Refusal::RewardWrong { .. }
        | Refusal::OrderDiffers
        | Refusal::SamePerson
        | Refusal::NotWaiting
        | Refusal::Expired { .. }
        | Refusal::StillOpen { .. } => Exit::Refused,
        Refusal::NoReason | Refusal::BadInput { .. } => Exit::Usage,
        Refusal::NotFound { .. } => Exit::NotFound,
        Refusal::Unavailable { .. } => Exit::Failed,
        Refusal::Unreadable { .. } => Exit::Configuration,
    }
}

fn mend_of(refusal: &Refusal) -> Option<String> {
    let text = match refusal {
        Refusal::NoReason => "Add --reason \"…\".",
        Refusal::NotPossible { tr_id, .. } => return Some(format!("giftctl payout look {}", tr_id.as_str())),
        Refusal::NotAsExpected { found, .. } => return Some(format!("--expect {found}, if that is what you mean.")),
        Refusal::OrderDiffers => "Leave --order-id out: a new order gets an id of its own.",
        Refusal::Unreadable { .. } => {
            "Build giftctl again, or deploy: the stack must be of the same version as giftctl."
        }
        _ => return None,
    };
    Some(text.to_owned())
}
