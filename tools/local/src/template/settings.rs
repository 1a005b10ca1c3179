//! The parts of the template that the local stack acts on, typed.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{Template, resolve};

/// One `AWS::Serverless::Function`.
#[derive(Debug, Clone)]
pub struct FunctionSettings {
    /// Logical id in the template.
    pub logical_id: String,
    /// Local name, which is the binary's name as well.
    pub name: String,
    /// Environment, Globals included, evaluated.
    pub env: BTreeMap<String, String>,
    /// Time limit of one invocation.
    pub timeout: Duration,
    /// Memory in MiB; told to the function, not enforced.
    pub memory_mib: u64,
    /// Most invocations at a time, if limited.
    pub reserved_concurrency: Option<usize>,
    /// How long an asynchronous event may wait for a free worker.
    pub max_event_age: Duration,
    /// How often a failed asynchronous event is tried again.
    pub max_event_retries: u32,
}

/// One `AWS::DynamoDB::Table` as requests of the DynamoDB API.
#[derive(Debug, Clone)]
pub struct TableDefinition {
    /// Local name.
    pub name: String,
    /// Body of `CreateTable`.
    pub create: Value,
    /// Body of `UpdateTimeToLive`, if rows of the table expire.
    pub time_to_live: Option<Value>,
}

/// One event of type `DynamoDB`: how a stream feeds a function.
#[derive(Debug, Clone)]
pub struct StreamMapping {
    /// Local name of the fed function.
    pub function: String,
    /// Local name of the table whose stream it is.
    pub table: String,
    /// ARN of the stream, as records carry it.
    pub stream_arn: String,
    /// Most records of one invocation.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub batching_window: Duration,
    /// Retries of a failing batch; `None` is without end.
    pub max_retries: Option<u32>,
    /// Age after which a record is given up; `None` is never.
    pub max_record_age: Option<Duration>,
    /// Whether a failing batch is halved.
    pub bisect: bool,
    /// Whether the function names the records that failed.
    pub reports_item_failures: bool,
    /// Event patterns; a record passes if one matches or none is given.
    pub filters: Vec<Value>,
    /// ARN of where records go that are given up.
    pub on_failure: Option<String>,
}

/// One event of type `Schedule` or `ScheduleV2`.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Local name of the invoked function.
    pub function: String,
    /// When it is invoked.
    pub when: When,
    /// With what, if not with an event of the scheduler's own.
    pub input: Option<String>,
}

/// When a schedule invokes its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// `rate(…)`: after this time, and again and again.
    Every(Duration),
    /// `cron(…)`: at these times of this time zone. Nobody waits for them here, so the local stack does not either.
    At {
        /// What stands between the parentheses.
        cron: String,
        /// Like `Asia/Seoul`.
        time_zone: String,
    },
}

/// One event of type `HttpApi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Local name of the answering function.
    pub function: String,
    /// Method in capitals, or `ANY`.
    pub method: String,
    /// Path with its placeholders, like `/bleepy/{token}`.
    pub path: String,
}

impl Template {
    /// Settings of one function, Globals merged in.
    pub fn function(&self, logical_id: &str) -> Result<FunctionSettings> {
        let own = Value::Object(self.properties(logical_id)?);
        let globals = self.resolve(&self.raw["Globals"]["Function"])?;
        let number =
            |name: &str, default: u64| own[name].as_u64().or_else(|| globals[name].as_u64()).unwrap_or(default);
        let mut env = BTreeMap::new();
        for source in [&globals, &own] {
            for (name, value) in source["Environment"]["Variables"].as_object().into_iter().flatten() {
                env.insert(name.clone(), resolve::scalar(value)?);
            }
        }
        let reserved = own["ReservedConcurrentExecutions"].as_u64().map(usize::try_from).transpose()?;
        let events = &own["EventInvokeConfig"];
        Ok(FunctionSettings {
            logical_id: logical_id.to_owned(),
            name: resolve::physical_name(logical_id, self.resource(logical_id)?),
            env,
            timeout: Duration::from_secs(number("Timeout", 3)),
            memory_mib: number("MemorySize", 128),
            reserved_concurrency: reserved,
            max_event_age: Duration::from_secs(events["MaximumEventAgeInSeconds"].as_u64().unwrap_or(6 * 3600)),
            max_event_retries: u32::try_from(events["MaximumRetryAttempts"].as_u64().unwrap_or(2))?,
        })
    }

    /// Secrets that the cloud fills with something random.
    pub fn generated_secrets(&self) -> Result<Vec<String>> {
        let secrets = self.resources().filter(|(_, resource)| resource["Type"] == "AWS::SecretsManager::Secret");
        let generated = secrets.filter(|(_, secret)| !secret["Properties"]["GenerateSecretString"].is_null());
        generated.map(|(id, _)| self.reference(id)).collect()
    }

    /// Settings of all functions.
    pub fn functions(&self) -> Result<Vec<FunctionSettings>> {
        self.resources_of("AWS::Serverless::Function").map(|id| self.function(id)).collect()
    }

    /// One table as requests of the DynamoDB API.
    pub fn table(&self, logical_id: &str) -> Result<TableDefinition> {
        let properties = self.properties(logical_id)?;
        let name = resolve::physical_name(logical_id, self.resource(logical_id)?);
        let mut create = json!({ "TableName": name });
        for key in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"] {
            if let Some(value) = properties.get(key) {
                create[key] = value.clone();
            }
        }
        if let Some(stream) = properties.get("StreamSpecification") {
            create["StreamSpecification"] =
                json!({ "StreamEnabled": true, "StreamViewType": stream["StreamViewType"] });
        }
        let time_to_live = properties
            .get("TimeToLiveSpecification")
            .map(|specification| json!({ "TableName": name, "TimeToLiveSpecification": specification }));
        Ok(TableDefinition { name, create, time_to_live })
    }

    /// The stream mapping of the template, which has exactly one.
    pub fn stream_mapping(&self) -> Result<StreamMapping> {
        let (function, event) = self.only_event(&["DynamoDB"])?;
        if event["StartingPosition"] != "TRIM_HORIZON" {
            bail!("the local pump starts at TRIM_HORIZON and nowhere else");
        }
        let stream_arn = event["Stream"].as_str().context("a stream mapping without Stream")?;
        let table = stream_arn
            .split_once(":table/")
            .and_then(|(_, rest)| rest.split_once('/'))
            .with_context(|| format!("{stream_arn} is not the ARN of a table's stream"))?
            .0;
        let filters = event["FilterCriteria"]["Filters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|filter| {
                let pattern = filter["Pattern"].as_str().context("a filter without Pattern")?;
                serde_json::from_str(pattern).with_context(|| format!("filter {pattern}"))
            })
            .collect::<Result<_>>()?;
        Ok(StreamMapping {
            function,
            table: table.to_owned(),
            stream_arn: stream_arn.to_owned(),
            batch_size: usize::try_from(event["BatchSize"].as_u64().unwrap_or(100))?,
            batching_window: Duration::from_secs(event["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0)),
            // −1 means without end, and is the default.
            max_retries: event["MaximumRetryAttempts"].as_u64().map(u32::try_from).transpose()?,
            max_record_age: event["MaximumRecordAgeInSeconds"].as_u64().map(Duration::from_secs),
            bisect: event["BisectBatchOnFunctionError"] == true,
            reports_item_failures: event["FunctionResponseTypes"] == json!(["ReportBatchItemFailures"]),
            filters,
            on_failure: event["DestinationConfig"]["OnFailure"]["Destination"].as_str().map(ToOwned::to_owned),
        })
    }

    /// All schedules of the template.
    pub fn schedules(&self) -> Result<Vec<Schedule>> {
        let events = self.events(&["Schedule", "ScheduleV2"])?.into_iter();
        events
            .map(|(function, event)| {
                let text = |key: &str| event[key].as_str().map(ToOwned::to_owned);
                let expression = text("ScheduleExpression").or_else(|| text("Schedule"));
                let expression = expression.context("a schedule without ScheduleExpression")?;
                let cron = expression.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
                let when = match cron {
                    Some(cron) => When::At {
                        cron: cron.to_owned(),
                        time_zone: text("ScheduleExpressionTimezone").unwrap_or_else(|| "UTC".to_owned()),
                    },
                    None => When::Every(rate(&expression)?),
                };
                Ok(Schedule { function, when, input: text("Input") })
            })
            .collect()
    }

    /// How often a function is invoked that has one schedule with a rate.
    pub fn period_of(&self, function: &str) -> Result<Duration> {
        let rate = self.schedules()?.into_iter().find_map(|schedule| match schedule.when {
            When::Every(period) if schedule.function == function => Some(period),
            _ => None,
        });
        rate.with_context(|| format!("{function} has no schedule with a rate"))
    }

    /// All routes of the HTTP API.
    pub fn routes(&self) -> Result<Vec<Route>> {
        self.events(&["HttpApi"])?
            .into_iter()
            .map(|(function, event)| {
                let text = |key: &str| {
                    let value = event[key].as_str().with_context(|| format!("a route without {key}"));
                    value.map(ToOwned::to_owned)
                };
                Ok(Route { function, method: text("Method")?.to_uppercase(), path: text("Path")? })
            })
            .collect()
    }

    fn only_event(&self, kinds: &[&str]) -> Result<(String, Value)> {
        let mut events = self.events(kinds)?;
        match (events.pop(), events.is_empty()) {
            (Some(event), true) => Ok(event),
            _ => bail!("the local stack needs exactly one event of type {}", kinds.join(" or ")),
        }
    }

    /// (function's local name, properties) of all events of these types.
    fn events(&self, kinds: &[&str]) -> Result<Vec<(String, Value)>> {
        let mut found = Vec::new();
        for logical_id in self.resources_of("AWS::Serverless::Function") {
            let resource = self.resource(logical_id)?;
            let name = resolve::physical_name(logical_id, resource);
            let events = resource["Properties"]["Events"].as_object().into_iter().flatten();
            for (_, event) in events {
                if kinds.iter().any(|kind| event["Type"] == *kind) {
                    found.push((name.clone(), self.resolve(&event["Properties"])?));
                }
            }
        }
        Ok(found)
    }
}

/// `rate(1 minute)` as a duration.
fn rate(expression: &str) -> Result<Duration> {
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (count, unit) = inner
        .and_then(|inner| inner.split_once(' '))
        .with_context(|| format!("the local scheduler knows rate(…) and cron(…), not {expression}"))?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => bail!("unknown unit in {expression}"),
    };
    Ok(Duration::from_secs(count.parse::<u64>()? * seconds))
}
