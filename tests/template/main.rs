//! What `template.yaml` promises, read as the local stack reads it.

mod alarms;
mod environment;
mod events;
mod front_door;
mod functions;
mod parameters;
mod permissions;
mod source;
mod tables;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use local::template::Template;
use serde_json::{Value, json};

/// The template with its defaults, and made-up values for what has none.
fn load() -> Result<Template> {
    load_with(&[])
}

/// Like [`load`], with values of some parameters.
fn load_with(given: &[(&str, &str)]) -> Result<Template> {
    let zeros = "0".repeat(64);
    let needed = [("CallbackTokenSha256", zeros.as_str()), ("TrIdNamespace", "test"), ("AlarmEmail", "a@example.com")];
    let all = needed.iter().chain(given).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Template::load(&all.collect())
}

/// All resources of this type by logical id, nothing evaluated.
fn resources<'a>(template: &'a Template, kind: &'a str) -> BTreeMap<&'a str, &'a Value> {
    template.resources().filter(|(_, resource)| resource["Type"] == kind).collect()
}

/// Logical id and properties of every function, nothing evaluated.
fn functions(template: &Template) -> BTreeMap<&str, &Value> {
    let functions = resources(template, "AWS::Serverless::Function");
    functions.into_iter().map(|(id, function)| (id, &function["Properties"])).collect()
}

/// What `!Sub` makes of a pattern.
fn sub(template: &Template, pattern: &str) -> Result<String> {
    let value = template.resolve(&json!({ "Fn::Sub": pattern }))?;
    value.as_str().map(ToOwned::to_owned).context("not a text")
}

/// Members of a list of the template.
fn list(value: &Value) -> Result<&[Value]> {
    value.as_array().map(Vec::as_slice).with_context(|| format!("a list is wanted here: {value}"))
}

/// Texts of a list of the template.
fn texts(value: &Value) -> Result<Vec<&str>> {
    list(value)?.iter().map(|text| text.as_str().with_context(|| format!("a text is wanted here: {text}"))).collect()
}
