//! The template's tables in a database that may have them already.

use anyhow::{Context, Result, ensure};
use dynoxide::Database;
use serde_json::{Value, json};

use super::stream::request;
use crate::template::TableDefinition;

/// Creates a table, or makes sure that the one that is there is the same.
pub(super) fn prepare(db: &Database, table: &TableDefinition) -> Result<()> {
    let name = json!({ "TableName": table.name });
    let Ok(described) = db.describe_table(request(name.clone())?) else {
        let created = db.create_table(request(table.create.clone())?);
        created.with_context(|| format!("cannot create the table {}", table.name))?;
        if let Some(time_to_live) = &table.time_to_live {
            db.update_time_to_live(request(time_to_live.clone())?)?;
        }
        return Ok(());
    };
    let described = serde_json::to_value(described)?;
    let expiry = serde_json::to_value(db.describe_time_to_live(request(name)?)?)?;
    let expires = |value: &Value| value["AttributeName"].as_str().map(ToOwned::to_owned);
    let wanted = table.time_to_live.as_ref().and_then(|wanted| expires(&wanted["TimeToLiveSpecification"]));
    ensure!(
        shape(&described["Table"]) == shape(&table.create) && expires(&expiry["TimeToLiveDescription"]) == wanted,
        "the template has changed the table {} since the local data were written: begin anew with --fresh (what was \
         paid is in the old data alone)",
        table.name
    );
    Ok(())
}

/// What cannot be changed under the rows: keys and indexes, in an order of their own.
fn shape(table: &Value) -> Value {
    let sorted = |list: &Value, name: &str| {
        let mut list = list.as_array().cloned().unwrap_or_default();
        list.sort_by_key(|member| member[name].to_string());
        list
    };
    let indexes = sorted(&table["GlobalSecondaryIndexes"], "IndexName");
    let index = |index: &Value| {
        let mut projected = index["Projection"]["NonKeyAttributes"].as_array().cloned().unwrap_or_default();
        projected.sort_by_key(ToString::to_string);
        json!([index["IndexName"], index["KeySchema"], index["Projection"]["ProjectionType"], projected])
    };
    json!({
        "attributes": sorted(&table["AttributeDefinitions"], "AttributeName"),
        "key": table["KeySchema"],
        "indexes": indexes.iter().map(index).collect::<Vec<_>>(),
    })
}
