//! `giftctl`: the operator's command line. It asks `operate` for everything that is done with payouts, and speaks to AWS itself
//! only where a stack is set up: secret, token, doctor.
//!
//! | module | what |
//! | --- | --- |
//! | `cli`, `commands` | what can be typed, and what it does |
//! | `settings` | which stack is meant |
//! | `aws`, `operate` | the two that are asked |
//! | `order` | how an order is given: shown, agreed to, carried out |
//! | `output` | data on stdout, words on stderr |
//! | `import` | a million recipients of a CSV |

mod aws;
mod cli;
mod commands;
mod context;
#[cfg(test)]
mod documented;
mod exit;
mod failure;
mod import;
mod language;
mod operate;
mod order;
mod output;
mod prompt;
mod settings;
mod sheet;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command};
use context::Context;
pub use exit::Exit;
use failure::Failure;
use output::{Format, Printer};

/// Runs a command line; the first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(misunderstood(&error, &arguments).code()),
    };
    ExitCode::from(carry_out(&cli).code())
}

fn carry_out(cli: &Cli) -> Exit {
    let variable = |name: &str| std::env::var(name).ok();
    let language = cli.globals.lang.map_or_else(|| language::of_environment(variable), Into::into);
    let printer = Printer::new(cli.globals.output, language);
    let context = Context::new(printer, language, cli.globals.flags());
    let result = match &cli.command {
        // Needs no runtime.
        Command::Completions(args) => commands::completions::run(&context, args),
        command => in_runtime(&context, command),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            context.printer.failure(&failure);
            failure.exit
        }
    }
}

/// Runs until it is done, or Ctrl-C.
fn in_runtime(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no runtime: {error}")))?;
    // A prompt that hides what is typed must not stay in force.
    let terminal = rustix::termios::tcgetattr(std::io::stdin()).ok();
    let result = runtime.block_on(async {
        tokio::select! {
            result = commands::run(context, command) => result,
            _ = tokio::signal::ctrl_c() => Err(interrupted(context)),
        }
    });
    if let Some(terminal) = terminal.filter(|_| result.is_err()) {
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, &terminal);
    }
    // A prompt may still wait for its line.
    runtime.shutdown_background();
    result
}

fn interrupted(context: &Context) -> Failure {
    let under_way = context.under_way();
    let mut failure = Failure::new(Exit::Interrupted, "interrupted", "");
    if let Some(order) = under_way.first() {
        failure.message = format!("ended while order {} was under way: it may have been carried out", order.as_str());
        failure = failure.mend(format!("Type the same command with `--order-id {}`.", order.as_str())).about(order);
    }
    if let Some(words) = context.last_words() {
        failure.message = words;
    }
    failure
}

/// What was typed is no command: help and version are no failure.
fn misunderstood(error: &clap::Error, arguments: &[OsString]) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Whoever closes the pipe has read enough.
        let _ = error.print();
        return Exit::Done;
    }
    let format = asked_format(arguments);
    if format == Format::Text {
        let _ = error.print();
    } else {
        let message = error.to_string();
        Printer::new(format, operation::Language::En).failure(&Failure::usage(message.trim_end()));
    }
    Exit::Usage
}

/// `--output` of a command line that could not be parsed.
fn asked_format(arguments: &[OsString]) -> Format {
    let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let is = |format: &str| {
        words.windows(2).any(|pair| matches!(pair[0], "--output" | "-o") && pair[1] == format)
            || words.iter().any(|word| {
                word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o")).map(|w| w.trim_start_matches('='))
                    == Some(format)
            })
    };
    match (is("json"), is("jsonl")) {
        (true, _) => Format::Json,
        (_, true) => Format::Jsonl,
        _ => Format::Text,
    }
}
