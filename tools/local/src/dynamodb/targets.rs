//! Which items a request names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::template::TableDefinition;

/// One item, by its table and primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemName {
    /// Name of the table.
    pub table: String,
    /// Values of the key's attributes, joined by `/`.
    pub key: String,
}

/// An item as a request names it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) item: ItemName,
    /// The key in DynamoDB JSON.
    pub(super) key: Value,
}

/// Key attributes by table: a put names its item by a whole item, everything else by its key.
pub(super) struct Schemas(BTreeMap<String, Vec<String>>);

impl Schemas {
    pub(super) fn new(tables: &[TableDefinition]) -> Self {
        let keys = |table: &TableDefinition| {
            let elements = table.create["KeySchema"].as_array().into_iter().flatten();
            elements.filter_map(|element| element["AttributeName"].as_str().map(ToOwned::to_owned)).collect()
        };
        Self(tables.iter().map(|table| (table.name.clone(), keys(table))).collect())
    }

    /// The items of a write or a transaction, one for each of its members and in their order; none for other reads.
    pub(super) fn targets(&self, operation: &str, request: &Value) -> Vec<Target> {
        match operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => vec![self.target(&request["TableName"], request)],
            "TransactWriteItems" | "TransactGetItems" => {
                let members = request["TransactItems"].as_array().into_iter().flatten();
                let actions = members.filter_map(|member| member.as_object()?.values().next());
                actions.map(|action| self.target(&action["TableName"], action)).collect()
            }
            "BatchWriteItem" => {
                let tables = request["RequestItems"].as_object().into_iter().flatten();
                let actions = tables.flat_map(|(table, writes)| {
                    let writes = writes.as_array().into_iter().flatten();
                    let actions = writes.filter_map(|write| write.as_object()?.values().next());
                    actions.map(move |action| self.target(&Value::from(table.as_str()), action))
                });
                actions.collect()
            }
            _ => Vec::new(),
        }
    }

    fn target(&self, table: &Value, action: &Value) -> Target {
        let table = table.as_str().unwrap_or_default();
        let attributes = if action["Key"].is_null() { &action["Item"] } else { &action["Key"] };
        let mut key = Map::new();
        let mut values = Vec::new();
        for name in self.0.get(table).into_iter().flatten() {
            let value = &attributes[name];
            let text = value.as_object().and_then(|typed| typed.values().next()?.as_str());
            values.push(text.unwrap_or_default());
            key.insert(name.clone(), value.clone());
        }
        Target { item: ItemName { table: table.to_owned(), key: values.join("/") }, key: key.into() }
    }
}
