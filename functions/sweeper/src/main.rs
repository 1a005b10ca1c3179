//! Lambda `sweeper`: wiring only.

use std::process::ExitCode;

use lambda_runtime::service_fn;
use line::Giftishow;
use platform::{Aws, ControlTable, Env, Heartbeat, Machine, PayoutsTable, Secret, SendFunction, StartError};
use platform::{PinScheme as _, lease_margin, rules, tr_id_scheme};
use sweeper::{InTheCloud, Sweeper, handle};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let rules = rules(&env, base_url.is_https())?;
    let scheme = tr_id_scheme(&env)?;
    let (payouts, send) = (env.required("PAYOUTS_TABLE")?, env.required("SEND_FUNCTION")?);
    let (control, secret) = (env.required("CONTROL_TABLE")?, env.required("GIFTISHOW_SECRET_ID")?);

    let lease_margin = lease_margin(&env, base_url.is_https())?;

    let aws = Aws::from_env().await;
    ControlTable::new(&aws, control.clone()).start_with(&scheme).await?;
    let sweeper = Sweeper::<InTheCloud> {
        time: Heartbeat::new(&aws, payouts.clone(), control.clone()),
        lease_margin,
        line: Giftishow::open(base_url, &rules, Secret::new(&aws, secret)).await?,
        payouts: PayoutsTable::new(&aws, payouts).with_control(control.clone()),
        control: ControlTable::new(&aws, control),
        send: SendFunction::new(&aws, send),
        scheme,
        rules,
        host: Machine,
    };
    let sweep = async |event| handle(&sweeper, event).await.map_err(lambda_runtime::Error::from);
    lambda_runtime::run(service_fn(sweep)).await.map_err(StartError::runtime)
}
