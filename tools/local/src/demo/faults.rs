//! The faults that `--fault` knows: those of the simulator after which the machine goes on by itself.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use giftishow_sim::{Api, Fault, ScriptedFault, Sim};

/// Later than the shortened deadline of a send, earlier than the end of the shortened grace.
const LATENESS: Duration = Duration::from_secs(3);

/// A fault by name, for a send or for a cancel.
#[derive(Debug, Clone)]
pub(super) struct PlannedFault {
    api: Api,
    fault: Fault,
}

impl PlannedFault {
    /// Scripts it. A cancel happens only after a send that came to nothing, so one is scripted before it.
    pub(super) fn script(&self, sim: &Sim) {
        if self.api == Api::Cancel {
            sim.script(ScriptedFault::once(Api::Send, Fault::TimeoutAfter));
        }
        let scripted = ScriptedFault::once(self.api, self.fault.clone());
        sim.script(match self.fault {
            Fault::Late => scripted.delayed(LATENESS),
            _ => scripted,
        });
    }
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = if self.api == Api::Cancel { "timeout-after-issue, then " } else { "" };
        write!(formatter, "{before}{}", self.fault.name_for(self.api))
    }
}

/// Takes a name of a send's fault, else of a cancel's.
pub(super) fn parse(name: &str) -> Result<PlannedFault, String> {
    let planned = |api| Fault::named(name, api).map(|fault| PlannedFault { api, fault });
    let planned = planned(Api::Send)
        .or_else(|unknown| planned(Api::Cancel).map_err(|_| unknown))
        .map_err(|unknown| format!("{unknown}; --help lists them"))?;
    if !ends_by_itself(&planned.fault) {
        return Err(format!("{name} ends with a person, days later: nothing to watch here"));
    }
    Ok(planned)
}

/// Money taken for nothing can be neither cancelled nor sent again by the machine.
fn ends_by_itself(fault: &Fault) -> bool {
    *fault != Fault::ChargeOnly
}

/// All faults with a line each.
pub(super) fn help() -> String {
    let mut text = "Faults of a send (0204):\n".to_owned();
    for fault in of(Api::Send) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:<28} {}", fault.name_for(Api::Send), fault.about());
    }
    text.push_str("\nThe same for a cancel (0202), after timeout-after-issue:\n");
    // Names that both have mean the send.
    let shared =
        |fault: &Fault| fault.apis().contains(&Api::Send) && fault.name_for(Api::Cancel) == fault.name_for(Api::Send);
    for fault in of(Api::Cancel).filter(|fault| !shared(fault)) {
        let _ = writeln!(text, "  {}", fault.name_for(Api::Cancel));
    }
    text
}

fn of(api: Api) -> impl Iterator<Item = &'static Fault> {
    Fault::ALL.iter().filter(move |fault| fault.apis().contains(&api) && ends_by_itself(fault))
}
