use clap::Args;
use operation::{Operation, OrderId};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::order::{OrderArgs, give, parse_order_id};

/// Which order.
#[derive(Args)]
pub(crate) struct ApproveArgs {
    /// The order that waits.
    #[arg(value_name = "ORDER", value_parser = parse_order_id)]
    order: OrderId,
    #[command(flatten)]
    args: OrderArgs,
}

pub(super) async fn run(context: &Context, args: &ApproveArgs) -> Result<Exit, Failure> {
    give(context, &args.args, Operation::Approve { order: args.order.clone() }).await
}
