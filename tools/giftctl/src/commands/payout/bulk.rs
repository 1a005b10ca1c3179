use clap::Args;
use operation::{Filter, Operation};
use payout::{Moment, RewardCode, TrId, UserKey};

use super::super::parse;
use crate::failure::Failure;
use crate::order::OrderArgs;
use crate::when;

/// One payout, or all that a filter finds.
#[derive(Args)]
pub(crate) struct BulkArgs {
    /// The attempt; without it, all that the filter finds.
    #[arg(value_name = "TR_ID", value_parser = parse::tr_id)]
    tr_id: Option<TrId>,
    /// Of this reward.
    #[arg(long, value_parser = parse::code)]
    pub(super) code: Option<RewardCode>,
    /// Waiting for this reason: a code of Giftishow, or reward_missing, reward_inactive, recipient_missing, …
    #[arg(long, value_name = "REASON")]
    because: Option<String>,
    /// Recorded on this Korean day or later, or at this moment.
    #[arg(long, value_name = "DAY", value_parser = |text: &str| when::parse(text, false))]
    from: Option<Moment>,
    /// Recorded before the end of this Korean day, or before this moment.
    #[arg(long, value_name = "DAY", value_parser = |text: &str| when::parse(text, true))]
    until: Option<Moment>,
    /// As many as you expect; needed with --yes.
    #[arg(long, value_name = "N")]
    pub(super) expect: Option<u64>,
    #[command(flatten)]
    pub(super) args: OrderArgs,
}

impl BulkArgs {
    /// The one that is named; `None` if a filter is. Never all by leaving everything out.
    pub(super) fn one(&self) -> Result<Option<TrId>, Failure> {
        let filtered = self.code.is_some() || self.because.is_some() || self.from.is_some() || self.until.is_some();
        match (&self.tr_id, filtered) {
            (Some(_), true) => Err(Failure::usage("name one TR_ID, or a filter (--code …), not both")),
            (Some(_), false) if self.expect.is_some() => Err(Failure::usage("--expect is for a filter")),
            (Some(tr_id), false) => Ok(Some(tr_id.clone())),
            (None, true) => Ok(None),
            (None, false) => Err(Failure::usage("name one TR_ID, or a filter: --code, --because, --from, --until")),
        }
    }

    pub(super) fn filter(&self) -> Filter {
        Filter { code: self.code.clone(), reason: self.because.clone(), from: self.from, until: self.until }
    }
}

/// The same, or a new payout.
#[derive(Args)]
pub(crate) struct GrantArgs {
    /// The winner of a new payout, which Bleepy has not told of; with --code.
    #[arg(long, value_parser = parse::user_key, requires = "code", conflicts_with_all = ["tr_id", "because", "from", "until", "expect"])]
    user_key: Option<UserKey>,
    #[command(flatten)]
    pub(super) bulk: BulkArgs,
}

impl GrantArgs {
    /// A new payout, if that is what is meant.
    pub(super) fn granted_new(&self) -> Result<Option<Operation>, Failure> {
        let Some(user_key) = self.user_key.clone() else { return Ok(None) };
        let code = self.bulk.code.clone().ok_or_else(|| Failure::usage("--user-key needs --code"))?;
        Ok(Some(Operation::GrantNew { code, user_key }))
    }
}
