mod bulk;
mod list;
mod watch;

use clap::{Args, Subcommand, ValueEnum};
use operation::{Operation, Which};
use payout::{Then, TrId};

use super::parse;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::{OrderArgs, give, give_many};

/// Payouts: find, look, decide.
#[derive(Subcommand)]
pub(crate) enum PayoutCommand {
    /// Lists those that wait for a person, or those of a day.
    #[command(after_help = "Examples:\n  giftctl payout list\n  giftctl payout list --day today --state failed --all")]
    List(list::ListArgs),
    /// Finds payouts of a winner, or by a number of Giftishow.
    #[command(after_help = "Example: giftctl payout find --last-four 5678")]
    Find(list::FindArgs),
    /// Shows one: its story, what Giftishow says, what may be done, and what not and why.
    #[command(after_help = "Example: giftctl payout look BG0123456789ABCDEFGH")]
    Look {
        /// Any attempt of it.
        #[arg(value_name = "TR_ID", value_parser = parse::tr_id)]
        tr_id: TrId,
    },
    /// Sends one that has failed, or waits and was never sent; or all that a filter finds.
    #[command(
        after_help = "Examples:\n  giftctl payout reopen BG0123456789ABCDEFGH\n  giftctl payout reopen --code SUMMER --expect 12 --yes"
    )]
    Reopen(bulk::BulkArgs),
    /// Pays what may be a repetition; or all that a filter finds; or, with --user-key, a new payout.
    #[command(
        after_help = "Examples:\n  giftctl payout grant BG0123456789ABCDEFGH --reason \"a win of its own\"\n  giftctl payout grant --code SUMMER --user-key USER-KEY --reason \"promised by phone\""
    )]
    Grant(bulk::GrantArgs),
    /// Says that the winner has it: in review → sent.
    #[command(after_help = "Example: giftctl payout confirm BG0123456789ABCDEFGH --reason \"0201 shows it live\"")]
    Confirm(One),
    /// Orders the cancel of a coupon that lives, and what comes after it.
    #[command(
        after_help = "Example: giftctl payout cancel BG0123456789ABCDEFGH --then reissue --reason \"wrong number\""
    )]
    Cancel {
        /// What becomes of the payout once the coupon is cancelled.
        #[arg(long, value_enum)]
        then: ThenArg,
        #[command(flatten)]
        one: One,
    },
    /// Begins the next attempt of one of which nothing lives.
    #[command(after_help = "Example: giftctl payout reissue BG0123456789ABCDEFGH --reason \"0201 shows none\"")]
    Reissue(One),
    /// Ends one of which nothing lives: nothing is owed.
    #[command(after_help = "Example: giftctl payout close BG0123456789ABCDEFGH --reason \"a test\"")]
    Close(One),
    /// Asks Giftishow to send the message once more (0203).
    #[command(after_help = "Example: giftctl payout resend BG0123456789ABCDEFGH")]
    Resend(One),
    /// Shows what changes, until Ctrl-C.
    #[command(after_help = "Example: giftctl payout watch --day today")]
    Watch(watch::WatchArgs),
}

/// One attempt.
#[derive(Args)]
pub(crate) struct One {
    /// The attempt.
    #[arg(value_name = "TR_ID", value_parser = parse::tr_id)]
    tr_id: TrId,
    #[command(flatten)]
    args: OrderArgs,
}

/// [`Then`], as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ThenArg {
    /// The payout goes on in the next attempt.
    Reissue,
    /// Nothing is owed.
    Close,
}

impl From<ThenArg> for Then {
    fn from(then: ThenArg) -> Self {
        match then {
            ThenArg::Reissue => Self::Reissue,
            ThenArg::Close => Self::Close,
        }
    }
}

pub(super) async fn run(context: &Context, command: &PayoutCommand) -> Result<Exit, Failure> {
    let one = |one: &One, make: fn(TrId) -> Operation| make(one.tr_id.clone());
    match command {
        PayoutCommand::List(args) => list::list(context, args).await,
        PayoutCommand::Find(args) => list::find(context, args).await,
        PayoutCommand::Look { tr_id } => super::show(context, Operation::Look { tr_id: tr_id.clone() }).await,
        PayoutCommand::Reopen(args) => reopen(context, args).await,
        PayoutCommand::Grant(args) => grant(context, args).await,
        PayoutCommand::Confirm(it) => give(context, &it.args, one(it, |tr_id| Operation::Confirm { tr_id })).await,
        PayoutCommand::Cancel { then, one } => {
            let operation = Operation::Cancel { tr_id: one.tr_id.clone(), then: (*then).into() };
            give(context, &one.args, operation).await
        }
        PayoutCommand::Reissue(it) => give(context, &it.args, one(it, |tr_id| Operation::Reissue { tr_id })).await,
        PayoutCommand::Close(it) => give(context, &it.args, one(it, |tr_id| Operation::Close { tr_id })).await,
        PayoutCommand::Resend(it) => give(context, &it.args, one(it, |tr_id| Operation::Resend { tr_id })).await,
        PayoutCommand::Watch(args) => watch::run(context, args).await,
    }
}

async fn reopen(context: &Context, args: &bulk::BulkArgs) -> Result<Exit, Failure> {
    match args.one()? {
        Some(tr_id) => give(context, &args.args, Operation::Reopen(Which::One(tr_id))).await,
        None => give_many(context, &args.args, args.filter(), args.expect, Operation::Reopen).await,
    }
}

async fn grant(context: &Context, args: &bulk::GrantArgs) -> Result<Exit, Failure> {
    let bulk = &args.bulk;
    if let Some(operation) = args.granted_new()? {
        return give(context, &bulk.args, operation).await;
    }
    match bulk.one()? {
        Some(tr_id) => give(context, &bulk.args, Operation::Grant(Which::One(tr_id))).await,
        None => give_many(context, &bulk.args, bulk.filter(), bulk.expect, Operation::Grant).await,
    }
}
