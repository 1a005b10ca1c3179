//! Lambda `send`: wiring only.

use std::process::ExitCode;

use lambda_runtime::service_fn;
use line::Line;
use platform::{
    Aws, Env, Machine, PayoutsTable, RecipientsTable, RewardCache, RewardsTable, Secret, StartError, lease_margin,
    rules,
};
use send::{Sender, handle};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let rules = rules(&env, base_url.is_https())?;
    let lease_margin = lease_margin(&env, base_url.is_https())?;
    let (payouts, rewards) = (env.required("PAYOUTS_TABLE")?, env.required("REWARDS_TABLE")?);
    let (recipients, secret) = (env.required("RECIPIENTS_TABLE")?, env.required("GIFTISHOW_SECRET_ID")?);

    let aws = Aws::from_env().await;
    let sender = Sender {
        line: Line::open(base_url, &rules, Secret::new(&aws, secret)).await?,
        payouts: PayoutsTable::new(&aws, payouts),
        rewards: RewardCache::new(RewardsTable::new(&aws, rewards)),
        recipients: RecipientsTable::new(&aws, recipients),
        rules,
        lease_margin,
        host: Machine,
    };
    let ended = lambda_runtime::run(service_fn(|event| handle(&sender, event))).await;
    ended.map_err(|error| StartError::Runtime(error.to_string()))
}
