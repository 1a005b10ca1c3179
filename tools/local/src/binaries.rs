//! Builds the function binaries and finds them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// How to start one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Its arguments; the real functions take none.
    pub args: Vec<String>,
}

impl From<PathBuf> for Program {
    fn from(path: PathBuf) -> Self {
        Self { path, args: Vec::new() }
    }
}

/// Programs by the name of their function.
pub type Binaries = BTreeMap<String, Program>;

/// Builds these packages, each of which has a binary of its own name, and returns where the binaries are.
///
/// With `progress`, cargo reports on standard error as usual; without, it reports errors only.
pub async fn build(names: &[String], progress: bool) -> Result<Binaries> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.arg("build").arg("--message-format=json-render-diagnostics");
    if !progress {
        command.arg("--quiet");
    }
    if cfg!(not(debug_assertions)) {
        command.arg("--release");
    }
    for name in names {
        command.args(["--bin", name]);
    }
    command.current_dir(crate::workspace_root()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut lines = BufReader::new(output).lines();
    let mut found = Binaries::new();
    while let Some(line) = lines.next_line().await? {
        let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
        let name = message["target"]["name"].as_str().unwrap_or_default();
        if let (true, Some(path)) = (names.iter().any(|one| one == name), message["executable"].as_str()) {
            found.insert(name.to_owned(), PathBuf::from(path).into());
        }
    }
    if !child.wait().await?.success() {
        bail!("the functions do not build");
    }
    match names.iter().find(|name| !found.contains_key(*name)) {
        Some(missing) => bail!("cargo built no binary {missing}"),
        None => Ok(found),
    }
}
