//! 0301, the prepaid balance (specification 9). Costs nothing, so it also serves as a probe of the line.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use super::Api;
use crate::client::ClientLimits;
use crate::codes::{Code, LineFault, configuration_refused, credentials_refused};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::types::Won;
use crate::wire::{self, Envelope, Heard, Reading};

/// What became of asking for the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceOutcome {
    /// The prepaid balance in whole won.
    Balance(Won),
    /// Refused because of the line.
    LineRefused(LineFault),
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
            Heard::Status(status) => {
                let fault = LineFault::from_http_status(status);
                return Reading::uncoded(fault.map_or(Self::Unanswered, Self::LineRefused));
            }
            Heard::Body(body) => String::from_utf8_lossy(body),
        };
        let Some(outer) = Envelope::read(&body) else {
            return Reading::faulty(Self::Unanswered, TransportFault::BodyUnreadable);
        };
        let code = outer.deciding_code().or_else(|| outer.code.clone());
        if let Some(fault) = code.as_ref().and_then(refused) {
            return Reading { outcome: fault, code, transport: None };
        }
        let nested = outer.result.and_then(|result| balance(result.get()));
        let balance = nested.or_else(|| balance(&body));
        Reading { outcome: balance.map_or(Self::Unanswered, |won| Self::Balance(Won(won))), code, transport: None }
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

/// What a code other than `0000` means; `None` for `0000`.
fn refused(code: &Code) -> Option<BalanceOutcome> {
    use Code as C;
    match code {
        C::Success => None,
        credentials_refused!() => Some(BalanceOutcome::LineRefused(LineFault::Credentials)),
        configuration_refused!() => Some(BalanceOutcome::LineRefused(LineFault::Configuration)),
        C::E0010
        | C::E9999
        | C::Err0000
        | C::Err0005
        | C::Err0008
        | C::Err0201
        | C::Err0208
        | C::Err0209
        | C::Err0212
        | C::Err0213
        | C::Err0214
        | C::Err0215
        | C::Err0217
        | C::Err0401
        | C::Err0800
        | C::Err0803
        | C::Err0804
        | C::Err0805
        | C::Err0806
        | C::Err0807
        | C::Err0808
        | C::Err0817
        | C::Err0999
        | C::Pag0001
        | C::Pag0002
        | C::Coupon0001
        | C::Coupon0002
        | C::Coupon0003
        | C::Coupon0004
        | C::Coupon0005
        | C::Coupon0006
        | C::Coupon0007
        | C::Coupon0008
        | C::Coupon0009
        | C::Coupon0010
        | C::Coupon0011
        | C::Coupon0012
        | C::Coupon0013
        | C::Coupon0014
        | C::Coupon0015
        | C::Unlisted(_) => Some(BalanceOutcome::Unanswered),
    }
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
