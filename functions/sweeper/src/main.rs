//! Lambda `sweeper`: wiring only.

use std::process::ExitCode;

use lambda_runtime::service_fn;
use line::Line;
use platform::{Aws, ControlTable, Env, Machine, PayoutsTable, Secret, SendFunction, StartError, rules, tr_id_scheme};
use sweeper::{Sweeper, handle};

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

    let aws = Aws::from_env().await;
    let sweeper = Sweeper {
        line: Line::open(base_url, &rules, Secret::new(&aws, secret)).await?,
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
