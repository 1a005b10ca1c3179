use std::process::ExitCode;
use std::time::Duration;

use payout::{Attempt, Moment};
use serde_json::json;
use thiserror::Error;
use tracing_subscriber::EnvFilter;

use crate::env::ConfigError;

/// Namespace of every metric.
const NAMESPACE: &str = "BleepyGiftishow";

/// Why a function did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable of the environment.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something that must be there at start: the secret, the HTTP client.
    #[error("{0}")]
    Needed(String),
    /// The Lambda runtime ended.
    #[error("the Lambda runtime ended: {0}")]
    Runtime(String),
}

impl StartError {
    /// Why the Lambda runtime ended.
    pub fn runtime(why: impl std::fmt::Display) -> Self {
        Self::Runtime(why.to_string())
    }
}

/// The frame of every function's `main`: JSON logs first, then the function; what keeps it from starting is logged once,
/// as a sentence, and ends the process.
pub fn main_of(start: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    init_logs();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(start),
        Err(error) => Err(StartError::Needed(format!("the async runtime: {error}"))),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("The function cannot run: {error}.");
            ExitCode::FAILURE
        }
    }
}

/// One JSON object a line, fields at the top. `AWS_LAMBDA_LOG_LEVEL` is the platform's variable for the level.
fn init_logs() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_else(|_| "info".into());
    // The SDK's and the runtime's own debug lines carry requests: never below `warn`.
    let quiet = "aws_config=warn,aws_runtime=warn,aws_sdk_dynamodb=warn,aws_sdk_lambda=warn,aws_sdk_s3=warn,aws_sdk_secretsmanager=warn,aws_sdk_sns=warn,\
                 aws_smithy_runtime=warn,aws_smithy_http_client=warn,hyper=warn,hyper_util=warn,lambda_runtime=warn,\
                 reqwest=warn,rustls=warn";
    let filter = EnvFilter::try_new(format!("{level},{quiet}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false).with_span_list(false);
    // A second call, in tests that run two functions in one process, finds the first one's logs in place.
    let _ = logs.with_env_filter(filter).with_target(false).try_init();
}

/// The one line about a written transition.
pub fn log_transition(before: &Attempt, after: &Attempt, took: Duration) {
    tracing::info!(
        tr_id = after.tr_id.as_str(),
        attempt = after.attempt,
        from = before.state.as_str(),
        to = after.state.as_str(),
        event = after.last_event,
        code = after.last_code,
        http_status = after.last_http_status,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        due_at = after.due_at.map(|moment| moment.to_string()),
        "An attempt went from {} to {}.",
        before.state.as_str(),
        after.state.as_str(),
    );
}

/// What is counted, in CloudWatch's embedded metric format on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Wins newly recorded.
    PayoutsAccepted,
    /// Entries of callbacks that named a payout again.
    DuplicateCallbacks,
    /// Callbacks that could not be recorded; whether Bleepy tries again is not known: a person must look.
    CallbacksNotRecorded,
    /// Wins that were recorded and wait for a person from the start.
    PayoutsHeld,
    /// Payouts that the company hands over itself.
    PayoutsHandedOver,
    /// Callbacks with the right token that were refused for what they are: a person must look.
    CallbacksRefused,
    /// Coupons that are live.
    PayoutsSent,
    /// Attempts that nobody knows the end of.
    AttemptsUnknown,
    /// Attempts of which nothing is live.
    AttemptsDead,
    /// Payouts that failed for what was asked: a person must look.
    PayoutsFailed,
    /// Payouts that only a person can decide: a person must look.
    PayoutsInReview,
    /// Attempts that were tried for long to no effect: a person must look.
    AttemptsStuck,
    /// Rows that this version cannot read or drive: a person must look.
    RowsUnreadable,
    /// Sends, cancels and look-ups that Giftishow refused for the credentials, the account or the balance: a person must act.
    LineRefused,
    /// Pauses of the line that began or lasted through a sweep: nothing is sent, a person must look.
    LinePaused,
    /// Pauses of the line that ended.
    LineResumed,
    /// Payouts that a cap of their reward or user keeps waiting: a person must look.
    PayoutsCapped,
    /// Coupons that came after the grace period, and were cancelled: it is too short, a person must look.
    LateIssuance,
    /// Payouts that a late coupon may have paid twice: a person must look.
    PayoutsPaidTwice,
    /// Cancels that a person has ordered and that could not be done: a person must look.
    OrdersFailed,
    /// A gauge, written with every sweep: payouts that only a person can move: a person must act.
    OpenForPerson,
    /// A gauge, written with every sweep: hours for which the oldest of them has waited: a person must act.
    OldestOpenHours,
    /// Sweeps and batches that met a table of payouts which is an older copy of itself: a person must act.
    TableRestored,
    /// Stream records that could not be read: a person must look.
    RecordsUnreadable,
    /// Rows that the stream or a back-off left to the sweeper.
    AttemptsRedriven,
    /// Goods that a complete run of the catalogue saw for the first time.
    CatalogGoodsNew,
    /// Goods whose content changed.
    CatalogGoodsChanged,
    /// Goods that are gone.
    CatalogGoodsWithdrawn,
    /// Runs of the catalogue that are not believed: a person must look.
    CatalogHeld,
    /// Active rewards that could not be paid as they are, or soon: a person must act.
    RewardsAtRisk,
    /// Snapshots of a balance that is lower than the rows explain: a person must look.
    ReconciliationDifference,
    /// Mornings on which the balance lasts for fewer days than it should: a person must pay in.
    BalanceLow,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::PayoutsAccepted => "PayoutsAccepted",
            Self::DuplicateCallbacks => "DuplicateCallbacks",
            Self::CallbacksNotRecorded => "CallbacksNotRecorded",
            Self::PayoutsHeld => "PayoutsHeld",
            Self::PayoutsHandedOver => "PayoutsHandedOver",
            Self::CallbacksRefused => "CallbacksRefused",
            Self::PayoutsSent => "PayoutsSent",
            Self::AttemptsUnknown => "AttemptsUnknown",
            Self::AttemptsDead => "AttemptsDead",
            Self::PayoutsFailed => "PayoutsFailed",
            Self::PayoutsInReview => "PayoutsInReview",
            Self::AttemptsStuck => "AttemptsStuck",
            Self::RowsUnreadable => "RowsUnreadable",
            Self::LineRefused => "LineRefused",
            Self::LinePaused => "LinePaused",
            Self::LineResumed => "LineResumed",
            Self::PayoutsCapped => "PayoutsCapped",
            Self::LateIssuance => "LateIssuance",
            Self::PayoutsPaidTwice => "PayoutsPaidTwice",
            Self::OrdersFailed => "OrdersFailed",
            Self::OpenForPerson => "OpenForPerson",
            Self::OldestOpenHours => "OldestOpenHours",
            Self::TableRestored => "TableRestored",
            Self::RecordsUnreadable => "RecordsUnreadable",
            Self::AttemptsRedriven => "AttemptsRedriven",
            Self::CatalogGoodsNew => "CatalogGoodsNew",
            Self::CatalogGoodsChanged => "CatalogGoodsChanged",
            Self::CatalogGoodsWithdrawn => "CatalogGoodsWithdrawn",
            Self::CatalogHeld => "CatalogHeld",
            Self::RewardsAtRisk => "RewardsAtRisk",
            Self::ReconciliationDifference => "ReconciliationDifference",
            Self::BalanceLow => "BalanceLow",
        }
    }

    /// The line that CloudWatch reads.
    pub(crate) fn embedded(self, count: u64, at: Moment) -> serde_json::Value {
        json!({
            "_aws": {
                "Timestamp": at.as_millis(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [[]],
                    "Metrics": [{ "Name": self.name(), "Unit": "Count" }],
                }],
            },
            self.name(): count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_one_object_in_the_embedded_format() {
        let line = Metric::PayoutsSent.embedded(2, Moment::from_millis(5));
        assert_eq!(line["PayoutsSent"], 2);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "PayoutsSent");
        assert_eq!(line["_aws"]["Timestamp"], 5);
    }
}
