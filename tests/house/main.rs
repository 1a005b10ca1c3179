//! House rules, kept by tests and not by memory.

mod dependencies;
mod guards;
mod size;
mod traffic;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Every file of the repository, by its path from the root: what Git ignores is not part of it.
fn files() -> Result<Vec<PathBuf>> {
    let root = local::workspace_root();
    let ignored = fs::read_to_string(root.join(".gitignore"))?;
    let mut outside: Vec<PathBuf> = ignored.lines().map(|line| root.join(line.trim_matches('/'))).collect();
    outside.push(root.join(".git"));
    let mut found = Vec::new();
    below(&root, &outside, &mut found)?;
    found.iter().map(|path| Ok(path.strip_prefix(&root)?.to_owned())).collect()
}

fn below(folder: &Path, outside: &[PathBuf], found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        match path.is_dir() {
            _ if outside.contains(&path) => {}
            true => below(&path, outside, found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

/// A file's text; what is no text (a picture) counts as empty.
fn text(path: &Path) -> Result<String> {
    let bytes =
        fs::read(local::workspace_root().join(path)).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}
