//! What people and tools read of the catalogue's past.

use aws_sdk_dynamodb::types::AttributeValue;
use catalog::{Index, Run};

use super::read::{Position, ReadCatalog};
use super::row;
use super::{CatalogTable, Item, RUN_KIND};
use crate::error::StoreError;

/// Reads how the catalogue came to be what it is.
pub trait ReadRuns {
    /// The latest run, with what it changed; `None` before the first.
    fn latest_run(&self) -> impl Future<Output = Result<Option<Run>, StoreError>>;
}

impl ReadRuns for CatalogTable {
    async fn latest_run(&self) -> Result<Option<Run>, StoreError> {
        Ok(self.runs(1).await?.pop())
    }
}

impl CatalogTable {
    /// The latest runs, the newest first, with what each of them changed. [`catalog::difference`] compares two of them. Asks
    /// for `dynamodb:Query` on the index `runs`.
    pub async fn runs(&self, most: usize) -> Result<Vec<Run>, StoreError> {
        let mut runs = Vec::new();
        let mut page = None;
        while runs.len() < most {
            let request = self.client.query().table_name(&self.name).index_name("runs").scan_index_forward(false);
            let answer = request
                .key_condition_expression("#run_kind = :kind")
                .expression_attribute_names("#run_kind", RUN_KIND.0)
                .expression_attribute_values(":kind", AttributeValue::S(RUN_KIND.1.into()))
                .limit(i32::try_from(most - runs.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(page)
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                runs.push(run(item)?);
            }
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if page.is_none() {
                break;
            }
        }
        Ok(runs)
    }

    /// All goods of the last complete run, ready to be searched. Asks for `dynamodb:BatchGetItem` and `dynamodb:Scan`.
    pub async fn index(&self) -> Result<Index, StoreError> {
        let Position { generation, .. } = self.position().await?;
        let mut index = Index::new();
        self.each_goods(generation, &mut |presence, goods| index.add(presence, goods)).await?;
        Ok(index)
    }
}

fn run(mut item: Item) -> Result<Run, StoreError> {
    let changes = item.remove("changes").and_then(|changes| changes.as_s().ok().cloned()).unwrap_or_default();
    let run = item.remove("run").ok_or_else(|| row::malformed("run", &"it has no run"))?;
    let mut run: Run = serde_dynamo::from_attribute_value(run).map_err(|error| row::malformed("run", &error))?;
    run.changes = serde_json::from_str(&changes).map_err(|error| row::malformed("run", &error))?;
    Ok(run)
}
