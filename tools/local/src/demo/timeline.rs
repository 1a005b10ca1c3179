//! What happened when, on both sides.

use std::collections::BTreeMap;

use giftishow_sim::Event;
use jiff::Timestamp;
use serde_json::Value;

use crate::Change;

/// One line of the timeline.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// When.
    pub(super) at: Timestamp,
    /// Who: `Bleepy`, `payouts`, `Giftishow`, or a person.
    pub(super) who: &'static str,
    /// What.
    pub(super) what: String,
}

/// The story of these payouts: changes of state and Giftishow's events, by time. Of a coupon that is issued, `number` may say
/// where it goes.
pub(super) fn tell(
    user_key: &str,
    changes: &[Change],
    events: &[Event],
    number: impl Fn(&str) -> Option<String>,
) -> Vec<Moment> {
    let mut states = BTreeMap::<&str, &str>::new();
    let mut moments = Vec::new();
    for change in changes.iter().filter(|change| change.text("user_key") == user_key) {
        let (tr_id, state) = (change.text("tr_id"), change.text("state"));
        // A row may change without a change of its state.
        if states.insert(tr_id, state) != Some(state) {
            let attempt = &change.row["attempt"];
            let what = format!("{tr_id}  attempt {attempt}: {state}");
            moments.push(Moment { at: change.at, who: "payouts", what });
        }
    }
    for event in events {
        let Some(tr_id) = event.tr_id.as_deref().filter(|tr_id| states.contains_key(tr_id)) else { continue };
        let code = event.code.as_ref().map(|code| format!(" {}", code.as_str())).unwrap_or_default();
        let fault = event.fault.as_ref().map(|fault| format!("   ← fault: {fault}")).unwrap_or_default();
        let number = number(tr_id).filter(|_| event.did == "issued").map(|number| format!(" to {number}"));
        let (api, number) = (event.api.code(), number.unwrap_or_default());
        let what = format!("{tr_id}  {api} {}{code}{number}{fault}", event.did);
        moments.push(Moment { at: event.at, who: "Giftishow", what });
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// Whether the last change of each of these rows was seen: that happens a little after it was written.
pub(super) fn is_complete(rows: &[Value], changes: &[Change]) -> bool {
    rows.iter().all(|row| changes.iter().any(|change| change.row == *row))
}

/// Prints the moments as seconds since `start`.
pub(super) fn print(start: Timestamp, moments: &[Moment]) {
    for Moment { at, who, what } in moments {
        let seconds = at.duration_since(start).as_secs_f64().max(0.0);
        println!("  t+{seconds:>7.3} s  {who:<10} {what}");
    }
}
