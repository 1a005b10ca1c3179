use clap::Subcommand;
use operation::{AuditRecord, Operation, Outcome, Page};

use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::text;
use crate::sheet::Sheet;
use crate::when;
use serde_json::json;

/// Who did what.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Lists a month's records, newest first.
    #[command(after_help = "Example: giftctl audit list --month 2026-11")]
    List {
        /// The Korean month; this one if it is left out.
        #[arg(long, value_parser = when::parse_month)]
        month: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// All of them.
        #[arg(long)]
        all: bool,
    },
    /// Writes a month's records as CSV, for the monthly check.
    #[command(after_help = "Example: giftctl audit export --month 2026-11 --excel > audit.csv")]
    Export {
        /// The Korean month.
        #[arg(long, value_parser = when::parse_month)]
        month: String,
        /// With a byte-order mark, by which Excel knows UTF-8.
        #[arg(long)]
        excel: bool,
    },
}

pub(super) async fn run(context: &Context, command: &AuditCommand) -> Result<Exit, Failure> {
    match command {
        AuditCommand::List { month, limit, all } => {
            let month = month.clone().unwrap_or_else(|| when::day(when::now())[..7].to_owned());
            list(context, &month, if *all { usize::MAX } else { *limit }).await
        }
        AuditCommand::Export { month, excel } => export(context, month, *excel).await,
    }
}

async fn page(context: &Context, month: &str, after: Option<String>) -> Result<Page<AuditRecord>, Failure> {
    match context.ask(Operation::Audit { month: month.to_owned(), after }).await? {
        Outcome::Audit(page) => Ok(page),
        _ => Err(unexpected()),
    }
}

async fn list(context: &Context, month: &str, limit: usize) -> Result<Exit, Failure> {
    let mut found = page(context, month, None).await?;
    while found.rows.len() < limit {
        let Some(after) = found.next.take() else { break };
        let further = page(context, month, Some(after)).await?;
        found.rows.extend(further.rows);
        found.next = further.next;
    }
    let cut = found.rows.len() > limit;
    found.rows.truncate(limit);
    if cut || found.next.is_some() {
        let of = found.total.map(|total| format!(" of {total}")).unwrap_or_default();
        context.printer.say(&format!("first {}{of}; --all shows all", found.rows.len()));
    }
    let json = json!({ "audit": found });
    context.printer.document(&json, |style| text(&Outcome::Audit(found), style))?;
    Ok(Exit::Done)
}

async fn export(context: &Context, month: &str, excel: bool) -> Result<Exit, Failure> {
    let mut sheet = Sheet::new(excel);
    sheet.row([
        "order",
        "at_kst",
        "who",
        "via",
        "address",
        "roles",
        "operation",
        "about",
        "reason",
        "ended",
        "result",
        "cost_krw",
    ])?;
    let (mut after, mut rows) = (None, 0);
    loop {
        let found = page(context, month, after.take()).await?;
        rows += found.rows.len();
        for record in &found.rows {
            sheet.row(columns(record))?;
        }
        context.printer.write(&sheet.take()?)?;
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    context.printer.say(&format!("{rows} records of {month}"));
    Ok(Exit::Done)
}

fn columns(record: &AuditRecord) -> [String; 12] {
    let roles: Vec<&str> = record.caller.roles.iter().map(|role| role.as_str()).collect();
    let via = serde_json::to_value(record.caller.via).ok();
    [
        record.order.as_str().to_owned(),
        when::second(record.at),
        record.caller.who.clone(),
        via.and_then(|via| via.as_str().map(str::to_owned)).unwrap_or_default(),
        record.caller.address.clone().unwrap_or_default(),
        roles.join(" "),
        record.operation.as_str().to_owned(),
        record.about.clone().unwrap_or_default(),
        record.reason.clone().unwrap_or_default(),
        record.ended.as_str().to_owned(),
        record.result.clone().unwrap_or_default(),
        record.cost.0.to_string(),
    ]
}
