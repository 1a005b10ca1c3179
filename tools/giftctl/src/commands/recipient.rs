use std::path::PathBuf;

use clap::{Args, Subcommand};
use operation::{NewRecipient, Operation, Phone};
use payout::{Moment, UserKey};

use super::parse;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import;
use crate::order::{OrderArgs, give};
use crate::prompt;
use crate::when;

/// Who stands behind a user key.
#[derive(Subcommand)]
pub(crate) enum RecipientCommand {
    /// Registers one.
    #[command(after_help = "Example: giftctl recipient put USER-KEY --expires 2027-12-31   (the number is asked for)")]
    Put(PutArgs),
    /// Shows one; the number masked, or whole with a reason.
    #[command(after_help = "Example: giftctl recipient show USER-KEY --reveal --reason \"call back\"")]
    Show {
        /// Bleepy's key of the user.
        #[arg(value_name = "USER_KEY", value_parser = parse::user_key)]
        user_key: UserKey,
        /// Shows the whole number; recorded, and needs a reason.
        #[arg(long)]
        reveal: bool,
        /// Why; the audit keeps it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Deletes the number, and the user key from every row. There is no way back.
    #[command(after_help = "Example: giftctl recipient erase USER-KEY --reason \"asked for it on 22 November\"")]
    Erase {
        /// Bleepy's key of the user.
        #[arg(value_name = "USER_KEY", value_parser = parse::user_key)]
        user_key: UserKey,
        #[command(flatten)]
        args: OrderArgs,
    },
    /// Registers those of a CSV: columns user_key, phone, expires_at (or 사용자키, 전화번호, 만료일).
    #[command(after_help = IMPORT)]
    Import(ImportArgs),
}

const IMPORT: &str = "\
UTF-8 or CP949; a header is needed. It is read as a whole first, and nothing is sent before you agree.
Ended in the middle, the same command goes on where it was. Lines that are not taken: FILE.errors.csv.

Examples:
  giftctl recipient import users.csv
  giftctl recipient import users.csv --expires 2027-12-31 --yes --expect 1000000";

#[derive(Args)]
pub(crate) struct PutArgs {
    /// Bleepy's key of the user.
    #[arg(value_name = "USER_KEY", value_parser = parse::user_key)]
    user_key: UserKey,
    /// The Korean mobile number; asked for if it is left out, so that no shell keeps it.
    #[arg(long, value_parser = parse::phone)]
    phone: Option<Phone>,
    /// When it must be forgotten: a Korean day (its end), or a moment.
    #[arg(long, value_name = "DAY", value_parser = |text: &str| when::parse(text, true))]
    expires: Moment,
    #[command(flatten)]
    args: OrderArgs,
}

/// What is imported, and how.
#[derive(Args)]
pub(crate) struct ImportArgs {
    /// The CSV.
    pub(crate) file: PathBuf,
    /// When all of them must be forgotten, for a file without expires_at.
    #[arg(long, value_name = "DAY", value_parser = |text: &str| when::parse(text, true))]
    pub(crate) expires: Option<Moment>,
    /// As many good lines as you expect; needed with --yes.
    #[arg(long, value_name = "N")]
    pub(crate) expect: Option<u64>,
    #[command(flatten)]
    pub(crate) args: OrderArgs,
}

pub(super) async fn run(context: &Context, command: &RecipientCommand) -> Result<Exit, Failure> {
    match command {
        RecipientCommand::Put(args) => put(context, args).await,
        RecipientCommand::Show { user_key, reveal, reason } => {
            let args = OrderArgs { reason: reason.clone(), ..OrderArgs::default() };
            give(context, &args, Operation::RecipientShow { user_key: user_key.clone(), reveal: *reveal }).await
        }
        RecipientCommand::Erase { user_key, args } => {
            give(context, args, Operation::RecipientErase { user_key: user_key.clone() }).await
        }
        RecipientCommand::Import(args) => import::run(context, args).await,
    }
}

async fn put(context: &Context, args: &PutArgs) -> Result<Exit, Failure> {
    let phone = match &args.phone {
        Some(phone) => phone.clone(),
        None if context.printer.is_json() || !prompt::is_possible() => {
            return Err(Failure::usage("the number is missing: --phone 010-…"));
        }
        None => {
            let typed = prompt::line(crate::language::pick(context.language, "전화번호:", "Phone number:")).await?;
            Phone::parse(&typed).map_err(|error| Failure::usage(format!("the number {error}")))?
        }
    };
    let recipient = NewRecipient { user_key: args.user_key.clone(), phone, expires_at: args.expires };
    give(context, &args.args, Operation::RecipientPut(recipient)).await
}
