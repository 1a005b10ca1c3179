//! The order in which a stack comes up.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use anyhow::{Context, Result};
use giftishow_sim::{Sim, SimConfig};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::deployment::{Deployment, kept_parameters};
use super::{Runner, Running, SWEEPER, Stack, StackOptions, Tables, credentials_json};
use crate::binaries::{self, Binaries};
use crate::cloud::{Cloud, Topic};
use crate::data::{self, Data};
use crate::dynamodb::{Blow, DynamoDb};
use crate::front::{Front, FunctionDoor};
use crate::http::{HttpClient, Listener};
use crate::lambda::{self, Function, Functions, Remote, Target};
use crate::logs::Logs;
use crate::pump::Pump;
use crate::scheduler::Scheduler;
use crate::secrets::Secrets;
use crate::stack::history::History;
use crate::template::{FunctionSettings, Template, When};

/// The function whose URL has a port of its own.
const OPERATE: &str = "operate";

pub(super) async fn start(options: StackOptions) -> Result<Stack> {
    // First of all: whoever comes second must not touch anything.
    let data = options.data.as_deref().map(|folder| Data::open(folder, options.fresh)).transpose()?;
    let token = token(&options, data.as_ref())?;
    let books = data.as_ref().map(Data::books);
    let sim =
        Sim::start(SimConfig { books, ..options.sim.clone() }).await.context("the fake Giftishow does not start")?;
    let template = template(&options, data.as_ref(), &token, &sim)?;
    let settings = function_settings(&template, &options)?;
    let runner = programs(&options.runner, &settings).await?;

    let database = data.as_ref().map(Data::database);
    let tables_wanted = DynamoDb::tables_of(&template)?;
    let dynamodb = DynamoDb::start(options.ports.dynamodb, &tables_wanted, database.as_deref()).await?;
    dynamodb.hold_items(options.hold_items);
    let secrets = Secrets::start(options.ports.secrets, data.as_ref().map(Data::secrets)).await?;
    let secret_id = template.reference("GiftishowSecret")?;
    fill(&secrets, &template, &secret_id, &sim)?;

    let listener = Listener::bind(options.ports.invoke, "--invoke-port").await?;
    let cloud_listener = Listener::bind(options.ports.cloud, "--cloud-port").await?;
    let services = Services {
        dynamodb: dynamodb.endpoint().to_owned(),
        secrets: secrets.endpoint().to_owned(),
        invoke: format!("http://{}", listener.address()?),
        cloud: format!("http://{}", cloud_listener.address()?),
    };
    let logs = Logs::new(options.echo);
    let functions = Arc::new(functions(settings, &runner, &services, &options, &logs)?);
    let lambda = lambda::serve(listener, Arc::clone(&functions));
    let struck = Arc::downgrade(&functions);
    dynamodb.strike_with(Box::new(move |name, blow| strike(&struck, name, blow)));

    let front = Front::start(options.ports.front, template.routes()?, Arc::clone(&functions)).await?;
    let doors = doors(&template, &options, &functions).await?;
    let addresses = addresses(&template, &front, &doors)?;
    let kept = data.as_ref().map(Data::parameters);
    let deployment =
        Deployment::new(template.clone(), Arc::clone(&functions), services.clone(), options.clone(), addresses, kept);
    let topic = Topic::new(options.show_mails);
    let cloud = Cloud::serve(cloud_listener, Arc::clone(&deployment), topic.clone(), secrets.store());

    let (pump, history) = stream(&template, &options, &functions, &dynamodb, data.as_ref())?;
    let schedulers = schedulers(&template, &options, &functions)?;
    Ok(Stack {
        tables: tables(&template)?,
        template,
        token,
        _schedulers: schedulers,
        pump,
        history,
        front,
        doors,
        _cloud: cloud,
        _lambda: lambda,
        services,
        deployment,
        topic,
        functions: Running(functions),
        secrets,
        secret_id,
        dynamodb,
        sim,
        logs,
        client: HttpClient::new(),
        _data: data,
    })
}

/// The token of the last run, or what the first one begins with.
fn token(options: &StackOptions, data: Option<&Data>) -> Result<String> {
    let new = || options.token.clone().unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    match data {
        Some(data) => data.token(new),
        None => Ok(new()),
    }
}

/// The template with what the local services decide, under what the caller wants, under what was changed in an earlier run.
fn template(options: &StackOptions, data: Option<&Data>, token: &str, sim: &Sim) -> Result<Template> {
    let mut parameters = parameters(options, token, sim);
    let template = match &options.template {
        Some(text) => Template::parse(text, &parameters),
        None => Template::load(&parameters),
    }?;
    let Some(data) = data else { return Ok(template) };
    let changed = kept_parameters(&data.parameters())?.into_iter();
    parameters.extend(changed.filter(|(name, _)| !template.raw()["Parameters"][name].is_null()));
    template.with_parameters(&parameters)
}

fn functions(
    settings: Vec<FunctionSettings>,
    runner: &Programs,
    services: &Services,
    options: &StackOptions,
    logs: &Logs,
) -> Result<Functions> {
    let mut functions = Functions::new();
    for settings in settings {
        let name = settings.name.clone();
        let target = match runner {
            Programs::Processes(programs) => {
                let program = programs.get(&name).with_context(|| format!("no program for {name}"))?.clone();
                let env = services.environment(&settings, options.environment.get(&name));
                let (invoke, processes) = (&services.invoke, options.processes);
                Target::Processes(Function::new(settings, program, env, invoke, processes, logs))
            }
            Programs::Remote(endpoint) => Target::Remote(Arc::new(Remote::new(endpoint, &name))),
        };
        functions.insert(name, target);
    }
    Ok(functions)
}

async fn doors(template: &Template, options: &StackOptions, functions: &Arc<Functions>) -> Result<Vec<FunctionDoor>> {
    let mut doors = Vec::new();
    for url in template.function_urls()? {
        let port = if url.function == OPERATE { options.ports.operate } else { 0 };
        doors.push(FunctionDoor::open(port, "--operate-port", url.function, Arc::clone(functions)).await?);
    }
    Ok(doors)
}

/// The cloud's addresses, each with the one that stands for it here.
fn addresses(template: &Template, front: &Front, doors: &[FunctionDoor]) -> Result<Vec<(String, String)>> {
    let mut addresses: Vec<(String, String)> =
        template.api_url()?.map(|url| (url, front.base_url())).into_iter().collect();
    for url in template.function_urls()? {
        let door = doors.iter().find(|door| door.function() == url.function);
        addresses.extend(door.map(|door| (url.url, door.url())));
    }
    Ok(addresses)
}

/// What follows the table of payouts: the mapping, and the history for whoever looks on.
fn stream(
    template: &Template,
    options: &StackOptions,
    functions: &Functions,
    dynamodb: &DynamoDb,
    data: Option<&Data>,
) -> Result<(Pump, History)> {
    let mapping = template.stream_mapping()?;
    let history = History::start(dynamodb.stream_from_now(&mapping.table)?, dynamodb.writes());
    let kept = data.map(Data::position);
    let after = kept.as_deref().map(data::read).transpose()?.flatten();
    let reader = dynamodb.stream(&mapping.table, after.as_deref())?;
    let fed = functions.get(&mapping.function).cloned();
    let fed = fed.with_context(|| format!("no function {}", mapping.function))?;
    let pump = Pump::start(mapping, reader, dynamodb.writes(), fed, options.delivery, kept)?;
    Ok((pump, history))
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

/// What the template says, under what the caller wants.
pub(super) fn function_settings(template: &Template, options: &StackOptions) -> Result<Vec<FunctionSettings>> {
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

/// Fills the secrets that have no value yet: those that the cloud makes up, and the one that a person fills.
fn fill(secrets: &Secrets, template: &Template, secret_id: &str, sim: &Sim) -> Result<()> {
    if !secrets.has(secret_id) {
        secrets.put(secret_id, credentials_json(&sim.credentials()));
    }
    for id in template.generated_secrets()?.into_iter().filter(|id| !secrets.has(id)) {
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

/// Base URLs of the local services.
#[derive(Debug, Clone)]
pub(super) struct Services {
    pub(super) dynamodb: String,
    pub(super) secrets: String,
    pub(super) invoke: String,
    pub(super) cloud: String,
}

impl Services {
    /// All variables of one function, `more` winning over the template. Its requests to DynamoDB can be told apart.
    pub(super) fn environment(
        &self,
        settings: &FunctionSettings,
        more: Option<&BTreeMap<String, String>>,
    ) -> BTreeMap<String, String> {
        let mut env = lambda::platform_env(settings);
        env.extend(settings.env.clone());
        env.extend(self.endpoints(&format!("{}/{}", self.dynamodb, settings.name)));
        env.extend(more.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        env
    }

    /// Where the SDK finds them.
    pub(super) fn endpoints(&self, dynamodb: &str) -> BTreeMap<String, String> {
        let endpoints = [
            ("DYNAMODB", dynamodb),
            ("SECRETS_MANAGER", &self.secrets),
            ("LAMBDA", &self.invoke),
            ("SNS", &self.cloud),
            // Nobody answers there: without a bucket nobody asks, and what has one must not find the cloud's.
            ("S3", "http://127.0.0.1:9"),
        ];
        endpoints.map(|(service, url)| (format!("AWS_ENDPOINT_URL_{service}"), url.to_owned())).into()
    }
}
