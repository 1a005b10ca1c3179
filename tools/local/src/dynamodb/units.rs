//! What the writes cost, as DynamoDB charges them on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::counts::Caller;
use super::targets::{ItemName, Target};

/// What write units are counted apart for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WriteKind {
    /// Name of the table.
    pub table: String,
    /// One of its indexes; nothing is the table itself.
    pub index: Option<String>,
    /// Who wrote.
    pub caller: Caller,
}

/// Write units that requests have cost so far, and the items that they named.
///
/// The embedded database works them out: 1 per started KB of the larger of the old and the new item; each index that the
/// change reaches likewise, twice when its key changes; twice for the table, not for its indexes, in a transaction, and for
/// a check in one as for a write. What it refuses for a condition or a conflict is charged here, as the service does: by the
/// item that was there, 1 at least.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteUnits {
    units: BTreeMap<WriteKind, u64>,
    named: BTreeMap<(Caller, ItemName), u64>,
}

impl WriteUnits {
    /// All units.
    pub fn total(&self) -> u64 {
        self.sum(|_| true)
    }

    /// All units of one function.
    pub fn by(&self, caller: &str) -> u64 {
        self.sum(|kind| kind.caller.as_str() == caller)
    }

    /// Units of a table without its indexes (`control`) or of one index (`payouts/due`).
    pub fn of(&self, place: &str) -> u64 {
        self.sum(|kind| kind.place() == place)
    }

    /// Every table and index that was written to, in the form that [`WriteUnits::of`] takes.
    pub fn places(&self) -> BTreeSet<String> {
        self.units.keys().map(WriteKind::place).collect()
    }

    /// How often writes of one function have named each item of a table, by the item's key. What they only check, and what
    /// was refused, counts as well: all of it stands in each other's way.
    pub fn named(&self, caller: &str, table: &str) -> BTreeMap<&str, u64> {
        let wanted = self.named.iter().filter(|((by, item), _)| by.as_str() == caller && item.table == table);
        wanted.map(|((_, item), count)| (item.key.as_str(), *count)).collect()
    }

    /// What came since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self { units: difference(&self.units, &earlier.units), named: difference(&self.named, &earlier.named) }
    }

    fn sum(&self, wanted: impl Fn(&WriteKind) -> bool) -> u64 {
        self.units.iter().filter(|(kind, _)| wanted(kind)).map(|(_, units)| units).sum()
    }

    pub(super) fn name(&mut self, caller: &Caller, targets: &[Target]) {
        for target in targets {
            *self.named.entry((caller.clone(), target.item.clone())).or_default() += 1;
        }
    }

    /// Adds what the database says that a write has consumed.
    pub(super) fn add_answer(&mut self, caller: &Caller, answer: &Value) {
        let consumed = &answer["ConsumedCapacity"];
        let tables = consumed.as_array().map_or(std::slice::from_ref(consumed), Vec::as_slice);
        // A transaction that was repeated with its token is charged as a read.
        for table in tables.iter().filter(|table| table["ReadCapacityUnits"].is_null()) {
            let name = table["TableName"].as_str().unwrap_or_default();
            self.add(caller, name, None, whole(&table["Table"]["CapacityUnits"]));
            for (index, units) in table["GlobalSecondaryIndexes"].as_object().into_iter().flatten() {
                self.add(caller, name, Some(index), whole(&units["CapacityUnits"]));
            }
        }
    }

    pub(super) fn add(&mut self, caller: &Caller, table: &str, index: Option<&str>, units: u64) {
        if units > 0 {
            let (table, index) = (table.to_owned(), index.map(ToOwned::to_owned));
            *self.units.entry(WriteKind { table, index, caller: caller.clone() }).or_default() += units;
        }
    }
}

impl WriteKind {
    fn place(&self) -> String {
        match &self.index {
            Some(index) => format!("{}/{index}", self.table),
            None => self.table.clone(),
        }
    }
}

impl fmt::Display for WriteUnits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, units) in &self.units {
            writeln!(formatter, "{units:>7}  {} {}", kind.place(), kind.caller.as_str())?;
        }
        Ok(())
    }
}

fn difference<K: Ord + Clone>(later: &BTreeMap<K, u64>, earlier: &BTreeMap<K, u64>) -> BTreeMap<K, u64> {
    let counts = later.iter().map(|(key, count)| {
        let before = earlier.get(key).copied().unwrap_or_default();
        (key.clone(), count.saturating_sub(before))
    });
    counts.filter(|(_, count)| *count > 0).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "write units are whole and few")]
fn whole(units: &Value) -> u64 {
    units.as_f64().unwrap_or_default().round() as u64
}
