//! The list of guards that a change must not lose. `.ci/guards` removes each and shows which test fails.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    guard: String,
    file: String,
    text: String,
    instead: String,
    tests: String,
    #[serde(default)]
    core: bool,
}

#[test]
fn every_listed_guard_is_where_the_list_says() -> Result<()> {
    let root = local::workspace_root();
    let list = std::fs::read_to_string(root.join("tests/guards.json"))?;
    let guards: Vec<Listed> = serde_json::from_str(&list).context("tests/guards.json")?;
    let mut names = BTreeSet::new();
    for Listed { guard, file, text, instead, tests, core } in guards {
        let code = std::fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        assert_eq!(code.matches(&text).count(), 1, "{guard}: its text must be once in {file}");
        assert_ne!(text, instead, "{guard}");
        assert_eq!(core, tests == "-p payout --lib", "{guard}: the core is shared/payout");
        assert!(names.insert(guard), "a guard is listed twice");
    }
    for rule in [1, 2, 3, 4, 5, 6, 8, 9, 10] {
        assert!(names.iter().any(|name| name.starts_with(&format!("rule {rule}:"))), "rule {rule} has no guard");
    }
    Ok(())
}
