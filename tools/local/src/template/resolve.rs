//! Parameters and intrinsic functions, with local values in place of an account's.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// Region of every local ARN; nothing is ever sent there.
pub(crate) const REGION: &str = "ap-northeast-2";
/// Account of every local ARN; it belongs to nobody.
pub(crate) const ACCOUNT: &str = "000000000000";

/// Values of the template's parameters: overrides, else defaults.
pub(super) fn parameters(template: &Value, overrides: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let nothing = Map::new();
    let declared = template["Parameters"].as_object().unwrap_or(&nothing);
    if let Some(unknown) = overrides.keys().find(|name| !declared.contains_key(*name)) {
        bail!("the template has no parameter {unknown}");
    }
    let mut values = BTreeMap::new();
    for (name, definition) in declared {
        let value = match (overrides.get(name), &definition["Default"]) {
            (Some(value), _) => value.clone(),
            (None, Value::Null) => continue,
            (None, default) => scalar(default).with_context(|| format!("default of {name}"))?,
        };
        check(name, &value, definition)?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// The limits that CloudFormation would check too; patterns are left to it.
fn check(name: &str, value: &str, definition: &Value) -> Result<()> {
    if definition["Type"] == "Number" {
        let number: f64 = value.parse().with_context(|| format!("{name} is not a number"))?;
        let below = definition["MinValue"].as_f64().is_some_and(|least| number < least);
        let above = definition["MaxValue"].as_f64().is_some_and(|most| number > most);
        if below || above {
            bail!("{name} = {value} is outside of what the template allows");
        }
    }
    let length = u64::try_from(value.chars().count())?;
    let short = definition["MinLength"].as_u64().is_some_and(|least| length < least);
    let long = definition["MaxLength"].as_u64().is_some_and(|most| length > most);
    if short || long {
        bail!("{name} is shorter or longer than the template allows");
    }
    if let Some(allowed) = definition["AllowedValues"].as_array()
        && !allowed.iter().any(|one| scalar(one).is_ok_and(|one| one == value))
    {
        bail!("{name} = {value} is not among the template's AllowedValues");
    }
    Ok(())
}

/// A scalar as the string that CloudFormation hands on.
pub(super) fn scalar(value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        other => bail!("expected a scalar, found {other}"),
    })
}

/// Evaluates intrinsic functions within one template.
pub(super) struct Resolver<'a> {
    pub(super) template: &'a Value,
    pub(super) parameters: &'a BTreeMap<String, String>,
}

impl Resolver<'_> {
    /// `value` with every intrinsic function replaced by its result.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value> {
        match self.chosen(value)? {
            Value::Array(items) => items.iter().filter_map(|item| self.present(item).transpose()).collect(),
            Value::Object(map) => match single_function(map) {
                Some((name, argument)) => self.call(name, argument),
                None => map
                    .iter()
                    .filter_map(|(key, item)| Some(self.present(item).transpose()?.map(|item| (key.clone(), item))))
                    .collect::<Result<Map<_, _>>>()
                    .map(Value::Object),
            },
            scalar => Ok(scalar.clone()),
        }
    }

    /// A member of a list or object, unless it comes to `AWS::NoValue`, which removes it.
    fn present(&self, item: &Value) -> Result<Option<Value>> {
        let chosen = self.chosen(item)?;
        if chosen["Ref"] == "AWS::NoValue" { Ok(None) } else { self.resolve(chosen).map(Some) }
    }

    /// What `Fn::If` leads to; anything else is left as it is.
    fn chosen<'v>(&self, value: &'v Value) -> Result<&'v Value> {
        let Some(("Fn::If", branches)) = value.as_object().and_then(single_function) else { return Ok(value) };
        let Some([Value::String(condition), then, otherwise]) = branches.as_array().map(Vec::as_slice) else {
            bail!("Fn::If takes a condition and two values");
        };
        self.chosen(if self.condition(condition)? { then } else { otherwise })
    }

    pub(super) fn condition(&self, name: &str) -> Result<bool> {
        let holds = self.holds(&self.template["Conditions"][name]);
        holds.with_context(|| format!("the template has no condition {name} of Fn::Equals and Fn::Not"))
    }

    fn holds(&self, condition: &Value) -> Result<bool> {
        let function = condition.as_object().and_then(single_function).context("not a condition")?;
        match (function.0, function.1.as_array().map(Vec::as_slice)) {
            ("Fn::Equals", Some([one, other])) => Ok(scalar(&self.resolve(one)?)? == scalar(&self.resolve(other)?)?),
            ("Fn::Not", Some([other])) => Ok(!self.holds(other)?),
            _ => bail!("not a condition"),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value> {
        match (name, argument) {
            ("Ref", Value::String(target)) => self.reference(target).map(Value::from),
            ("Fn::GetAtt", Value::Array(path)) => match path.as_slice() {
                [Value::String(resource), Value::String(attribute)] => {
                    self.attribute(resource, attribute).map(Value::from)
                }
                _ => bail!("Fn::GetAtt takes a resource and an attribute"),
            },
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(between), Value::Array(parts)] => {
                    let parts = parts.iter().map(|part| scalar(&self.resolve(part)?)).collect::<Result<Vec<_>>>()?;
                    Ok(Value::from(parts.join(between.as_str())))
                }
                _ => bail!("Fn::Join takes a delimiter and a list"),
            },
            ("Fn::Sub", Value::String(pattern)) => self.substitute(pattern).map(Value::from),
            _ => bail!("the local stack does not know {name} with {argument}"),
        }
    }

    fn reference(&self, target: &str) -> Result<String> {
        if let Some(value) = pseudo_parameter(target) {
            return Ok(value.to_owned());
        }
        if let Some(value) = self.parameters.get(target) {
            return Ok(value.clone());
        }
        if self.template["Parameters"].get(target).is_some() {
            bail!("the parameter {target} has no default and was not given");
        }
        let resource = self.resource(target)?;
        let name = physical_name(target, resource);
        Ok(match resource["Type"].as_str() {
            Some("AWS::SecretsManager::Secret") => arn("secretsmanager", &format!("secret:{name}")),
            Some("AWS::SNS::Topic") => arn("sns", &name),
            Some("AWS::SQS::Queue") => format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"),
            _ => name,
        })
    }

    fn attribute(&self, target: &str, attribute: &str) -> Result<String> {
        if let Some(function) = self.function_with_url(target) {
            return match attribute {
                "FunctionUrl" => Ok(function_url(&physical_name(function, self.resource(function)?))),
                _ => bail!("the local stack does not know the attribute {attribute} of a function URL"),
            };
        }
        let resource = self.resource(target)?;
        let name = physical_name(target, resource);
        let kind = resource["Type"].as_str().unwrap_or_default();
        Ok(match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
            ("AWS::DynamoDB::Table", "StreamArn") => {
                arn("dynamodb", &format!("table/{name}/stream/2026-01-01T00:00:00.000"))
            }
            ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{name}")),
            ("AWS::SNS::Topic", "TopicArn") => arn("sns", &name),
            ("AWS::SNS::Topic", "TopicName") => name,
            ("AWS::SQS::Queue", "Arn") => arn("sqs", &name),
            ("AWS::SQS::Queue", "QueueName") => name,
            ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{name}:*")),
            _ => bail!("the local stack does not know the attribute {attribute} of {kind}"),
        })
    }

    /// The function whose URL SAM calls so.
    fn function_with_url<'t>(&self, target: &'t str) -> Option<&'t str> {
        let function = target.strip_suffix("Url")?;
        let url = &self.template["Resources"][function]["Properties"]["FunctionUrlConfig"];
        (!url.is_null() && self.template["Resources"][target].is_null()).then_some(function)
    }

    fn resource(&self, logical_id: &str) -> Result<&Value> {
        self.template["Resources"].get(logical_id).with_context(|| format!("the template has no resource {logical_id}"))
    }

    fn substitute(&self, pattern: &str) -> Result<String> {
        let mut result = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').with_context(|| format!("unclosed ${{ in {pattern}"))?;
            result.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
            } else if let Some((resource, attribute)) = name.split_once('.') {
                result.push_str(&self.attribute(resource, attribute)?);
            } else {
                result.push_str(&self.reference(name)?);
            }
            rest = tail;
        }
        result.push_str(rest);
        Ok(result)
    }
}

fn single_function(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

fn pseudo_parameter(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::Region" => REGION,
        "AWS::AccountId" => ACCOUNT,
        "AWS::Partition" => "aws",
        "AWS::URLSuffix" => "amazonaws.com",
        "AWS::StackName" => "local",
        _ => return None,
    })
}

/// The URL of a function as the cloud would have it; nothing answers there.
pub(super) fn function_url(function: &str) -> String {
    format!("https://{function}.lambda-url.{REGION}.on.aws/")
}

/// The address of the HTTP API as the cloud would have it; nothing answers there.
pub(super) fn api_url(api: &str) -> String {
    format!("https://{api}.execute-api.{REGION}.amazonaws.com")
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The name a resource has locally: what the template says, else its logical id in short (`PayoutsTable` → `payouts`).
pub(super) fn physical_name(logical_id: &str, resource: &Value) -> String {
    let kind = resource["Type"].as_str().unwrap_or_default();
    let explicit = match kind {
        "AWS::DynamoDB::Table" => &resource["Properties"]["TableName"],
        // The binary's name, which is what `cargo lambda` calls a function.
        "AWS::Serverless::Function" => &resource["Metadata"]["BuildProperties"]["Binary"],
        "AWS::SecretsManager::Secret" => &resource["Properties"]["Name"],
        _ => &json!(null),
    };
    if let Some(name) = explicit.as_str() {
        return name.to_owned();
    }
    let short = match kind {
        "AWS::DynamoDB::Table" => logical_id.trim_end_matches("Table"),
        "AWS::Serverless::Function" => logical_id.trim_end_matches("Function"),
        _ => logical_id,
    };
    kebab(short)
}

fn kebab(camel: &str) -> String {
    let mut result = String::new();
    for (index, letter) in camel.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            result.push('-');
        }
        result.push(letter.to_ascii_lowercase());
    }
    result
}
