//! 0301, the prepaid balance (specification 9). Costs nothing, so it also serves as a probe of the line.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::types::Won;
use crate::wire::{self, Envelope, Heard, Reading};

/// What became of asking for the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceOutcome {
    /// The prepaid balance in whole won.
    Balance(Won),
    /// Refused because of the line.
    LineRefused(AccountFault),
    /// Nobody can tell: every other answer, or none. Ask again with back-off.
    Unanswered,
}

impl BalanceOutcome {
    /// What an answer means. Pure, for callers that simulate the vendor.
    ///
    /// The live service nests the balance in `result`, the specification has it at the top; the live answer may lack a code.
    pub fn read(heard: Heard<'_>) -> Reading<Self> {
        let body = match heard {
            Heard::Fault(fault) => return Reading::faulty(Self::Unanswered, fault),
            Heard::Status(status) => return Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        let Some(outer) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        let code = outer.deciding_code().or_else(|| outer.code.clone());
        if let Some(code) = code.clone().filter(|code| *code != Code::Success) {
            return Reading::coded(Self::meant(Meanings::of(&code).balance), code);
        }
        let nested = outer.result.and_then(|result| balance(result.get()));
        let balance = nested.or_else(|| balance(&body));
        Reading { outcome: balance.map_or(Self::Unanswered, |won| Self::Balance(Won(won))), code, transport: None }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unanswered,
        }
    }
}

#[derive(Deserialize)]
struct Money {
    #[serde(default, deserialize_with = "wire::scalar")]
    balance: Option<String>,
}

fn balance(json: &str) -> Option<i64> {
    let money: Money = wire::object(json)?;
    wire::won(money.balance.as_ref())
}

pub(crate) struct AskBalance;

impl Api for AskBalance {
    type Outcome = BalanceOutcome;
    const CODE: &'static str = "0301";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/bizmoney".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.lookup_timeout
    }

    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        vec![("user_id", credentials.user_id())]
    }

    fn read(&self, heard: Heard<'_>) -> Reading<BalanceOutcome> {
        BalanceOutcome::read(heard)
    }
}
