//! Who asked DynamoDB for what, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// Name of the function that sent a request, or `other`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller(String);

impl Caller {
    /// From the first segment of the path: every function has an endpoint of its own.
    pub(super) fn from_path(path: &str) -> Self {
        match path.trim_matches('/') {
            "" => Self("other".to_owned()),
            name => Self(name.to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestKind {
    /// Who sent it.
    pub caller: Caller,
    /// `PutItem`, `Query`, …
    pub operation: String,
    /// Tables it names, joined by a comma.
    pub tables: String,
}

/// Requests that reached the proxy, retries and faulted ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestCounts(BTreeMap<RequestKind, u64>);

impl RequestCounts {
    pub(super) fn add(&mut self, caller: Caller, operation: &str, tables: &[String]) {
        let kind = RequestKind { caller, operation: operation.to_owned(), tables: tables.join(",") };
        *self.0.entry(kind).or_default() += 1;
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// All requests of one function.
    pub fn by(&self, caller: &str) -> u64 {
        self.sum(|kind| kind.caller.as_str() == caller)
    }

    /// Requests of one function with one operation.
    pub fn of(&self, caller: &str, operation: &str) -> u64 {
        self.sum(|kind| kind.caller.as_str() == caller && kind.operation == operation)
    }

    /// Requests of all functions with one operation.
    pub fn operation(&self, operation: &str) -> u64 {
        self.sum(|kind| kind.operation == operation)
    }

    /// What came since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let difference = self.0.iter().filter_map(|(kind, count)| {
            let before = earlier.0.get(kind).copied().unwrap_or_default();
            (*count > before).then(|| (kind.clone(), count - before))
        });
        Self(difference.collect())
    }

    /// Every kind with its count.
    pub fn iter(&self) -> impl Iterator<Item = (&RequestKind, u64)> {
        self.0.iter().map(|(kind, count)| (kind, *count))
    }

    fn sum(&self, wanted: impl Fn(&RequestKind) -> bool) -> u64 {
        self.0.iter().filter(|(kind, _)| wanted(kind)).map(|(_, count)| count).sum()
    }
}

impl fmt::Display for RequestCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.0 {
            writeln!(formatter, "{count:>7}  {} {} {}", kind.caller.as_str(), kind.operation, kind.tables)?;
        }
        Ok(())
    }
}

/// The row by which a function sees at its start that its tr_ids are made as ever.
pub(super) const NAMESPACE: &str = "namespace";
/// The row that every sweep writes into two tables.
pub(crate) const HEARTBEAT: &str = "heartbeat";

/// The key of the one row that a request is about, if it is about one.
pub(super) fn row(request: &Value) -> Option<&str> {
    let of =
        |item: &Value| ["name", "tr_id"].into_iter().find_map(|key| item[key]["S"].as_str().map(ToOwned::to_owned));
    let known = |name: String| [NAMESPACE, HEARTBEAT].into_iter().find(|known| *known == name);
    of(&request["Key"]).or_else(|| of(&request["Item"])).and_then(known)
}

/// The tables that a request names.
pub(super) fn tables(request: &Value) -> Vec<String> {
    let mut names = BTreeSet::new();
    if let Some(name) = request["TableName"].as_str() {
        names.insert(name.to_owned());
    }
    names.extend(request["RequestItems"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    for member in request["TransactItems"].as_array().into_iter().flatten() {
        let actions = member.as_object().into_iter().flatten();
        let tables = actions.filter_map(|(_, action)| action["TableName"].as_str());
        names.extend(tables.map(ToOwned::to_owned));
    }
    names.into_iter().collect()
}
