mod csv_row;
mod put;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use operation::{Operation, Outcome, RewardView};
use payout::{Reward, RewardCode};
use serde_json::json;

use super::parse;
use crate::context::{Context, unexpected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::operate::Order;
use crate::operate::new_id;
use crate::order::{OrderArgs, agreed, give, must_be_asked};
use crate::sheet::Sheet;

/// Rewards: what a code of Bleepy stands for.
#[derive(Subcommand)]
pub(crate) enum RewardCommand {
    /// Describes what a code stands for: the whole row, from flags or from JSON.
    #[command(after_help = put::EXAMPLES)]
    Put(Box<put::PutArgs>),
    /// Lists all, with what is wrong with them.
    #[command(after_help = "Example: giftctl reward list")]
    List,
    /// Shows one.
    #[command(after_help = "Example: giftctl reward show SUMMER --output json")]
    Show {
        /// Its code.
        #[arg(value_parser = parse::code)]
        code: RewardCode,
    },
    /// Switches one off: wins of it are held.
    #[command(after_help = "Example: giftctl reward disable SUMMER")]
    Disable {
        /// Its code.
        #[arg(value_parser = parse::code)]
        code: RewardCode,
        #[command(flatten)]
        args: OrderArgs,
    },
    /// Puts those of a CSV, as `export` writes it.
    #[command(after_help = "Example: giftctl reward import rewards.csv --dry-run")]
    Import {
        /// The CSV: UTF-8 or CP949, with a header.
        file: PathBuf,
        /// As many rows as you expect; needed with --yes.
        #[arg(long, value_name = "N")]
        expect: Option<u64>,
        #[command(flatten)]
        args: OrderArgs,
    },
    /// Writes all as CSV.
    #[command(after_help = "Example: giftctl reward export --excel > rewards.csv")]
    Export {
        /// With a byte-order mark, by which Excel knows UTF-8.
        #[arg(long)]
        excel: bool,
    },
}

pub(super) async fn run(context: &Context, command: &RewardCommand) -> Result<Exit, Failure> {
    match command {
        RewardCommand::Put(args) => {
            let reward = Box::new(args.reward()?);
            give(context, &args.args, Operation::RewardPut { reward }).await
        }
        RewardCommand::List => super::show(context, Operation::RewardList).await,
        RewardCommand::Show { code } => super::show(context, Operation::RewardShow { code: code.clone() }).await,
        RewardCommand::Disable { code, args } => {
            give(context, args, Operation::RewardDisable { code: code.clone() }).await
        }
        RewardCommand::Import { file, expect, args } => import(context, file, *expect, args).await,
        RewardCommand::Export { excel } => export(context, *excel).await,
    }
}

async fn rewards(context: &Context) -> Result<Vec<RewardView>, Failure> {
    match context.ask(Operation::RewardList).await? {
        Outcome::Rewards(rewards) => Ok(rewards),
        _ => Err(unexpected()),
    }
}

async fn export(context: &Context, excel: bool) -> Result<Exit, Failure> {
    let mut sheet = Sheet::new(excel);
    sheet.row(csv_row::COLUMNS)?;
    for view in rewards(context).await? {
        sheet.row(csv_row::write(&view.reward))?;
    }
    context.printer.write(&sheet.take()?)?;
    Ok(Exit::Done)
}

/// All rows are read before the first is put; then one order each, and an answer per row.
async fn import(context: &Context, file: &Path, expect: Option<u64>, args: &OrderArgs) -> Result<Exit, Failure> {
    if args.order_id.is_some() {
        return Err(Failure::usage("--order-id is for one order, and every reward of a file is one")
            .mend("Import the file again: the same reward twice is one."));
    }
    let rewards = csv_row::read(file)?;
    let number = rewards.len() as u64;
    if expect.is_some_and(|expect| expect != number) {
        return Err(Failure::new(Exit::Refused, "not_as_expected", format!("the file has {number} rewards")));
    }
    if !args.dry_run {
        match (args.yes, expect) {
            (true, Some(_)) => {}
            (true, None) if number <= 1 => {}
            (true, None) => return Err(Failure::usage(format!("{number} rows: --expect {number}, too"))),
            (false, _) => {
                must_be_asked(context)?;
                context.printer.say(&format!("{number} rewards"));
                agreed(context).await?;
            }
        }
    }
    let mut answers = Vec::new();
    for reward in rewards {
        answers.push(put_one(context, args, reward).await?);
    }
    let refused = answers.iter().filter(|answer| answer.1.is_some()).count();
    let json: Vec<_> = answers.iter().map(|(code, why)| json!({ "code": code, "refused": why })).collect();
    context.printer.document(&json!({ "rewards": json }), |_| {
        let line = |(code, why): &(RewardCode, Option<String>)| match why {
            Some(why) => format!("✘ {}: {why}\n", code.as_str()),
            None => format!("✔ {}\n", code.as_str()),
        };
        answers.iter().map(line).collect()
    })?;
    Ok(match refused {
        0 => Exit::Done,
        refused if refused == answers.len() => Exit::Refused,
        _ => Exit::Partly,
    })
}

/// What one row came to: `Some` is why it was refused.
async fn put_one(context: &Context, args: &OrderArgs, reward: Reward) -> Result<(RewardCode, Option<String>), Failure> {
    let code = reward.code.clone();
    let operation = Operation::RewardPut { reward: Box::new(reward) };
    let order = Order { id: new_id(), reason: args.reason.clone(), operation };
    let operate = context.operate().await?;
    let answer = if args.dry_run { operate.try_dry(&order).await } else { operate.order(&order).await };
    match answer {
        Ok(_) => Ok((code, None)),
        Err(failure) if failure.exit == Exit::Refused || failure.exit == Exit::Usage => {
            Ok((code, Some(failure.message)))
        }
        Err(failure) if failure.exit == Exit::Unknown => {
            Err(failure.mend("Import the file again: the same reward twice is one."))
        }
        Err(failure) => Err(failure),
    }
}
