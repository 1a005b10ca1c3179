use std::time::Duration;

use payout::{Fuse, Krw, Rules, SendHours, TrIdScheme};

use crate::env::{ConfigError, Env};

const GRACE: &str = "GRACE_SECONDS";
const SEND_HOURS: &str = "SEND_HOURS";
const LEASE_MARGIN: &str = "LEASE_MARGIN_SECONDS";
/// Least grace period and lease margin against the real Giftishow: clocks differ by up to 25 s either way.
const LEAST_GRACE: Duration = Duration::from_mins(1);
const LEAST_LEASE_MARGIN: Duration = Duration::from_secs(30);

/// The rules of payouts as the environment sets them, with their defaults: `SEND_TIMEOUT_SECONDS`, `GRACE_SECONDS`,
/// `MAX_ATTEMPTS`, `REDRIVE_SECONDS`, `SEND_CONCURRENCY`. Against the `real` Giftishow, a grace period that would undo rule 1 is refused.
pub fn rules(env: &Env, real: bool) -> Result<Rules, ConfigError> {
    let default = Rules::default();
    let max_attempts = env.number("MAX_ATTEMPTS", default.max_attempts.into(), 1, 9)?;
    let rules = Rules {
        send_timeout: env.seconds("SEND_TIMEOUT_SECONDS", default.send_timeout)?,
        grace: at_least(GRACE, env.seconds(GRACE, default.grace)?, LEAST_GRACE, real)?,
        max_attempts: u8::try_from(max_attempts).unwrap_or(default.max_attempts),
        redrive_after: redrive_after(env)?,
        ..default
    };
    Ok(rules.at_a_time(u32::try_from(send_concurrency(env)?).unwrap_or(1)))
}

/// `LEASE_MARGIN_SECONDS`: how long a lease outlives the invocation that holds it. Against the `real` Giftishow, a margin
/// that would undo rule 3 is refused.
pub fn lease_margin(env: &Env, real: bool) -> Result<Duration, ConfigError> {
    at_least(LEASE_MARGIN, env.seconds(LEASE_MARGIN, LEAST_LEASE_MARGIN)?, LEAST_LEASE_MARGIN, real)
}

fn at_least(name: &'static str, seconds: Duration, least: Duration, real: bool) -> Result<Duration, ConfigError> {
    if real && seconds < least {
        let why = format!("must be at least {} against the real Giftishow", least.as_secs());
        return Err(ConfigError::malformed(name, why));
    }
    Ok(seconds)
}

/// `DAILY_BUDGET_KRW` and `MAX_SENDS_PER_HOUR`: what a leaked callback URL can cost at most. On by default.
pub fn fuse(env: &Env) -> Result<Fuse, ConfigError> {
    Ok(Fuse {
        daily_budget: Krw(env.number("DAILY_BUDGET_KRW", 1_000_000, 1, 1_000_000_000_000)?),
        sends_per_hour: env.number("MAX_SENDS_PER_HOUR", 500, 1, 1_000_000)?,
    })
}

/// `REDRIVE_SECONDS`: the one rule that recording a win needs.
pub fn redrive_after(env: &Env) -> Result<Duration, ConfigError> {
    env.seconds("REDRIVE_SECONDS", Rules::default().redrive_after)
}

/// `RECIPIENT_WAIT_HOURS`: how long a win waits for a recipient who is not registered, before it fails; not at all by
/// default, and at most 30 days.
pub fn recipient_wait(env: &Env) -> Result<Duration, ConfigError> {
    env.number("RECIPIENT_WAIT_HOURS", 0, 0, 720).map(Duration::from_hours)
}

/// `SEND_HOURS`: the hours of the Korean day in which winners are texted, as `08-22`; all day by default.
pub fn send_hours(env: &Env) -> Result<SendHours, ConfigError> {
    let Some(hours) = env.optional(SEND_HOURS) else { return Ok(SendHours::default()) };
    hours.parse().map_err(|why| ConfigError::malformed(SEND_HOURS, why))
}

/// `SEND_CONCURRENCY`: how many sends run side by side in the one invocation of `send` (rule 11); 1 by default, at most 20.
pub fn send_concurrency(env: &Env) -> Result<usize, ConfigError> {
    Ok(usize::try_from(env.number("SEND_CONCURRENCY", 1, 1, 20)?).unwrap_or(1))
}

/// `TR_ID_PREFIX` and `TR_ID_NAMESPACE`: how this environment makes its tr_ids.
pub fn tr_id_scheme(env: &Env) -> Result<TrIdScheme, ConfigError> {
    TrIdScheme::new(&env.required("TR_ID_PREFIX")?, &env.required("TR_ID_NAMESPACE")?)
        .map_err(|why| ConfigError::malformed("TR_ID_PREFIX or TR_ID_NAMESPACE", why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_that_undo_the_rules_are_taken_on_loopback_only() {
        let short = || Env::of(&[("GRACE_SECONDS", "2"), ("LEASE_MARGIN_SECONDS", "29")]);
        assert_eq!(rules(&short(), false).unwrap().grace, Duration::from_secs(2));
        assert!(rules(&short(), true).unwrap_err().to_string().contains("GRACE_SECONDS is malformed"));
        assert_eq!(lease_margin(&short(), false), Ok(Duration::from_secs(29)));
        assert!(lease_margin(&short(), true).unwrap_err().to_string().contains("LEASE_MARGIN_SECONDS is malformed"));
        assert_eq!(lease_margin(&Env::of(&[]), true), Ok(Duration::from_secs(30)));
    }
    #[test]
    fn a_missing_recipient_is_waited_for_if_asked_and_for_a_month_at_most() {
        assert_eq!(recipient_wait(&Env::of(&[])), Ok(Duration::ZERO));
        assert_eq!(recipient_wait(&Env::of(&[("RECIPIENT_WAIT_HOURS", "720")])), Ok(Duration::from_hours(720)));
        let longer = recipient_wait(&Env::of(&[("RECIPIENT_WAIT_HOURS", "721")]));
        assert!(longer.unwrap_err().to_string().contains("RECIPIENT_WAIT_HOURS is malformed"));
    }

    #[test]
    fn winners_are_texted_all_day_if_nobody_says_otherwise() {
        assert_eq!(send_hours(&Env::of(&[("SEND_HOURS", "")])), Ok(SendHours::default()));
        assert_eq!(send_hours(&Env::of(&[("SEND_HOURS", "08-22")])).unwrap().to_string(), "08-22");
        let wrong = send_hours(&Env::of(&[("SEND_HOURS", "08-08")])).unwrap_err().to_string();
        assert!(wrong.contains("SEND_HOURS is malformed: must be two different hours"), "{wrong}");
    }

    #[test]
    fn one_coupon_is_sent_at_a_time_if_nobody_asks_for_more_and_never_more_than_twenty() {
        assert_eq!(send_concurrency(&Env::of(&[])), Ok(1));
        assert_eq!(send_concurrency(&Env::of(&[("SEND_CONCURRENCY", "20")])), Ok(20));
        for wrong in [Env::of(&[("SEND_CONCURRENCY", "0")]), Env::of(&[("SEND_CONCURRENCY", "21")])] {
            assert!(send_concurrency(&wrong).unwrap_err().to_string().contains("SEND_CONCURRENCY is malformed"));
        }
    }
}
