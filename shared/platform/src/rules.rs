use std::time::Duration;

use payout::Rules;

use crate::env::{ConfigError, Env};

/// The rules of payouts as the environment sets them, with their defaults: `SEND_TIMEOUT_SECONDS`, `GRACE_SECONDS`,
/// `MAX_ATTEMPTS`, `REDRIVE_SECONDS`.
pub fn rules(env: &Env) -> Result<Rules, ConfigError> {
    let default = Rules::default();
    let max_attempts = env.number("MAX_ATTEMPTS", default.max_attempts.into(), 1, 9)?;
    Ok(Rules {
        send_timeout: env.seconds("SEND_TIMEOUT_SECONDS", default.send_timeout)?,
        grace: env.seconds("GRACE_SECONDS", default.grace)?,
        max_attempts: u8::try_from(max_attempts).unwrap_or(default.max_attempts),
        redrive_after: redrive_after(env)?,
    })
}

/// `REDRIVE_SECONDS`: the one rule that recording a win needs.
pub fn redrive_after(env: &Env) -> Result<Duration, ConfigError> {
    env.seconds("REDRIVE_SECONDS", Rules::default().redrive_after)
}
