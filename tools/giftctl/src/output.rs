//! Data on stdout, words on stderr: the only place that writes either.

mod chart;
mod checks;
mod line;
mod money;
mod payouts;
mod reward;
mod table;
mod text;

use std::io::{self, ErrorKind, IsTerminal, Write};

use clap::ValueEnum;
use operation::{Language, Outcome};
use serde_json::{Value, json};

pub(crate) use chart::chart;
pub(crate) use checks::checks;
pub(crate) use payouts::{line as payout_line, list as payout_list};
pub(crate) use table::{count, won};
pub(crate) use text::{stack_line, text};

use crate::failure::Failure;

/// What data look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// A JSON document per line, one per row.
    Jsonl,
}

/// How text is written for people.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub(crate) language: Language,
    /// Columns of the terminal; `None` where there is none, and nothing is wrapped.
    pub(crate) width: Option<u16>,
    /// Whether colours are shown.
    pub(crate) colour: bool,
}

/// Writes.
pub(crate) struct Printer {
    pub(crate) format: Format,
    pub(crate) style: Style,
}

impl Printer {
    pub(crate) fn new(format: Format, language: Language) -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        let width = rustix::termios::tcgetwinsize(&stdout).ok().map(|size| size.ws_col).filter(|columns| *columns > 0);
        let colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { format, style: Style { language, width: width.filter(|_| is_terminal), colour } }
    }

    /// Whether a machine reads.
    pub(crate) fn is_json(&self) -> bool {
        self.format != Format::Text
    }

    /// A line for people.
    #[expect(clippy::unused_self, reason = "whoever has no printer says nothing")]
    pub(crate) fn say(&self, line: &str) {
        // Nobody is left to tell.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Text as it is.
    #[expect(clippy::unused_self, reason = "whoever has no printer writes nothing")]
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::nobody_reads()),
            Err(error) => Err(Failure::failed(format!("stdout: {error}"))),
        }
    }

    /// A document: text for people, or JSON.
    pub(crate) fn document(&self, json: &Value, text: impl FnOnce(&Style) -> String) -> Result<(), Failure> {
        match self.format {
            Format::Text => self.write(&ends_with_line(text(&self.style))),
            Format::Json => self.write(&ends_with_line(format!("{json:#}"))),
            Format::Jsonl => self.write(&lines(json)),
        }
    }

    /// What `operate` has answered. `extra` is written beside it for machines.
    pub(crate) fn outcome(&self, outcome: &Outcome, extra: Option<(&str, &str)>) -> Result<(), Failure> {
        let mut value = json!(outcome);
        if let (Some((key, text)), Some(object)) = (extra, value.as_object_mut()) {
            object.insert(key.to_owned(), json!(text));
        }
        self.document(&value, |style| text(outcome, style))
    }

    /// What went wrong: in words, and for a machine as JSON.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.is_json() && failure.code != "output_closed" {
            let json = failure.to_json();
            let text = if self.format == Format::Json { format!("{json:#}\n") } else { format!("{json}\n") };
            // If nobody reads, the exit code is left.
            let _ = self.write(&text);
        }
        if !failure.message.is_empty() {
            self.say(&format!("giftctl: {}", failure.message));
        }
        if let Some(mend) = &failure.mend {
            self.say(&format!("  → {mend}"));
        }
    }
}

fn ends_with_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The rows of a document, one a line; or the document on one.
fn lines(json: &Value) -> String {
    let rows_of = |value: &'_ Value| value.as_array().or_else(|| value.get("rows")?.as_array()).cloned();
    let rows = json.as_object().and_then(|object| object.values().find_map(rows_of));
    match rows {
        Some(rows) => rows.iter().flat_map(|row| [row.to_string(), "\n".to_owned()]).collect(),
        None => format!("{json}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_one_a_line_and_everything_else_is_one_line() {
        assert_eq!(lines(&json!({ "days": [1, 2] })), "1\n2\n");
        assert_eq!(
            lines(&json!({ "complete": false, "payouts": { "rows": [{ "a": 1 }], "next": "x" } })),
            "{\"a\":1}\n"
        );
        assert_eq!(lines(&json!({ "balance": { "balance": 5 } })), "{\"balance\":{\"balance\":5}}\n");
    }
}
