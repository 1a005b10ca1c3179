//! The order in which a stack comes up.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use anyhow::{Context, Result};
use giftishow_sim::Sim;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Runner, Running, SWEEPER, Stack, StackOptions, Tables, credentials_json};
use crate::binaries::{self, Binaries};
use crate::dynamodb::{Blow, DynamoDb};
use crate::front::Front;
use crate::http::{HttpClient, Listener};
use crate::lambda::{self, Function, Functions, Remote, Target};
use crate::logs::Logs;
use crate::pump::Pump;
use crate::scheduler::Scheduler;
use crate::secrets::Secrets;
use crate::stack::history::History;
use crate::template::{FunctionSettings, Template, When};
use crate::topic::Topic;

pub(super) async fn start(options: StackOptions) -> Result<Stack> {
    let token = options.token.clone().unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    let sim = Sim::start(options.sim.clone()).await.context("the fake Giftishow does not start")?;
    let template = Template::load(&parameters(&options, &token, &sim))?;
    let settings = function_settings(&template, &options)?;
    let runner = programs(&options.runner, &settings).await?;

    let dynamodb = DynamoDb::start(options.ports.dynamodb, &DynamoDb::tables_of(&template)?).await?;
    dynamodb.hold_items(options.hold_items);
    let secrets = Secrets::start(options.ports.secrets).await?;
    let topic = Topic::start().await?;
    let secret_id = template.reference("GiftishowSecret")?;
    secrets.put(&secret_id, credentials_json(&sim.credentials()));
    generate(&secrets, &template)?;

    let listener = Listener::bind(options.ports.invoke, "--invoke-port").await?;
    let invoke_endpoint = format!("http://{}", listener.address()?);
    let logs = Logs::new(options.echo);
    let mut functions = Functions::new();
    for settings in settings {
        let name = settings.name.clone();
        let target = match &runner {
            Programs::Processes(programs) => {
                let program = programs.get(&name).with_context(|| format!("no program for {name}"))?.clone();
                let endpoints = endpoints(&dynamodb.endpoint_for(&name), &secrets, &topic, &invoke_endpoint);
                let env = environment(&settings, endpoints, options.environment.get(&name));
                let processes = options.processes;
                Target::Processes(Function::new(settings, program, env, &invoke_endpoint, processes, &logs))
            }
            Programs::Remote(endpoint) => Target::Remote(Arc::new(Remote::new(endpoint, &name))),
        };
        functions.insert(name, target);
    }
    let functions = Arc::new(functions);
    let lambda = lambda::serve(listener, Arc::clone(&functions));
    let struck = Arc::downgrade(&functions);
    dynamodb.strike_with(Box::new(move |name, blow| strike(&struck, name, blow)));

    let front = Front::start(options.ports.front, template.routes()?, Arc::clone(&functions)).await?;
    let mapping = template.stream_mapping()?;
    let target = |name: &str| functions.get(name).cloned().with_context(|| format!("no function {name}"));
    let history = History::start(dynamodb.stream(&mapping.table)?, dynamodb.writes());
    let (reader, writes) = (dynamodb.stream(&mapping.table)?, dynamodb.writes());
    let fed = target(&mapping.function)?;
    let pump = Pump::start(mapping, reader, writes, fed, options.delivery)?;
    let schedulers = schedulers(&template, &options, &functions)?;
    Ok(Stack {
        tables: tables(&template)?,
        template,
        token,
        _schedulers: schedulers,
        pump,
        history,
        front,
        _lambda: lambda,
        invoke_endpoint,
        functions: Running(functions),
        secrets,
        topic,
        secret_id,
        dynamodb,
        sim,
        logs,
        client: HttpClient::new(),
    })
}

fn strike(functions: &Weak<Functions>, name: &str, blow: Blow) {
    let functions = functions.upgrade();
    if let Some(Target::Processes(function)) = functions.as_ref().and_then(|all| all.get(name)) {
        match blow {
            Blow::Kill => function.kill_now(),
            Blow::Freeze => function.freeze(),
        }
    }
}

/// Starts every schedule with a rate.
fn schedulers(template: &Template, options: &StackOptions, functions: &Functions) -> Result<Vec<Scheduler>> {
    let mut schedulers = Vec::new();
    for schedule in template.schedules()?.into_iter().filter(|_| options.scheduled) {
        let When::Every(mut period) = schedule.when else { continue };
        if schedule.function == SWEEPER {
            period = options.sweep_period.unwrap_or(period);
        }
        let target = functions.get(&schedule.function).with_context(|| format!("no function {}", schedule.function))?;
        schedulers.push(Scheduler::start(target.clone(), period, schedule.input));
    }
    Ok(schedulers)
}

/// What the local services decide, under what the caller wants.
fn parameters(options: &StackOptions, token: &str, sim: &Sim) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::from([
        ("CallbackTokenSha256".to_owned(), hex::encode(Sha256::digest(token))),
        ("GiftishowBaseUrl".to_owned(), sim.base_url()),
        ("TrIdNamespace".to_owned(), "local".to_owned()),
        // Nothing here mails.
        ("AlarmEmail".to_owned(), "nobody@example.invalid".to_owned()),
        // The fuse is for real money; a demo of 500 winners should not blow it.
        ("DailyBudgetKrw".to_owned(), "1000000000".to_owned()),
        ("MaxSendsPerHour".to_owned(), "100000".to_owned()),
    ]);
    parameters.extend(options.parameters.clone());
    parameters
}

fn function_settings(template: &Template, options: &StackOptions) -> Result<Vec<FunctionSettings>> {
    let mut all = template.functions()?;
    for settings in &mut all {
        if let Some(timeout) = options.timeouts.get(&settings.name) {
            settings.timeout = *timeout;
        }
        if let Some(most) = options.concurrency.get(&settings.name) {
            settings.reserved_concurrency = Some(*most);
        }
    }
    Ok(all)
}

enum Programs {
    Processes(Binaries),
    Remote(String),
}

async fn programs(runner: &Runner, functions: &[FunctionSettings]) -> Result<Programs> {
    Ok(match runner {
        Runner::Build { progress } => {
            let names: Vec<String> = functions.iter().map(|settings| settings.name.clone()).collect();
            Programs::Processes(binaries::build(&names, *progress).await?)
        }
        Runner::Programs(programs) => Programs::Processes(programs.clone()),
        Runner::Remote { endpoint } => Programs::Remote(endpoint.clone()),
    })
}

/// Fills the secrets that the cloud makes up.
fn generate(secrets: &Secrets, template: &Template) -> Result<()> {
    for id in template.generated_secrets()? {
        secrets.put(&id, format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
    }
    Ok(())
}

fn tables(template: &Template) -> Result<Tables> {
    Ok(Tables {
        payouts: template.reference("PayoutsTable")?,
        rewards: template.reference("RewardsTable")?,
        recipients: template.reference("RecipientsTable")?,
        control: template.reference("ControlTable")?,
        coupons: template.reference("CouponsTable")?,
        catalog: template.reference("CatalogTable")?,
    })
}

/// Where the SDK finds the local services.
pub(super) fn endpoints(dynamodb: &str, secrets: &Secrets, topic: &Topic, invoke: &str) -> [(&'static str, String); 5] {
    [
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.to_owned()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.endpoint().to_owned()),
        ("AWS_ENDPOINT_URL_SNS", topic.endpoint().to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", invoke.to_owned()),
        // Nobody answers there: without a bucket nobody asks, and what has one must not find the cloud's.
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9".to_owned()),
    ]
}

/// All variables of one function, `more` winning over the template.
pub(super) fn environment(
    settings: &FunctionSettings,
    endpoints: [(&'static str, String); 5],
    more: Option<&BTreeMap<String, String>>,
) -> BTreeMap<String, String> {
    let mut env = lambda::platform_env(settings);
    env.extend(settings.env.clone());
    env.extend(endpoints.map(|(name, value)| (name.to_owned(), value)));
    env.extend(more.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    env
}
