//! A CSV of recipients, up to millions of lines, in constant memory.
//!
//! The file is read three times: its digest and encoding; every line, for the counts that a person agrees to; and once more to
//! send it, in batches, a few at a time. After each batch a small file beside the CSV says how far it is, so that the same
//! command goes on there whatever has ended it. What a batch's order is called follows from the file and the line it begins
//! with: a batch that is sent again is the same order.

mod batch;
mod errors;
mod progress;
mod row;
mod seen;
mod send;
mod source;
mod table;

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::commands::recipient::ImportArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::language::pick;
use crate::order::{must_be_asked, show_stack, stopped};
use crate::output::count;
use crate::prompt;
use batch::Batches;
use errors::Errors;
use progress::Progress;
use send::{Counts, Sending};
use source::Source;
pub(crate) use table::Table;

/// Imports a file.
pub(crate) async fn run(context: &Context, args: &ImportArgs) -> Result<Exit, Failure> {
    let source = Source::scan(&args.file)?;
    let (good, bad) = lines(&source, args)?;
    let shown = args.file.display();
    let encoding = source.encoding_name();
    let words = (pick(context.language, "정상", "good"), pick(context.language, "오류", "bad"));
    context.printer.say(&format!("{shown}: {encoding}, {} {}, {} {}", words.0, count(good), words.1, count(bad)));
    if good == 0 && bad == 0 {
        return Err(Failure::usage(format!("{shown} has a header, and no line")));
    }
    let mut progress = Progress::open(&args.file, &source, args)?;
    if !args.args.dry_run {
        show_stack(context).await?;
        agreed(context, args, good).await?;
    }
    if progress.line > 0 {
        let said = pick(context.language, "이어서 진행합니다, 완료된 줄:", "It goes on; finished up to line");
        context.printer.say(&format!("{said} {}", count(progress.line)));
    }
    let errors = Errors::open(&args.file, progress.errors_bytes)?;
    let bar = bar(context, source.lines);
    let sending = Sending { context, args, source: &source, bar: &bar };
    let counts = sending.run(&mut progress, errors).await;
    bar.finish_and_clear();
    let counts = counts.map_err(|failure| to_go_on(failure, args))?;
    progress.remove()?;
    report(context, args, &counts)
}

/// Reads every line without sending any.
fn lines(source: &Source, args: &ImportArgs) -> Result<(u64, u64), Failure> {
    let (mut good, mut bad) = (0, 0);
    let mut batches = Batches::new(source, args.expires)?;
    while let Some(batch) = batches.next()? {
        good += batch.recipients.len() as u64;
        bad += batch.bad.len() as u64;
    }
    Ok((good, bad))
}

/// More than one row: their number must be said.
async fn agreed(context: &Context, args: &ImportArgs, good: u64) -> Result<(), Failure> {
    if let Some(expect) = args.expect
        && expect != good
    {
        let said = format!("the file has {good} good lines, not {expect}: nothing was sent");
        return Err(Failure::new(Exit::Refused, "not_as_expected", said));
    }
    match (args.args.yes, args.expect) {
        (true, Some(_)) => Ok(()),
        (true, None) if good <= 1 => Ok(()),
        (true, None) => {
            Err(Failure::usage(format!("--yes alone is not enough for more than one row: --expect {good}, too")))
        }
        (false, _) => {
            must_be_asked(context)?;
            let question = pick(
                context.language,
                "계속하려면 정상 건수를 입력하십시오:",
                "To go on, type the number of good lines:",
            );
            let typed = prompt::line(question).await?;
            if typed.replace(',', "").parse() == Ok(good) { Ok(()) } else { Err(stopped()) }
        }
    }
}

fn bar(context: &Context, lines: u64) -> ProgressBar {
    let target = if context.printer.is_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(lines), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {per_sec}  {eta}") {
        bar.set_style(style);
    }
    bar
}

fn to_go_on(failure: Failure, args: &ImportArgs) -> Failure {
    if args.args.dry_run {
        return failure;
    }
    let mend = "What is done stays done: the same command goes on where it was.";
    let mend = match &failure.mend {
        Some(first) => format!("{first} {mend}"),
        None => mend.to_owned(),
    };
    // Sent again, a batch is the same order: there is nothing to look for.
    let exit = if failure.exit == Exit::Unknown { Exit::Partly } else { failure.exit };
    Failure { exit, ..failure }.mend(mend)
}

fn report(context: &Context, args: &ImportArgs, counts: &Counts) -> Result<Exit, Failure> {
    let errors = errors::path(&args.file);
    let errors = (counts.bad > 0).then(|| errors.display().to_string());
    let json = json!({ "imported": {
        "new": counts.new, "changed": counts.changed, "unchanged": counts.unchanged, "bad": counts.bad,
        "would": counts.would, "dry_run": args.args.dry_run, "errors_file": errors,
    } });
    context.printer.document(&json, |style| {
        let pick = |korean, english| pick(style.language, korean, english);
        let numbers = [
            (pick("새로 등록", "new"), counts.new),
            (pick("변경", "changed"), counts.changed),
            (pick("그대로", "unchanged"), counts.unchanged),
            (pick("등록 가능", "would be taken"), counts.would),
            (pick("오류", "bad"), counts.bad),
        ];
        // What a dry run alone counts says nothing otherwise.
        let shown = numbers.iter().filter(|(_, number)| *number > 0);
        let text: Vec<String> = shown.map(|(word, number)| format!("{word} {}", count(*number))).collect();
        let errors = errors.as_ref().map(|path| format!("\n→ {path}")).unwrap_or_default();
        format!("{}{errors}", text.join(", "))
    })?;
    Ok(if counts.bad > 0 { Exit::Partly } else { Exit::Done })
}

/// A file beside the CSV.
fn beside(file: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
