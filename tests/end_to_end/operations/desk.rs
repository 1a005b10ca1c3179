//! A person's desk: a terminal with the real `giftctl`, and `docs/OPERATIONS.md` open beside it.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use local::Stack;
use serde_json::Value;
use tests::LIMIT;
use tokio::process::Command;

/// What a command said.
pub(crate) struct Said {
    /// Its exit code.
    pub(crate) code: i32,
    /// Its data.
    pub(crate) stdout: String,
    /// Its words.
    pub(crate) stderr: String,
}

/// The terminal of one person, who has a stack on this machine.
pub(crate) struct Desk {
    folder: PathBuf,
    path: String,
    /// What the document writes in capitals.
    variables: BTreeMap<&'static str, String>,
    /// Its commands that were not typed yet.
    left: VecDeque<String>,
    /// Everything that any command has said.
    all: String,
}

impl Desk {
    /// Begins with the first command of the document, as the person of this name. `cargo local` has left its settings.
    pub(crate) async fn of(name: &str, stack: &Stack) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("desk-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join(".local"))?;
        std::fs::write(folder.join(".local/giftctl.toml"), local::serve::giftctl_settings(stack, name))?;
        let giftctl = tests::giftctl().await?;
        let beside = giftctl.parent().context("a folder")?.display();
        let path = format!("{beside}:{}", std::env::var("PATH").unwrap_or_default());
        let document = std::fs::read_to_string(local::workspace_root().join("docs/OPERATIONS.md"))?;
        Ok(Self { folder, path, variables: BTreeMap::new(), left: commands(&document), all: String::new() })
    }

    /// From now on the document means this.
    pub(crate) fn means(&mut self, variable: &'static str, value: impl Into<String>) {
        self.variables.insert(variable, value.into());
    }

    /// Puts a file on the desk; where it is.
    pub(crate) fn put_file(&self, name: &str, text: &str) -> Result<String> {
        let file = self.folder.join(name);
        std::fs::write(&file, text)?;
        Ok(file.display().to_string())
    }

    /// Types the document's next command, which must begin like this and succeed.
    pub(crate) async fn types(&mut self, begins: &str) -> Result<Said> {
        let command = self.left.pop_front().with_context(|| format!("the document ends before `{begins}`"))?;
        ensure!(command.starts_with(begins), "the document does not go on with `{begins}` but with `{command}`");
        self.succeeds(&command).await
    }

    /// Types a command that is not the document's next one, and must succeed.
    pub(crate) async fn succeeds(&mut self, command: &str) -> Result<Said> {
        let said = self.says(command).await?;
        ensure!(said.code == 0, "`{command}` ended with {}:\n{}{}", said.code, said.stdout, said.stderr);
        Ok(said)
    }

    /// Types a command and reads its data as JSON.
    pub(crate) async fn reads(&mut self, command: &str) -> Result<Value> {
        let said = self.succeeds(&format!("{command} --output json")).await?;
        serde_json::from_str(&said.stdout).with_context(|| format!("`{command}` says no JSON: {}", said.stdout))
    }

    /// Types a command, however it ends.
    pub(crate) async fn says(&mut self, command: &str) -> Result<Said> {
        let mut shell = Command::new("sh");
        shell.args(["-euc", command]).current_dir(&self.folder).env_clear().envs(&self.variables);
        shell.env("PATH", &self.path).env("HOME", &self.folder).env("LANG", "en_US.UTF-8");
        shell.stdin(Stdio::null()).kill_on_drop(true);
        let ended = tokio::time::timeout(LIMIT, shell.output()).await;
        let ended = ended.with_context(|| format!("`{command}` does not end"))??;
        let stdout = String::from_utf8(ended.stdout)?;
        let stderr = String::from_utf8(ended.stderr)?;
        self.all.push_str(&stdout);
        self.all.push_str(&stderr);
        let Some(code) = ended.status.code() else { bail!("`{command}` was killed") };
        Ok(Said { code, stdout, stderr })
    }

    /// What the document says that nobody has typed.
    pub(crate) fn left(&self) -> impl Iterator<Item = &str> {
        self.left.iter().map(String::as_str)
    }

    /// Everything that was said so far.
    pub(crate) fn all(&self) -> &str {
        &self.all
    }
}

/// The lines of all blocks of `sh`, in their order.
fn commands(document: &str) -> VecDeque<String> {
    let mut commands = VecDeque::new();
    let mut typed = false;
    for line in document.lines() {
        match line.trim() {
            "```sh" => typed = true,
            "```" => typed = false,
            command if typed && !command.is_empty() => commands.push_back(command.to_owned()),
            _ => {}
        }
    }
    commands
}
