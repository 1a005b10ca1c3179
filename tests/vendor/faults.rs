//! Every fault at every call: the client claims no more than the ledger shows, and asks once.

use anyhow::Result;
use giftishow_sim::{Api, Fault, Ledger, ScriptedFault};

use crate::desk::{Desk, few_at_a_time};

/// What a spoiled exchange must come to.
fn expected(api: Api, fault: &Fault) -> &'static str {
    match (api, fault) {
        (Api::Send, Fault::DuplicateAfter) => "Duplicate",
        (Api::Send, _) => "Unknown",
        (Api::Goods, Fault::EmptyPage | Fault::Http204After) => "Page(empty)",
        (Api::Brands, Fault::Http204After) => "List(empty)",
        (Api::Balance, Fault::Http204After) => "Unanswered",
        (Api::Resend, Fault::NotFound) => "NothingToResend",
        (_, Fault::NotFound | Fault::Http204After) => "NotFound",
        _ => "Unanswered",
    }
}

/// How often the operation had its effect.
fn effects(api: Api, ledger: &Ledger) -> usize {
    match api {
        Api::Send => ledger.entries.len(),
        Api::Cancel => ledger.cancelled,
        Api::Resend => ledger.entries.iter().map(|entry| entry.resends.len()).sum(),
        Api::FailedSendCancel => ledger.failed_sends.iter().filter(|failed| failed.refunded_at.is_some()).count(),
        Api::Goods | Api::Brands | Api::GoodsDetail | Api::BrandDetail | Api::Lookup | Api::Balance => 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoiled_exchange_is_asked_once_and_never_taken_for_certain() -> Result<()> {
    let faults = || Fault::ALL.into_iter().filter(|fault| fault.to_string() != "code:<CODE>");
    let combinations = Api::ALL.into_iter().flat_map(|api| faults().map(move |fault| (api, fault)));
    let combinations: Vec<_> = combinations.filter(|(api, fault)| fault.apis().contains(api)).collect();
    assert!(combinations.len() > 120, "{} combinations", combinations.len());
    let asked = combinations.into_iter().map(|(api, fault)| async move {
        let desk = Desk::ready_for(api).await?;
        let before = desk.sim.ledger().requests_for(api);
        desk.sim.script(ScriptedFault::once(api, fault.clone()));
        let outcome = desk.ask(api).await?;
        Ok((api, fault, outcome, before, desk.sim.ledger()))
    });
    for (api, fault, outcome, before, ledger) in few_at_a_time(asked).await? {
        let name = fault.name_for(api);
        assert_eq!(outcome, expected(api, &fault), "{api} {name}");
        assert_eq!(ledger.requests_for(api), before + 1, "{api} {name}: one call is one request");
        if fault != Fault::Late {
            let wanted = usize::from(!api.only_reads() && name.contains("-after-"));
            assert_eq!(effects(api, &ledger), wanted, "{api} {name}");
        }
        assert!(ledger.adds_up(), "{api} {name}: {ledger:?}");
    }
    Ok(())
}
