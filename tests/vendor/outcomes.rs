//! Every outcome of every call has a cause at the fake, its own state where it can be and a scripted fault where not.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault, Sim, SimCredentials};
use jiff::SignedDuration;

use crate::desk::{Desk, TR_ID, few_at_a_time};

/// What happens at the fake before the question.
#[derive(Clone)]
enum Cause {
    Nothing,
    /// The secret was rotated there, and not here.
    Rejected,
    Balance(u64),
    /// The goods that everybody asks for.
    Suspended,
    Withdrawn,
    Used,
    EightDays,
    Fault(Fault),
    Code(&'static str),
}

const HANG: Cause = Cause::Fault(Fault::TimeoutBefore);
const HIDDEN: Cause = Cause::Fault(Fault::NotFound);

impl Cause {
    fn bring_about(self, sim: &Sim, api: Api) -> Result<()> {
        match self {
            Self::Nothing => {}
            Self::Rejected => sim.set_credentials(SimCredentials::random()),
            Self::Balance(won) => sim.set_balance(won),
            Self::Suspended => sim.suspend("G00000000001")?,
            Self::Withdrawn => sim.withdraw("G00000000001")?,
            Self::Used => sim.use_coupon(TR_ID)?,
            Self::EightDays => sim.advance_clock(SignedDuration::from_hours(8 * 24)),
            Self::Fault(fault) => sim.script(ScriptedFault::once(api, fault)),
            Self::Code(code) => sim.script(ScriptedFault::once(api, Fault::Code(code.into()))),
        }
        Ok(())
    }
}

const CAUSES: &[(Api, Cause, &str)] = &[
    (Api::Goods, Cause::Nothing, "Page"),
    (Api::Goods, Cause::Fault(Fault::EmptyPage), "Page(empty)"),
    (Api::Goods, Cause::Code("PAG0001"), "PagingRefused"),
    (Api::Brands, Cause::Nothing, "List"),
    (Api::Brands, Cause::Fault(Fault::Http204After), "List(empty)"),
    (Api::GoodsDetail, Cause::Nothing, "Found"),
    (Api::GoodsDetail, Cause::Withdrawn, "NotFound"),
    (Api::BrandDetail, Cause::Nothing, "Found"),
    (Api::BrandDetail, HIDDEN, "NotFound"),
    (Api::Lookup, Cause::Nothing, "Found"),
    (Api::Lookup, HIDDEN, "NotFound"),
    (Api::Cancel, Cause::Nothing, "Cancelled"),
    (Api::Cancel, HIDDEN, "NotFound"),
    (Api::Cancel, Cause::Used, "AlreadyUsed"),
    (Api::Cancel, Cause::EightDays, "NotCancellable"),
    (Api::Resend, Cause::Nothing, "Accepted"),
    (Api::Resend, Cause::Code("ERR0214"), "NotFound"),
    (Api::Resend, HIDDEN, "NothingToResend"),
    (Api::Resend, Cause::Used, "Refused"),
    (Api::Send, Cause::Nothing, "Issued"),
    (Api::Send, Cause::Balance(4_499), "BalanceTooLow"),
    (Api::Send, Cause::Suspended, "InputRefused"),
    (Api::Send, Cause::Withdrawn, "InputRefused"),
    (Api::Send, Cause::Fault(Fault::DuplicateAfter), "Duplicate"),
    (Api::Send, HANG, "Unknown"),
    (Api::FailedSendCancel, Cause::Nothing, "TakenBack"),
    (Api::FailedSendCancel, HIDDEN, "NotFound"),
    (Api::FailedSendCancel, Cause::Code("COUPON.0006"), "Issued"),
    (Api::Balance, Cause::Nothing, "Balance"),
];

/// What each call can come to; [`SendOutcome::NotSent`](giftishow::SendOutcome::NotSent) needs a fake that is gone.
fn every(api: Api) -> BTreeSet<&'static str> {
    let own: &[&str] = match api {
        Api::Goods => &["Page", "Page(empty)", "PagingRefused", "Unanswered"],
        Api::Brands => &["List", "List(empty)", "Unanswered"],
        Api::GoodsDetail | Api::BrandDetail | Api::Lookup => &["Found", "NotFound", "Unanswered"],
        Api::Cancel => &["Cancelled", "NotFound", "AlreadyUsed", "NotCancellable", "Unanswered"],
        Api::Resend => &["Accepted", "NotFound", "NothingToResend", "Refused", "Unanswered"],
        Api::Send => &["Issued", "BalanceTooLow", "InputRefused", "Duplicate", "Unknown"],
        Api::FailedSendCancel => &["TakenBack", "NotFound", "Issued", "Unanswered"],
        Api::Balance => &["Balance", "Unanswered"],
    };
    own.iter().copied().chain(["LineRefused(credentials)", "LineRefused(configuration)"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_outcome_of_every_call_can_be_reached() -> Result<()> {
    let mut causes = CAUSES.to_vec();
    for api in Api::ALL {
        causes.push((api, Cause::Rejected, "LineRefused(credentials)"));
        causes.push((api, Cause::Code("E0007"), "LineRefused(configuration)"));
        if api != Api::Send {
            causes.push((api, HANG, "Unanswered"));
        }
    }
    let asked = causes.into_iter().map(|(api, cause, expected)| async move {
        let desk = Desk::ready_for(api).await?;
        cause.bring_about(&desk.sim, api)?;
        Ok((api, expected, desk.ask(api).await?, desk.sim.ledger()))
    });
    let mut seen = BTreeMap::<Api, BTreeSet<&str>>::new();
    for (api, expected, outcome, ledger) in few_at_a_time(asked).await? {
        assert_eq!(outcome, expected, "{api}: {ledger:?}");
        assert!(ledger.adds_up(), "{api} {expected}: {ledger:?}");
        seen.entry(api).or_default().insert(outcome);
    }
    for api in Api::ALL {
        assert_eq!(seen[&api], every(api), "{api}");
    }
    Ok(())
}

#[tokio::test]
async fn a_fake_that_is_gone_was_sent_nothing() -> Result<()> {
    let Desk { sim, client, credentials } = Desk::open().await?;
    sim.shutdown().await;
    let answer = client.send(&credentials, &crate::desk::request(TR_ID)?).await;
    assert_eq!(answer.outcome, giftishow::SendOutcome::NotSent, "{:?}", answer.evidence);
    Ok(())
}
