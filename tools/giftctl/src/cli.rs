use clap::{Args, Parser, Subcommand, ValueEnum};
use operation::Language;

use crate::commands::{
    approve, audit, chart, completions, coupon, line, money, payout, recipient, report, restore, reward, secret, token,
};
use crate::output::Format;
use crate::settings::Flags;

/// The operator's command line of bleepy-giftishow.
#[derive(Parser)]
#[command(name = "giftctl", version, propagate_version = true, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Which stack: --stack, else GIFTCTL_STACK, else `stack` in ~/.config/giftctl.toml (mode 0600), else the one of `cargo local`.
Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 not found, 5 partly done or waiting for a second person,
  6 unknown (look before repeating), 7 configuration, 130 Ctrl-C.

Example: giftctl doctor";

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(crate) struct Globals {
    /// The stack's name in CloudFormation.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    stack: Option<String>,
    /// The AWS region; else AWS_REGION, or the profile's.
    #[arg(long, global = true, value_name = "REGION", help_heading = "Everywhere")]
    region: Option<String>,
    /// The AWS profile; else AWS_PROFILE.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    profile: Option<String>,
    /// One endpoint for every AWS service, for a stack on this machine.
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere")]
    endpoint_url: Option<String>,
    /// What the data on stdout look like.
    #[arg(long, short, global = true, value_enum, default_value_t, help_heading = "Everywhere")]
    pub(crate) output: Format,
    /// The language of states and refusals; else LANG.
    #[arg(long, global = true, value_enum, help_heading = "Everywhere")]
    pub(crate) lang: Option<Lang>,
}

/// A language, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Lang {
    /// Korean.
    Ko,
    /// English.
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ko => Self::Ko,
            Lang::En => Self::En,
        }
    }
}

impl Globals {
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            stack: self.stack.clone(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
        }
    }
}

/// What can be typed.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Tells whether everything is as it must be, and what mends what is not.
    #[command(after_help = "Example: giftctl doctor --stack bleepy-giftishow")]
    Doctor,
    /// Tells which stack this is, whose money it spends, and who you are.
    #[command(after_help = "Example: giftctl stack --output json")]
    Stack,
    /// Giftishow's credentials.
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// The token in the URL that Bleepy calls.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Payouts: find, look, decide.
    #[command(subcommand)]
    Payout(payout::PayoutCommand),
    /// Rewards: what a code of Bleepy stands for.
    #[command(subcommand)]
    Reward(reward::RewardCommand),
    /// Recipients: who stands behind a user key.
    #[command(subcommand)]
    Recipient(recipient::RecipientCommand),
    /// Coupons that the company shows itself.
    #[command(subcommand)]
    Coupon(coupon::CouponCommand),
    /// The line to Giftishow: how it is, stop sending, go on.
    #[command(subcommand)]
    Line(line::LineCommand),
    /// Balance against rows, day by day.
    #[command(args_conflicts_with_subcommands = true, after_help = "Example: giftctl money")]
    Money(money::MoneyArgs),
    /// The prepaid balance (0301).
    #[command(after_help = "Example: giftctl balance")]
    Balance,
    /// What became of a month's wins, per reward; for accounting.
    #[command(
        after_help = "Examples:\n  giftctl report --month 2026-11\n  giftctl report --month 2026-11 --excel > november.csv"
    )]
    Report(report::ReportArgs),
    /// Wins of the last days, as a chart.
    #[command(after_help = "Example: giftctl chart --days 14")]
    Chart(chart::ChartArgs),
    /// Who did what.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Approves what another has ordered.
    #[command(after_help = "Example: giftctl approve 0193f2a0-6a3e-4d3c-9a54-0d7a1c5c3b11")]
    Approve(approve::ApproveArgs),
    /// After a table was restored from a backup.
    #[command(subcommand)]
    Restore(restore::RestoreCommand),
    /// Writes what a shell needs to complete giftctl's commands.
    #[command(after_help = "Example: giftctl completions bash > ~/.local/share/bash-completion/completions/giftctl")]
    Completions(completions::CompletionsArgs),
}
