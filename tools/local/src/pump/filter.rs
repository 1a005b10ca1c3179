//! Event patterns of a stream mapping's `FilterCriteria`.

use anyhow::{Result, bail};
use serde_json::Value;

/// A record passes if one of the patterns matches, or if there is none.
#[derive(Debug, Clone)]
pub struct Filter(Vec<Value>);

impl Filter {
    /// # Errors
    /// If a pattern uses something that the local pump does not know.
    pub fn new(patterns: &[Value]) -> Result<Self> {
        patterns.iter().try_for_each(check)?;
        Ok(Self(patterns.to_vec()))
    }

    /// Whether the record goes to the function.
    pub fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(pattern, Some(record)))
    }
}

fn check(pattern: &Value) -> Result<()> {
    match pattern {
        Value::Object(members) => members.values().try_for_each(check),
        Value::Array(rules) => rules.iter().try_for_each(|rule| match rule {
            Value::Object(rule) => match rule.keys().next().map(String::as_str) {
                Some("exists" | "prefix" | "anything-but") => Ok(()),
                other => bail!("the local pump does not know the filter rule {other:?}"),
            },
            Value::Array(_) => bail!("a filter rule cannot be a list"),
            _ => Ok(()),
        }),
        scalar => bail!("a filter's leaf must be a list, not {scalar}"),
    }
}

fn matches(pattern: &Value, actual: Option<&Value>) -> bool {
    match pattern {
        Value::Object(members) => {
            members.iter().all(|(name, inner)| matches(inner, actual.and_then(|actual| actual.get(name))))
        }
        Value::Array(rules) => rules.iter().any(|rule| rule_matches(rule, actual)),
        _ => false,
    }
}

fn rule_matches(rule: &Value, actual: Option<&Value>) -> bool {
    let Some(rule) = rule.as_object() else { return actual == Some(rule) };
    rule.iter().all(|(name, argument)| match (name.as_str(), actual) {
        ("exists", actual) => argument.as_bool() == Some(actual.is_some()),
        ("prefix", Some(Value::String(text))) => argument.as_str().is_some_and(|prefix| text.starts_with(prefix)),
        ("anything-but", Some(actual)) => match argument {
            Value::Array(forbidden) => !forbidden.contains(actual),
            forbidden => forbidden != actual,
        },
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_match_as_the_service_matches_them() {
        let record = json!({ "eventName": "MODIFY", "dynamodb": { "NewImage": { "state": { "S": "accepted" } } } });
        let cases = [
            (json!({ "eventName": ["INSERT", "MODIFY"] }), true),
            (json!({ "eventName": ["INSERT"] }), false),
            (json!({ "dynamodb": { "NewImage": { "state": { "S": ["accepted"] } } } }), true),
            (json!({ "dynamodb": { "NewImage": { "state": { "S": ["sent"] } } } }), false),
            (json!({ "dynamodb": { "OldImage": { "state": { "S": ["accepted"] } } } }), false),
            (json!({ "dynamodb": { "NewImage": { "owner": [{ "exists": false }] } } }), true),
            (json!({ "dynamodb": { "NewImage": { "state": [{ "exists": false }] } } }), false),
            (json!({ "eventName": [{ "prefix": "MOD" }] }), true),
            (json!({ "eventName": [{ "anything-but": ["REMOVE"] }] }), true),
            (json!({ "eventName": [{ "anything-but": "MODIFY" }] }), false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Filter::new(std::slice::from_ref(&pattern)).unwrap().passes(&record), expected, "{pattern}");
        }
    }

    #[test]
    fn no_pattern_lets_everything_pass_and_an_unknown_rule_is_refused() {
        assert!(Filter::new(&[]).unwrap().passes(&json!({})));
        let error = Filter::new(&[json!({ "n": [{ "numeric": [">", 1] }] })]).unwrap_err();
        assert!(error.to_string().contains("numeric"), "{error}");
        assert!(Filter::new(&[json!({ "eventName": "INSERT" })]).is_err());
    }
}
