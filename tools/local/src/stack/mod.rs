//! All local services together.

mod deployment;
mod history;
mod options;
mod start;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use giftishow_sim::{Sim, SimCredentials};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use history::Change;
pub use options::{Ports, Recipient, Reward, Runner, StackOptions};

use crate::cloud::{Cloud, Mail, Topic};
use crate::data::Data;
use crate::dynamodb::{DynamoDb, HEARTBEAT, RequestCounts, WriteUnits, items};
use crate::front::{Front, FunctionDoor};
use crate::http::{AbortOnDrop, HttpClient};
use crate::lambda::{Admission, Function, Functions, Outcome, Target};
use crate::logs::Logs;
use crate::pump::Pump;
use crate::scheduler::{self, Scheduler};
use crate::secrets::Secrets;
use crate::template::Template;
pub(crate) use deployment::{Deployment, NAME};
use history::History;
use start::Services;

/// Least time between two questions of [`Stack::wait_until`].
const WAIT_STEP: Duration = Duration::from_millis(10);
/// The function that ends what sends left open.
const SWEEPER: &str = "sweeper";
/// The function that copies the catalogue.
const CATALOG_SYNC: &str = "catalog-sync";

/// The running system. Dropping it ends everything; [`Stack::shutdown`] also waits for the end.
pub struct Stack {
    template: Template,
    token: String,
    tables: Tables,
    // Ends before what it needs.
    _schedulers: Vec<Scheduler>,
    pump: Pump,
    history: History,
    front: Front,
    doors: Vec<FunctionDoor>,
    _cloud: Cloud,
    _lambda: AbortOnDrop,
    services: Services,
    deployment: Arc<Deployment>,
    topic: Topic,
    functions: Running,
    secrets: Secrets,
    secret_id: String,
    dynamodb: DynamoDb,
    sim: Sim,
    logs: Logs,
    client: HttpClient,
    // The next stack may have the folder when all of this has ended.
    _data: Option<Data>,
}

/// Local names of the tables.
struct Tables {
    payouts: String,
    rewards: String,
    recipients: String,
    control: String,
    coupons: String,
    catalog: String,
}

impl Stack {
    /// Starts everything and returns when requests are answered.
    ///
    /// # Errors
    /// If the template asks for something unknown, a function does not build or a port is taken.
    pub async fn start(options: StackOptions) -> Result<Self> {
        start::start(options).await
    }

    /// The URL that Bleepy would have; it holds the callback token.
    pub fn callback_url(&self) -> String {
        format!("{}/bleepy/{}", self.front.base_url(), self.token)
    }

    /// Base URL of the HTTP API, for wrong paths and tokens.
    pub fn front_url(&self) -> String {
        self.front.base_url()
    }

    /// The callback token; a rotation in an earlier run may have made it worthless.
    pub fn callback_token(&self) -> &str {
        &self.token
    }

    /// Whether the callback token still opens the callback.
    pub fn token_is_valid(&self) -> bool {
        let digest = hex::encode(Sha256::digest(&self.token));
        self.deployment.parameter("CallbackTokenSha256").split(',').any(|known| known == digest)
    }

    /// The URL of a function that has one, with a slash at its end; requests must be signed.
    pub fn function_url(&self, function: &str) -> Option<String> {
        self.doors.iter().find(|door| door.function() == function).map(FunctionDoor::url)
    }

    /// Posts JSON to a function's URL, signed by the user of this name; status and body of the answer.
    pub async fn post_signed(&self, function: &str, user: &str, body: &Value) -> Result<(u16, Value)> {
        let door = self.doors.iter().find(|door| door.function() == function);
        let door = door.with_context(|| format!("{function} has no URL"))?;
        let (head, body) = self.client.send(door.request(user, body)?).await?.into_parts();
        Ok((head.status.as_u16(), serde_json::from_slice(&body.collect().await?.to_bytes()).unwrap_or_default()))
    }

    /// Base URL of CloudFormation, SNS, Secrets Manager and Lambda's configuration.
    pub fn cloud_endpoint(&self) -> &str {
        &self.services.cloud
    }

    /// The name of this stack.
    pub fn name(&self) -> &'static str {
        NAME
    }

    /// What would have been mailed so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.topic.mails()
    }

    /// The template with the parameters that this stack started with.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Posts pairs of `code` and `userKey` as Bleepy does; status and body of the answer.
    pub async fn post_callback(&self, entries: &[(&str, &str)]) -> Result<(u16, Value)> {
        let list: Vec<Value> = entries.iter().map(|(code, user)| json!({ "code": code, "userKey": user })).collect();
        let (status, body) = self.client.post_json(&self.callback_url(), &json!({ "list": list })).await?;
        Ok((status.as_u16(), serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Registers a reward or replaces it.
    pub fn put_reward(&self, reward: &Reward) -> Result<()> {
        self.dynamodb.put_item(&self.tables.rewards, &items::from_plain(&reward.row()))
    }

    /// Registers a recipient or replaces it.
    pub fn put_recipient(&self, recipient: &Recipient) -> Result<()> {
        self.dynamodb.put_item(&self.tables.recipients, &items::from_plain(&recipient.row()))
    }

    /// Deletes a recipient.
    pub fn delete_recipient(&self, user_key: &str) -> Result<()> {
        self.dynamodb.delete_item(&self.tables.recipients, &json!({ "user_key": { "S": user_key } }))
    }

    /// Puts a row of `payouts` from plain JSON, as a fault or an operator might have left it.
    pub fn put_payout(&self, row: &Value) -> Result<()> {
        self.dynamodb.put_item(&self.tables.payouts, &items::from_plain(row))
    }

    /// Deletes a row of `payouts`, as restoring the table to an earlier moment does.
    pub fn delete_payout(&self, tr_id: &str) -> Result<()> {
        self.dynamodb.delete_item(&self.tables.payouts, &json!({ "tr_id": { "S": tr_id } }))
    }

    /// All rows of `payouts` in plain JSON, by time of acceptance, then attempt.
    pub fn payouts(&self) -> Vec<Value> {
        let mut rows = self.dynamodb.scan(&self.tables.payouts).unwrap_or_default();
        // The heartbeat is no payout.
        rows.retain(|row| row["tr_id"] != HEARTBEAT);
        rows.sort_by_key(|row| (row["accepted_at"].to_string(), row["attempt"].as_u64()));
        rows
    }

    /// The local name of the table of payouts.
    pub fn payouts_table(&self) -> &str {
        &self.tables.payouts
    }

    /// All rows of `control` in plain JSON: the line, the counters, what was buried.
    pub fn control(&self) -> Vec<Value> {
        self.dynamodb.scan(&self.tables.control).unwrap_or_default()
    }

    /// Puts a row of `control` from plain JSON, as an operator does to stop the line.
    pub fn put_control(&self, row: &Value) -> Result<()> {
        self.dynamodb.put_item(&self.tables.control, &items::from_plain(row))
    }

    /// All rows of `coupons` in plain JSON, sealed as they are.
    pub fn coupons(&self) -> Vec<Value> {
        self.dynamodb.scan(&self.tables.coupons).unwrap_or_default()
    }

    /// One row of `payouts` in plain JSON.
    pub fn payout(&self, tr_id: &str) -> Option<Value> {
        self.payouts().into_iter().find(|row| row["tr_id"] == tr_id)
    }

    /// All attempts at the payouts of one user, first attempt first.
    pub fn attempts(&self, user_key: &str) -> Vec<Value> {
        let mut rows = self.payouts();
        rows.retain(|row| row["user_key"] == user_key);
        rows
    }

    /// All rows of `rewards` in plain JSON.
    pub fn rewards(&self) -> Vec<Value> {
        self.dynamodb.scan(&self.tables.rewards).unwrap_or_default()
    }

    /// How many recipients are registered.
    pub fn recipient_count(&self) -> usize {
        self.dynamodb.scan(&self.tables.recipients).map_or(0, |rows| rows.len())
    }

    /// All rows of `catalog` in plain JSON, by their keys.
    pub fn catalog(&self) -> BTreeMap<String, Value> {
        let rows = self.dynamodb.scan(&self.tables.catalog).unwrap_or_default();
        rows.into_iter().map(|row| (row["id"].as_str().unwrap_or_default().to_owned(), row)).collect()
    }

    /// Every change of a row of `payouts` since the start, oldest first.
    pub fn changes(&self) -> Vec<Change> {
        self.history.changes()
    }

    /// The fake Giftishow; its ledger is the judge.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// The database: its faults, its counts, its items.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.dynamodb
    }

    /// Requests that reached DynamoDB so far.
    pub fn dynamodb_requests(&self) -> RequestCounts {
        self.dynamodb.counts()
    }

    /// What writes to DynamoDB have cost so far.
    pub fn write_units(&self) -> WriteUnits {
        self.dynamodb.write_units()
    }

    /// The local Secrets Manager.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What the functions call Giftishow's secret.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    /// Puts these credentials where the functions read them.
    pub fn put_credentials(&self, credentials: &SimCredentials) {
        self.secrets.put(&self.secret_id, credentials_json(credentials));
    }

    /// The stream mapping.
    pub fn pump(&self) -> &Pump {
        &self.pump
    }

    /// Output of the functions.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Everything a function needs to run outside of this stack and against it: the variables of all functions
    /// together, and where the services are.
    pub fn functions_env(&self) -> Result<BTreeMap<String, String>> {
        let mut env = BTreeMap::new();
        for settings in self.template.functions()? {
            env.extend(self.services.environment(&settings, None));
        }
        env.extend(self.services.endpoints(&self.services.dynamodb));
        // The emulator sets these itself, for each function its own.
        env.retain(|name, _| !name.starts_with("AWS_LAMBDA_") && name != "TZ");
        Ok(env)
    }

    /// Base URL of Lambda's Invoke API.
    pub fn invoke_endpoint(&self) -> &str {
        &self.services.invoke
    }

    /// A function whose processes run here.
    pub fn function(&self, name: &str) -> Result<&Arc<Function>> {
        let target = self.functions.get(name)?;
        target.processes().with_context(|| format!("{name} does not run here"))
    }

    /// Invokes a function and waits for its end.
    pub async fn invoke(&self, name: &str, event: &Value) -> Result<Outcome> {
        let target = self.functions.get(name)?;
        let event = event.to_string().into();
        match target.invoke(event, Admission::Wait).await {
            Ok(outcome) => Ok(outcome),
            Err(refused) => bail!("{name} was not invoked: {refused:?}"),
        }
    }

    /// SIGKILL to the processes of a function now; ends when they are gone.
    pub async fn kill_function(&self, name: &str) -> Result<()> {
        self.function(name)?.kill().await;
        Ok(())
    }

    /// Invocations of a function that run now.
    pub fn in_flight(&self, name: &str) -> usize {
        self.function(name).map_or(0, |function| function.in_flight())
    }

    /// One sweep, besides the scheduled ones and never at the same time as one of them.
    pub async fn sweep(&self) -> Result<Outcome> {
        self.scheduled(SWEEPER).await
    }

    /// One run of the catalogue, as the schedule begins it; it may end unfinished, and another call goes on with it.
    pub async fn sync(&self) -> Result<Outcome> {
        self.scheduled(CATALOG_SYNC).await
    }

    async fn scheduled(&self, function: &str) -> Result<Outcome> {
        let target = self.functions.get(function)?;
        scheduler::run_once(target, None).await.map_err(|refused| anyhow::anyhow!("no {function}: {refused:?}"))
    }

    /// Waits until `done` holds.
    ///
    /// # Errors
    /// With `what`, the rows and the latest log lines if it does not within `limit`.
    pub async fn wait_until(&self, what: &str, limit: Duration, done: impl Fn(&Self) -> bool) -> Result<()> {
        let started = Instant::now();
        loop {
            let asked = Instant::now();
            if done(self) {
                return Ok(());
            }
            if started.elapsed() > limit {
                bail!("not within {limit:?}: {what}\n{}", self.situation());
            }
            // A costly question must not slow down what it waits for.
            tokio::time::sleep(WAIT_STEP.max(asked.elapsed() * 10)).await;
        }
    }

    /// Ends everything and waits for the end: no process and no open port is left.
    pub async fn shutdown(self) {
        for function in self.functions.local() {
            function.close();
            function.kill().await;
        }
        self.sim.shutdown().await;
    }

    /// What a reader of a failed test wants to know.
    fn situation(&self) -> String {
        let rows: Vec<String> = self.payouts().iter().map(ToString::to_string).collect();
        let lines = self.logs.lines();
        let latest = lines.iter().skip(lines.len().saturating_sub(15));
        let latest: Vec<String> = latest.map(|line| format!("{} | {}", line.function, line.text)).collect();
        format!("payouts:\n{}\nlogs:\n{}", rows.join("\n"), latest.join("\n"))
    }
}

/// The functions, whose processes end with it.
struct Running(Arc<Functions>);

impl Running {
    fn get(&self, name: &str) -> Result<&Target> {
        self.0.get(name).with_context(|| format!("there is no function {name}"))
    }

    /// Those that run here.
    fn local(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.0.values().filter_map(Target::processes)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.local().for_each(|function| function.close());
    }
}

/// Giftishow's credentials as the secret holds them.
pub fn credentials_json(credentials: &SimCredentials) -> String {
    json!({
        "custom_auth_code": credentials.custom_auth_code,
        "custom_auth_token": credentials.custom_auth_token,
        "user_id": credentials.user_id,
        "callback_no": credentials.callback_no,
    })
    .to_string()
}
