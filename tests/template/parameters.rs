//! What whoever deploys must say, and what they need not.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::load;

#[test]
fn only_what_nobody_can_know_for_a_company_has_no_default() -> Result<()> {
    let template = load()?;
    let parameters = template.raw()["Parameters"].as_object().context("parameters")?;
    let needed: Vec<_> = parameters.iter().filter(|(_, one)| one["Default"].is_null()).map(|(name, _)| name).collect();
    assert_eq!(needed, ["AlarmEmail", "CallbackTokenSha256", "TrIdNamespace"]);
    assert!(parameters["AlarmEmail"]["AllowedPattern"].as_str().is_some_and(|pattern| pattern.contains('@')));
    Ok(())
}

#[test]
fn sends_side_by_side_and_patience_have_limits_and_begin_careful() -> Result<()> {
    let template = load()?;
    for (name, default, most) in [("SendConcurrency", 1, 20), ("RecipientWaitHours", 0, 720)] {
        let parameter = &template.raw()["Parameters"][name];
        assert_eq!(parameter["Default"], default, "{name}");
        assert_eq!(
            (&parameter["MinValue"], &parameter["MaxValue"]),
            (&Value::from(default), &Value::from(most)),
            "{name}"
        );
    }
    Ok(())
}

#[test]
fn winners_are_texted_all_day_unless_hours_are_given_as_the_function_reads_them() -> Result<()> {
    let template = load()?;
    let parameter = &template.raw()["Parameters"]["SendHours"];
    assert_eq!(parameter["Default"], "");
    let pattern = parameter["AllowedPattern"].as_str().context("a pattern")?;
    assert_eq!(pattern, "^(([01][0-9]|2[0-3])-([01][0-9]|2[0-4]))?$");
    for hours in ["08-22", "22-08", "00-24", "23-00"] {
        assert!(hours.parse::<payout::SendHours>().is_ok(), "{hours}");
    }
    Ok(())
}
