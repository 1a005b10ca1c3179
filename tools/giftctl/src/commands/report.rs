use clap::Args;
use operation::{Operation, Outcome, ReportLine};

use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::sheet::Sheet;
use crate::when;

/// Which month, and how.
#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The Korean month, as 2026-11.
    #[arg(long, value_parser = when::parse_month)]
    month: String,
    /// As CSV.
    #[arg(long)]
    csv: bool,
    /// As CSV with a byte-order mark, by which Excel knows UTF-8.
    #[arg(long)]
    excel: bool,
}

pub(super) async fn run(context: &Context, args: &ReportArgs) -> Result<Exit, Failure> {
    let outcome = context.ask(Operation::Report { month: args.month.clone() }).await?;
    let Outcome::Report(lines) = &outcome else { return Err(unexpected()) };
    if args.csv || args.excel {
        context.printer.write(&sheet(lines, args.excel)?)?;
    } else {
        context.printer.outcome(&outcome, None)?;
    }
    Ok(Exit::Done)
}

fn sheet(lines: &[ReportLine], excel: bool) -> Result<String, Failure> {
    let mut sheet = Sheet::new(excel);
    sheet.row([
        "reward",
        "wins",
        "sent",
        "handed_over",
        "open",
        "closed",
        "waiting",
        "waiting_by_reason",
        "dead",
        "won",
    ])?;
    for line in lines {
        let waiting: u64 = line.waiting.iter().map(|reason| reason.1).sum();
        let reasons: Vec<String> = line.waiting.iter().map(|(reason, number)| format!("{reason}={number}")).collect();
        sheet.row([
            line.code.as_str().to_owned(),
            line.wins.to_string(),
            line.sent.to_string(),
            line.handed_over.to_string(),
            line.open.to_string(),
            line.closed.to_string(),
            waiting.to_string(),
            reasons.join(" "),
            line.dead.to_string(),
            line.won.0.to_string(),
        ])?;
    }
    sheet.take()
}
