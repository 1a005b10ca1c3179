use std::time::Duration;

use payout::Krw;
use platform::{ConfigError, Env, fuse};

/// What can be set of this function alone.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The stack's name.
    pub stack: String,
    /// Whether real money is spent.
    pub real: bool,
    /// Above which cost of one order a second person is needed; `None`: never.
    pub four_eyes_above: Option<Krw>,
    /// How long it is kept who did what.
    pub keep_audit: Duration,
    /// What may be spent on one Korean day.
    pub daily_budget: Krw,
    /// Whether the company's own service knows winners, too.
    pub has_recipient_service: bool,
}

/// `STACK_NAME`, `FOUR_EYES_ABOVE_KRW` (0: nobody needs a second person), `AUDIT_DAYS`, `RECIPIENT_URL`, `DAILY_BUDGET_KRW`.
pub fn settings(env: &Env, real: bool) -> Result<Settings, ConfigError> {
    let four_eyes = env.number("FOUR_EYES_ABOVE_KRW", 0, 0, 1_000_000_000_000)?;
    Ok(Settings {
        stack: env.required("STACK_NAME")?,
        real,
        four_eyes_above: (four_eyes > 0).then_some(Krw(four_eyes)),
        keep_audit: Duration::from_hours(24 * env.number("AUDIT_DAYS", 1_095, 365, 3_660)?),
        daily_budget: fuse(env)?.daily_budget,
        has_recipient_service: env.optional("RECIPIENT_URL").is_some(),
    })
}
