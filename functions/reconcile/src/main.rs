//! Lambda `reconcile`: wiring only.

use std::process::ExitCode;

use lambda_runtime::service_fn;
use line::Giftishow;
use platform::{
    AlarmTopic, Aws, CatalogTable, ControlTable, Env, Machine, PayoutsTable, RewardsTable, Secret, StartError, fuse,
    rules,
};
use reconcile::{InTheCloud, Reconcile, handle};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let rules = rules(&env, base_url.is_https())?;
    let (payouts, control) = (env.required("PAYOUTS_TABLE")?, env.required("CONTROL_TABLE")?);
    let (rewards, catalog) = (env.required("REWARDS_TABLE")?, env.required("CATALOG_TABLE")?);
    let (secret, topic) = (env.required("GIFTISHOW_SECRET_ID")?, env.required("ALARM_TOPIC")?);

    let aws = Aws::from_env().await;
    let reconcile = Reconcile::<InTheCloud> {
        line: Giftishow::open(base_url, &rules, Secret::new(&aws, secret)).await?,
        payouts: PayoutsTable::new(&aws, payouts),
        control: ControlTable::new(&aws, control),
        rewards: RewardsTable::new(&aws, rewards),
        goods: CatalogTable::new(&aws, catalog),
        topic: AlarmTopic::new(&aws, topic),
        rules,
        daily_budget: fuse(&env)?.daily_budget,
        balance_warn_days: env.number("BALANCE_WARN_DAYS", 3, 0, 365)?,
        host: Machine,
    };
    let run = async |event| handle(&reconcile, event).await.map_err(lambda_runtime::Error::from);
    lambda_runtime::run(service_fn(run)).await.map_err(StartError::runtime)
}
