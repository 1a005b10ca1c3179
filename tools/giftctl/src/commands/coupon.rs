use clap::Subcommand;
use operation::Operation;
use payout::TrId;

use super::parse;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::{OrderArgs, give};

/// Coupons that the company shows itself.
#[derive(Subcommand)]
pub(crate) enum CouponCommand {
    /// Shows a coupon's PIN (`gubun` Y and I); recorded as access to personal data.
    #[command(after_help = "Example: giftctl coupon show BG0123456789ABCDEFGH --reason \"the winner lost the page\"")]
    Show {
        /// The attempt.
        #[arg(value_name = "TR_ID", value_parser = parse::tr_id)]
        tr_id: TrId,
        /// Why; the audit keeps it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

pub(super) async fn run(context: &Context, command: &CouponCommand) -> Result<Exit, Failure> {
    let CouponCommand::Show { tr_id, reason } = command;
    let args = OrderArgs { reason: reason.clone(), ..OrderArgs::default() };
    give(context, &args, Operation::CouponShow { tr_id: tr_id.clone() }).await
}
