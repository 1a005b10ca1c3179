//! Lambda `operate`: wiring only.

use std::process::ExitCode;

use lambda_runtime::{run, service_fn};
use operate::{handle, in_the_cloud};
use platform::{Env, StartError};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let operate = in_the_cloud(&env).await?;
    Box::pin(run(service_fn(|event| handle(&operate, event)))).await.map_err(StartError::runtime)
}
