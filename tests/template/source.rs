//! The functions' source, for tests of what they need from the template.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

/// What is compiled into a function of a source file: its tests and comments are not.
pub(crate) fn read(path: &Path) -> Result<String> {
    let path = local::workspace_root().join(path);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    Ok(lines.fold(String::new(), |text, line| text + line + "\n"))
}

/// Every source file below a folder, but for files `tests.rs`.
pub(crate) fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    below(&local::workspace_root().join(folder), &mut found)?;
    Ok(found)
}

/// Names of the folders in a folder.
pub(crate) fn folders(folder: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(local::workspace_root().join(folder))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The value of `const NAME: Duration = Duration::from_secs(…);` in a file.
pub(crate) fn seconds(path: &str, name: &str) -> Result<Duration> {
    let text = read(Path::new(path))?;
    let start = format!("const {name}: Duration = Duration::from_secs(");
    let number = text.split_once(&start).and_then(|(_, rest)| rest.split_once(')'));
    let (number, _) = number.with_context(|| format!("{path} has no {name} in seconds"))?;
    Ok(Duration::from_secs(number.parse()?))
}

/// The words of a text: names, keywords, numbers.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}
