//! DynamoDB JSON (`{"S": "x"}`) and plain JSON.

use serde_json::{Map, Value, json};

/// A whole item in plain JSON.
pub fn to_plain(item: &Value) -> Value {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| (name.clone(), attribute_to_plain(value))).collect::<Map<_, _>>().into()
}

/// A whole plain JSON object as an item. Strings, numbers, booleans, null, lists and objects; no sets, no binary.
pub fn from_plain(object: &Value) -> Value {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), attribute_from_plain(value))).collect::<Map<_, _>>().into()
}

fn attribute_to_plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|map| map.iter().next()) else {
        return attribute.clone();
    };
    match kind.as_str() {
        "N" => value.as_str().and_then(|text| text.parse().ok()).map_or(Value::Null, Value::Number),
        "NULL" => Value::Null,
        "M" => to_plain(value),
        "L" => value.as_array().into_iter().flatten().map(attribute_to_plain).collect(),
        _ => value.clone(),
    }
}

fn attribute_from_plain(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(flag) => json!({ "BOOL": flag }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(items) => {
            json!({ "L": items.iter().map(attribute_from_plain).collect::<Vec<_>>() })
        }
        Value::Object(_) => json!({ "M": from_plain(value) }),
    }
}
