//! YAML with CloudFormation's short tags (`!Ref x`) as JSON with their long forms (`{"Ref": "x"}`).

use anyhow::{Context, Result, bail};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Parses one YAML document.
pub(super) fn parse(text: &str) -> Result<Value> {
    let documents = Yaml::load_from_str(text).context("the template is not YAML")?;
    match documents.as_slice() {
        [document] => to_json(document),
        _ => bail!("the template must be one YAML document"),
    }
}

fn to_json(node: &Yaml<'_>) -> Result<Value> {
    Ok(match node {
        Yaml::Value(scalar) => scalar_to_json(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(to_json).collect::<Result<_>>()?),
        Yaml::Mapping(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                let key = match to_json(key)? {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                map.insert(key, to_json(value)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tag, inner) => long_form(&tag.suffix, to_json(inner)?)?,
        other => bail!("unsupported YAML node {other:?}"),
    })
}

fn scalar_to_json(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.into_inner()),
        Scalar::String(value) => json!(value),
    }
}

fn long_form(tag: &str, value: Value) -> Result<Value> {
    Ok(match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) =
                path.split_once('.').with_context(|| format!("!GetAtt {path} names no attribute"))?;
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (function, value) => json!({ format!("Fn::{function}"): value }),
    })
}
