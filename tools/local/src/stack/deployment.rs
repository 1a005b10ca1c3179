//! The stack as CloudFormation sees it: its parameters, which can change while it runs, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;

use super::StackOptions;
use super::start::{Services, function_settings};
use crate::data;
use crate::lambda::{Functions, Target};
use crate::template::{ACCOUNT, FunctionSettings, Output, REGION, Resource, Template};

/// What `AWS::StackName` gives.
pub(crate) const NAME: &str = "local";
/// How long an update is under way at least: whoever waits for its end must see that it has one.
const UPDATE_LASTS: Duration = Duration::from_secs(1);
/// Where Giftishow is; it must never become the real one.
const BASE_URL: &str = "GiftishowBaseUrl";

/// The deployed stack.
pub(crate) struct Deployment {
    id: String,
    created_at: Timestamp,
    state: Mutex<State>,
    functions: Arc<Functions>,
    services: Services,
    options: StackOptions,
    /// Addresses of the cloud and the local ones that stand for them.
    addresses: Vec<(String, String)>,
    /// Where changed parameters are kept from run to run.
    kept: Option<PathBuf>,
}

struct State {
    template: Template,
    changed_at: Timestamp,
    updating: bool,
    updated: bool,
}

impl Deployment {
    pub(super) fn new(
        template: Template,
        functions: Arc<Functions>,
        services: Services,
        options: StackOptions,
        addresses: Vec<(String, String)>,
        kept: Option<PathBuf>,
    ) -> Arc<Self> {
        let now = Timestamp::now();
        Arc::new(Self {
            id: format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{NAME}/00000000-0000-0000-0000-000000000000"),
            created_at: now,
            state: Mutex::new(State { template, changed_at: now, updating: false, updated: false }),
            functions,
            services,
            options,
            addresses,
            kept,
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub(crate) fn changed_at(&self) -> Timestamp {
        self.state().changed_at
    }

    pub(crate) fn is_updating(&self) -> bool {
        self.state().updating
    }

    pub(crate) fn status(&self) -> &'static str {
        let state = self.state();
        match (state.updating, state.updated) {
            (true, _) => "UPDATE_IN_PROGRESS",
            (false, true) => "UPDATE_COMPLETE",
            (false, false) => "CREATE_COMPLETE",
        }
    }

    /// Values of all parameters now.
    pub(crate) fn parameters(&self) -> BTreeMap<String, String> {
        self.state().template.parameters().clone()
    }

    /// One parameter; empty if it has no value.
    pub(crate) fn parameter(&self, name: &str) -> String {
        self.state().template.parameters().get(name).cloned().unwrap_or_default()
    }

    /// Whether the template has this parameter.
    pub(crate) fn declares(&self, name: &str) -> bool {
        !self.state().template.raw()["Parameters"][name].is_null()
    }

    /// Parameters that have no default.
    pub(crate) fn required(&self) -> Vec<String> {
        let state = self.state();
        let declared = state.template.raw()["Parameters"].as_object().into_iter().flatten();
        let required = declared.filter(|(_, parameter)| parameter["Default"].is_null());
        required.map(|(name, _)| name.clone()).collect()
    }

    /// The outputs, with addresses where something answers.
    pub(crate) fn outputs(&self) -> Result<Vec<Output>> {
        let mut outputs = self.state().template.outputs()?;
        for output in &mut outputs {
            for (cloud, local) in &self.addresses {
                output.value = output.value.replace(cloud.as_str(), local);
            }
        }
        Ok(outputs)
    }

    pub(crate) fn resources(&self) -> Result<Vec<Resource>> {
        self.state().template.deployed()
    }

    /// ARNs of all topics.
    pub(crate) fn topics(&self) -> Vec<String> {
        let state = self.state();
        let topics = state.template.resources_of("AWS::SNS::Topic");
        topics.filter_map(|id| state.template.reference(id).ok()).collect()
    }

    /// Settings of the functions as they are deployed now.
    pub(crate) fn functions(&self) -> Result<Vec<FunctionSettings>> {
        function_settings(&self.state().template, &self.options)
    }

    /// Begins an update to exactly these parameters; what is not among them gets its default, as in the cloud.
    ///
    /// # Errors
    /// With CloudFormation's words if nothing would change or an update is under way, with words of its own where the local
    /// stack cannot follow.
    pub(crate) fn update(self: &Arc<Self>, wanted: &BTreeMap<String, String>) -> Result<(), String> {
        let told = |error: anyhow::Error| format!("{error:#}");
        let mut state = self.state();
        if state.updating {
            return Err(format!("Stack:{} is in UPDATE_IN_PROGRESS state and can not be updated.", self.id));
        }
        let template = state.template.with_parameters(wanted).map_err(told)?;
        if template.parameters() == state.template.parameters() {
            return Err("No updates are to be performed.".to_owned());
        }
        if template.parameters().get(BASE_URL) != state.template.parameters().get(BASE_URL) {
            return Err(format!("{BASE_URL} of the local stack is its own fake Giftishow: say UsePreviousValue"));
        }
        let before = function_settings(&state.template, &self.options).map_err(told)?;
        let after = function_settings(&template, &self.options).map_err(told)?;
        if self.functions.values().any(|target| target.processes().is_none()) {
            return Err("the functions run elsewhere: their environment cannot be changed from here".to_owned());
        }
        self.keep(&state.template, &template).map_err(told)?;
        state.template = template;
        (state.updating, state.updated) = (true, true);
        drop(state);
        let deployment = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(UPDATE_LASTS).await;
            deployment.roll_out(&before, &after);
            let mut state = deployment.state();
            (state.updating, state.changed_at) = (false, Timestamp::now());
        });
        Ok(())
    }

    /// New processes for what is invoked from now on, in the functions whose environment is another one.
    fn roll_out(&self, before: &[FunctionSettings], after: &[FunctionSettings]) {
        for settings in after {
            let same = before.iter().any(|old| old.name == settings.name && old.env == settings.env);
            if let Some(Target::Processes(function)) = self.functions.get(&settings.name).filter(|_| !same) {
                let more = self.options.environment.get(&settings.name);
                function.replace_env(self.services.environment(settings, more));
            }
        }
    }

    /// Keeps what was changed for the next run, which has addresses of its own.
    fn keep(&self, before: &Template, after: &Template) -> Result<()> {
        let Some(path) = &self.kept else { return Ok(()) };
        let mut kept = kept_parameters(path)?;
        let names: BTreeSet<&String> = before.parameters().keys().chain(after.parameters().keys()).collect();
        for name in names {
            let (old, new) = (before.parameters().get(name), after.parameters().get(name));
            if let Some(new) = new.filter(|_| old != new) {
                kept.insert(name.clone(), new.clone());
            }
        }
        data::write(path, &serde_json::to_vec_pretty(&kept)?)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Parameters that were changed in earlier runs.
pub(super) fn kept_parameters(path: &std::path::Path) -> Result<BTreeMap<String, String>> {
    match data::read(path)? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(BTreeMap::new()),
    }
}
