//! What the function processes wrote, line by line.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Lines kept; older ones are forgotten, so that a stack can run for days.
const MAX_LINES: usize = 200_000;

/// One line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Name of the function.
    pub function: String,
    /// The line without its end.
    pub text: String,
}

/// Output of all function processes, standard output and error alike.
#[derive(Debug, Clone)]
pub struct Logs {
    lines: Arc<Mutex<VecDeque<LogLine>>>,
    echo: bool,
}

impl Logs {
    pub(crate) fn new(echo: bool) -> Self {
        Self { lines: Arc::default(), echo }
    }

    /// All lines so far, oldest first.
    pub fn lines(&self) -> Vec<LogLine> {
        self.locked(|lines| lines.iter().cloned().collect())
    }

    /// The lines of one function.
    pub fn of(&self, function: &str) -> Vec<String> {
        self.locked(|lines| {
            let own = lines.iter().filter(|line| line.function == function);
            own.map(|line| line.text.clone()).collect()
        })
    }

    /// The lines that contain `needle`, in any function.
    pub fn containing(&self, needle: &str) -> Vec<LogLine> {
        self.locked(|lines| lines.iter().filter(|line| line.text.contains(needle)).cloned().collect())
    }

    pub(crate) fn push(&self, function: &str, text: String) {
        if self.echo {
            eprintln!("{function:>8} | {text}");
        }
        self.locked(|lines| {
            if lines.len() == MAX_LINES {
                lines.pop_front();
            }
            lines.push_back(LogLine { function: function.to_owned(), text });
        });
    }

    /// Reads a pipe to its end. Undecodable bytes are kept as replacement characters.
    pub(crate) async fn drain(self, function: String, pipe: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\n', &mut line).await, Ok(count) if count > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.push(&function, text);
            line.clear();
        }
    }

    fn locked<T>(&self, work: impl FnOnce(&mut VecDeque<LogLine>) -> T) -> T {
        work(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
