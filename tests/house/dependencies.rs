//! Who may depend on whom, and what the functions link.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The crates that are deployed, and the crates of this repository that each may depend on. Arrows point one way.
const ARROWS: [(&str, &[&str]); 12] = [
    ("callback", &["payout", "platform"]),
    ("catalog", &["payout"]),
    ("catalog-sync", &["catalog", "giftishow", "line", "payout", "platform"]),
    ("giftishow", &[]),
    ("line", &["giftishow", "payout", "platform"]),
    ("operate", &["catalog", "giftishow", "line", "operation", "payout", "platform"]),
    ("operation", &["payout"]),
    ("payout", &[]),
    ("platform", &["catalog", "operation", "payout"]),
    ("reconcile", &["catalog", "giftishow", "line", "operation", "payout", "platform"]),
    ("send", &["catalog", "giftishow", "line", "payout", "platform"]),
    ("sweeper", &["giftishow", "line", "payout", "platform"]),
];

/// What Cargo says about the workspace, without a network.
fn cargo(arguments: &[&str]) -> Result<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").context("run by Cargo only")?);
    let output = cargo.args(arguments).args(["--offline", "--locked"]).current_dir(local::workspace_root()).output()?;
    ensure!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Everything that these crates link: name → versions.
fn linked(packages: &[&str]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut arguments = vec!["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    arguments.extend(packages.iter().flat_map(|package| ["--package", package]));
    let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in cargo(&arguments)?.lines() {
        if let [name, version, ..] = line.split(' ').collect::<Vec<_>>()[..] {
            linked.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    Ok(linked)
}

#[test]
fn the_functions_link_one_tls_stack_over_one_provider() -> Result<()> {
    let linked = linked(&["callback", "catalog-sync", "operate", "reconcile", "send", "sweeper"])?;
    for one in ["rustls", "aws-lc-rs"] {
        let versions = linked.get(one).with_context(|| format!("{one} is not linked"))?;
        assert_eq!(versions.len(), 1, "{one} {versions:?}");
    }
    for other in ["boring", "native-tls", "openssl", "openssl-sys", "ring", "s2n-tls", "schannel"] {
        assert!(!linked.contains_key(other), "{other} is a second TLS provider");
    }
    Ok(())
}

#[test]
fn the_callback_cannot_speak_to_giftishow() -> Result<()> {
    let linked = linked(&["callback"])?;
    assert!(linked.contains_key("platform"));
    for client in ["giftishow", "line", "reqwest"] {
        assert!(!linked.contains_key(client), "callback links {client}");
    }
    Ok(())
}

#[test]
fn the_door_for_people_neither_sends_nor_cancels() -> Result<()> {
    let files = std::fs::read_dir(local::workspace_root().join("functions/operate/src"))?;
    for file in files {
        let path = file?.path();
        if path.is_dir() {
            continue;
        }
        let code = std::fs::read_to_string(&path)?;
        for word in [".cancel(", ".send(&", "CancelOutcome", "SendOutcome", "SendRequest", "cancel_failed_send"] {
            assert!(!code.contains(word), "{} has {word}: rules 9 and 10", path.display());
        }
    }
    Ok(())
}

#[test]
fn arrows_between_the_crates_point_one_way() -> Result<()> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])?)?;
    let packages = metadata["packages"].as_array().context("packages")?;
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut arrows = BTreeMap::new();
    for package in packages {
        let path = package["manifest_path"].as_str().context("a manifest")?;
        let name = package["name"].as_str().context("a name")?;
        if path.contains("/functions/") || path.contains("/shared/") {
            let all = package["dependencies"].as_array().context("dependencies")?.iter();
            let names = all.filter_map(|dependency| dependency["name"].as_str());
            arrows.insert(name, names.filter(|name| ours.contains(name)).collect::<BTreeSet<_>>());
        }
    }
    assert_eq!(arrows, ARROWS.map(|(name, to)| (name, to.iter().copied().collect())).into());
    Ok(())
}
