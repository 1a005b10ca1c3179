//! Batches that are done in part: what the service was too busy for, it hands back, and calls it no error.

use serde_json::Value;

/// A batch of which the first row of each table is done.
pub(super) struct Part {
    /// The request that asks for just that.
    pub(super) first: Value,
    /// The others, as the answer hands them back.
    pub(super) left: Value,
    /// What the answer calls them.
    pub(super) name: &'static str,
}

/// `None` for what is no batch.
pub(super) fn first_rows(operation: &str, request: &Value) -> Option<Part> {
    let name = match operation {
        "BatchWriteItem" => "UnprocessedItems",
        "BatchGetItem" => "UnprocessedKeys",
        _ => return None,
    };
    let (mut first, mut left) = (request.clone(), request["RequestItems"].clone());
    for wanted in first["RequestItems"].as_object_mut()?.values_mut() {
        rows(wanted)?.truncate(1);
    }
    left.as_object_mut()?.retain(|_, wanted| match rows(wanted) {
        Some(rows) if rows.len() > 1 => {
            rows.remove(0);
            true
        }
        _ => false,
    });
    Some(Part { first, left, name })
}

/// A table's writes are a list; its keys are in one.
fn rows(wanted: &mut Value) -> Option<&mut Vec<Value>> {
    if wanted.is_array() { wanted.as_array_mut() } else { wanted["Keys"].as_array_mut() }
}
