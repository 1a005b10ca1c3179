use clap::{Args, Subcommand};
use operation::Operation;
use payout::Krw;

use super::parse;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::{OrderArgs, give};
use crate::when;

/// Balance against rows; without a command, shows it.
#[derive(Args)]
pub(crate) struct MoneyArgs {
    #[command(subcommand)]
    command: Option<MoneyCommand>,
}

#[derive(Subcommand)]
pub(crate) enum MoneyCommand {
    /// Shows balance and differences, day by day.
    #[command(after_help = "Example: giftctl money show")]
    Show,
    /// Takes the balance now and compares it with what the rows say.
    #[command(after_help = "Example: giftctl money reconcile")]
    Reconcile(OrderArgs),
    /// Confirms that money was paid in, which explains a difference.
    #[command(
        after_help = "Example: giftctl money top-up --day 2026-11-22 --amount 1,000,000 --reason \"transfer of 22 November\""
    )]
    TopUp {
        /// The Korean day whose difference it explains.
        #[arg(long, value_name = "DAY", value_parser = when::parse_day)]
        day: String,
        /// How much, in won.
        #[arg(long, value_name = "WON", value_parser = parse::krw)]
        amount: Krw,
        #[command(flatten)]
        args: OrderArgs,
    },
}

pub(super) async fn run(context: &Context, args: &MoneyArgs) -> Result<Exit, Failure> {
    match &args.command {
        None | Some(MoneyCommand::Show) => super::show(context, Operation::Money).await,
        Some(MoneyCommand::Reconcile(args)) => give(context, args, Operation::Reconcile).await,
        Some(MoneyCommand::TopUp { day, amount, args }) => {
            give(context, args, Operation::TopUp { day: day.clone(), amount: *amount }).await
        }
    }
}
