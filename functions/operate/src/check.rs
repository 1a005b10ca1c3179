//! Whether everything is as it must be, and what mends what is not.

use std::time::Duration;

use operation::{Check, CheckState, Outcome};
use payout::PauseReason;
use platform::{ControlLine as _, Host as _, KeepTime as _, ReadAudit as _, ReadRewardRows as _, ReadRuns as _};

use crate::{Given, Operate};

/// The catalogue is read three times a week.
const CATALOG_IS_OLD: Duration = Duration::from_hours(4 * 24);
/// The heartbeat comes every minute.
const BEAT_IS_LATE: Duration = Duration::from_mins(5);

impl<G: Given> Operate<G> {
    pub(crate) async fn check(&self) -> Outcome {
        let (tables, credentials, keys) = (self.check_tables(), self.check_credentials(), self.check_keys());
        let (line, sweeper, waiting) = (self.check_line(), self.check_sweeper(), self.check_waiting());
        let (rewards, catalog) = (self.check_rewards(), self.check_catalog());
        let all = tokio::join!(tables, credentials, keys, line, sweeper, waiting, rewards, catalog);
        let (tables, credentials, keys, line, sweeper, waiting, rewards, catalog) = all;
        let mut checks = vec![tables, credentials];
        checks.extend(keys);
        checks.extend([line, sweeper, waiting]);
        checks.extend(rewards);
        checks.extend([catalog, self.check_recipients()]);
        Outcome::Checks(checks)
    }

    /// Those that no other check reads.
    async fn check_tables(&self) -> Check {
        match self.audit.of_order("doctor").await {
            Ok(_) => good("audit_table", "it can be read"),
            Err(error) => bad("audit_table", &error, "deploy the stack again"),
        }
    }

    async fn check_credentials(&self) -> Check {
        match self.balance_now().await {
            Ok(balance) if balance.0 == 0 => {
                doubtful("giftishow_secret", "the prepaid balance is 0 won", "have the account topped up at Giftishow")
            }
            Ok(balance) => good("giftishow_secret", format!("Giftishow takes it; the balance is {balance}")),
            Err(why) => bad("giftishow_secret", why, "giftctl secret put"),
        }
    }

    async fn check_keys(&self) -> [Check; 2] {
        let (coupons, recipients) = tokio::join!(self.sealer.key(), self.recipient_keys.key());
        let mend = "put 32 or more random characters into the secret; it never changes afterwards";
        let told = |name, result: Result<(), platform::SecretError>| match result {
            Ok(()) => good(name, "it can be read"),
            Err(error) => bad(name, error, mend),
        };
        [told("coupon_key", coupons.map(drop)), told("recipient_key", recipients.map(drop))]
    }

    async fn check_line(&self) -> Check {
        let name = "line";
        let line = match self.control.line().await {
            Ok(line) => line,
            Err(error) => return bad(name, error, "deploy the stack again"),
        };
        let Some(pause) = line.pause else { return good(name, "it is open") };
        let mend = match pause.reason {
            PauseReason::Operator => "giftctl line resume --reason …",
            PauseReason::Restored => "giftctl restore repair",
            PauseReason::Credentials | PauseReason::Configuration => "giftctl secret put; a probe opens it by itself",
            PauseReason::Balance => "have the account topped up; a probe opens it by itself",
            PauseReason::Outage => "nothing: a probe opens it by itself",
            PauseReason::DailyBudget | PauseReason::SendsPerHour => {
                "wait, or raise DailyBudgetKrw or MaxSendsPerHour and deploy"
            }
        };
        doubtful(name, format!("it is paused since {} ({})", pause.since, pause.reason.as_str()), mend)
    }

    async fn check_sweeper(&self) -> Check {
        let name = "sweeper";
        let beats = match self.time.beats().await {
            Ok(beats) => beats,
            Err(error) => return bad(name, error, "deploy the stack again"),
        };
        if beats.are_of_an_older_table() {
            return bad(name, "the table of payouts is an older copy of itself", "giftctl restore repair");
        }
        let late = |at| self.host.now().since(at) > BEAT_IS_LATE;
        match beats.control {
            None => doubtful(name, "it has not run yet", "wait a minute"),
            Some(beat) if late(beat.at) => bad(name, format!("it last ran at {}", beat.at), "look at its log"),
            Some(beat) => good(name, format!("it last ran at {}", beat.at)),
        }
    }

    async fn check_waiting(&self) -> Check {
        let name = "waiting_for_a_person";
        match self.count_waiting().await {
            Ok((0, _)) => good(name, "nothing waits"),
            Ok((rows, oldest)) => {
                let since = oldest.map(|oldest| format!(", the oldest since {oldest}")).unwrap_or_default();
                doubtful(name, format!("{rows} payouts wait{since}"), "giftctl payout list")
            }
            Err(refusal) => bad(name, refusal.name(), "deploy the stack again"),
        }
    }

    async fn check_rewards(&self) -> Vec<Check> {
        let rows = match self.rewards.reward_rows().await {
            Ok(rows) => rows,
            Err(error) => return vec![bad("rewards", error, "deploy the stack again")],
        };
        let (mut checks, mut active) = (Vec::new(), 0);
        for row in rows {
            let reward = match row.reward {
                Ok(reward) if reward.active => reward,
                Ok(_) => continue,
                Err((code, why)) => {
                    let what = format!("the row of {code} cannot be read: {why}");
                    checks.push(bad("rewards", what, format!("giftctl reward put {code}")));
                    continue;
                }
            };
            active += 1;
            let code = reward.code.as_str();
            match self.reward_now(&reward.code).await.map(|now| now.in_order) {
                Ok(Ok(())) => {}
                Ok(Err(why)) => {
                    let why = match why {
                        operation::WhyNot::RewardWrong(why) => why,
                        other => format!("{other:?}"),
                    };
                    checks.push(bad(
                        "rewards",
                        format!("{code} could not be paid: {why}"),
                        format!("giftctl reward show {code}"),
                    ));
                }
                Err(refusal) => checks.push(bad("rewards", format!("{code}: {}", refusal.name()), "try again")),
            }
        }
        if checks.is_empty() {
            checks.push(match active {
                0 => doubtful("rewards", "no reward is active: every win is held", "giftctl reward put"),
                active => good("rewards", format!("{active} are active and could be paid")),
            });
        }
        checks
    }

    async fn check_catalog(&self) -> Check {
        let name = "catalog";
        let run = match self.catalog.latest_run().await {
            Ok(run) => run,
            Err(error) => return bad(name, error, "deploy the stack again"),
        };
        match run {
            None => doubtful(name, "it was never read", "invoke catalog-sync once"),
            Some(run) if run.held.is_some() => doubtful(
                name,
                format!("the reading of {} is not believed", run.finished_at),
                "see the log of catalog-sync; readers see the one before",
            ),
            Some(run) if self.host.now().since(run.finished_at) > CATALOG_IS_OLD => {
                doubtful(name, format!("it was last read at {}", run.finished_at), "look at the log of catalog-sync")
            }
            Some(run) => good(name, format!("it was read at {}", run.finished_at)),
        }
    }

    fn check_recipients(&self) -> Check {
        if self.settings.has_recipient_service {
            return good("recipient_url", "the company's own service is asked for winners who are not registered");
        }
        let found = "not set: winners must be registered before they win, or their payouts fail";
        good("recipient_url", found)
    }
}

fn good(name: &str, found: impl Into<String>) -> Check {
    Check { name: name.to_owned(), state: CheckState::Good, found: found.into(), mend: None }
}

fn doubtful(name: &str, found: impl Into<String>, mend: &str) -> Check {
    Check { name: name.to_owned(), state: CheckState::Doubtful, found: found.into(), mend: Some(mend.to_owned()) }
}

#[expect(clippy::needless_pass_by_value, reason = "an error is said where it is met")]
fn bad(name: &str, found: impl ToString, mend: impl Into<String>) -> Check {
    Check { name: name.to_owned(), state: CheckState::Bad, found: found.to_string(), mend: Some(mend.into()) }
}
