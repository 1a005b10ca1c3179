use std::fmt::Write as _;

use operation::{Check, CheckState};

use super::Style;

/// One line per thing, and under it what mends it.
pub(crate) fn checks(checks: &[Check], style: &Style) -> String {
    let widest = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for check in checks {
        let (sign, colour) = match check.state {
            CheckState::Good => ("✔", "32"),
            CheckState::Doubtful => ("!", "33"),
            CheckState::Bad => ("✘", "31"),
        };
        let sign = if style.colour { format!("\u{1b}[{colour}m{sign}\u{1b}[0m") } else { sign.to_owned() };
        let _ = writeln!(text, "{sign} {:widest$}  {}", check.name, check.found);
        if let Some(mend) = check.mend.as_ref().filter(|_| check.state != CheckState::Good) {
            let _ = writeln!(text, "  {:widest$}  → {mend}", "");
        }
    }
    text
}
