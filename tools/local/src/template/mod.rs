//! Reads `template.yaml`, so that what runs here is what deploys.
//!
//! Intrinsic functions come out evaluated with local values; whatever the local stack does not understand is an
//! error that names it.

mod outputs;
mod resolve;
mod settings;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};

pub use outputs::{FunctionUrl, Output, Resource};
pub(crate) use resolve::{ACCOUNT, REGION};
pub use settings::{FunctionSettings, Route, Schedule, StreamMapping, TableDefinition, When};

/// A template together with the values of its parameters.
#[derive(Debug, Clone)]
pub struct Template {
    raw: Value,
    parameters: BTreeMap<String, String>,
}

impl Template {
    /// Where this repository keeps its template.
    pub fn path() -> PathBuf {
        crate::workspace_root().join("template.yaml")
    }

    /// The repository's template with these parameters in place of the defaults.
    ///
    /// # Errors
    /// If the file cannot be read or parsed, or a parameter does not exist or is out of its limits.
    pub fn load(parameters: &BTreeMap<String, String>) -> Result<Self> {
        Self::read(&Self::path(), parameters)
    }

    /// Like [`Template::load`] for any file.
    pub fn read(path: &Path, parameters: &BTreeMap<String, String>) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, parameters)
    }

    /// Like [`Template::load`] for a text.
    pub fn parse(text: &str, parameters: &BTreeMap<String, String>) -> Result<Self> {
        let raw = yaml::parse(text)?;
        let parameters = resolve::parameters(&raw, parameters)?;
        Ok(Self { raw, parameters })
    }

    /// The whole template: short tags in their long form, nothing evaluated.
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// Values of the parameters; those without a default that were not given are absent.
    pub fn parameters(&self) -> &BTreeMap<String, String> {
        &self.parameters
    }

    /// All resources by logical id, nothing evaluated.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.raw["Resources"].as_object().into_iter().flatten().map(|(id, resource)| (id.as_str(), resource))
    }

    /// Logical ids of all resources of this type, like `AWS::DynamoDB::Table`.
    pub fn resources_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.resources().filter(move |(_, resource)| resource["Type"] == kind).map(|(id, _)| id)
    }

    /// What `!Ref` of a resource or parameter gives here.
    pub fn reference(&self, name: &str) -> Result<String> {
        let value = self.resolve(&serde_json::json!({ "Ref": name }))?;
        resolve::scalar(&value)
    }

    /// `value` (a part of [`Template::raw`]) with its intrinsic functions evaluated.
    pub fn resolve(&self, value: &Value) -> Result<Value> {
        self.resolver().resolve(value)
    }

    /// The same template with other values of its parameters; what is not given gets its default.
    pub fn with_parameters(&self, parameters: &BTreeMap<String, String>) -> Result<Self> {
        let parameters = resolve::parameters(&self.raw, parameters)?;
        Ok(Self { raw: self.raw.clone(), parameters })
    }

    fn resolver(&self) -> resolve::Resolver<'_> {
        resolve::Resolver { template: &self.raw, parameters: &self.parameters }
    }

    fn resource(&self, logical_id: &str) -> Result<&Value> {
        self.raw["Resources"].get(logical_id).with_context(|| format!("the template has no resource {logical_id}"))
    }

    fn properties(&self, logical_id: &str) -> Result<Map<String, Value>> {
        let properties = &self.resource(logical_id)?["Properties"];
        let resolved = self.resolve(properties).with_context(|| format!("properties of {logical_id}"))?;
        Ok(resolved.as_object().cloned().unwrap_or_default())
    }
}
