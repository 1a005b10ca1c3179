//! The table `payouts`: conditional writes, of which one may land late or twice.

use std::sync::Arc;

use payout::{Attempt, State};
use serde_json::{Value, json};

use crate::policy::Table;
use crate::world::{Backup, Halves, World, coupon_of};

type Fields = serde_json::Map<String, Value>;

/// A change of a row and, in the same transaction, what belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) before: Arc<Attempt>,
    pub(crate) after: Arc<Attempt>,
    pub(crate) next: Option<Arc<Attempt>>,
    /// Whether the attempt is buried, outside the table.
    pub(crate) buries: bool,
    /// Whether its PIN is kept, outside the table.
    pub(crate) keeps: bool,
}

impl Write {
    /// Writes all or nothing; whether it is there. A condition that failed because our own write had won counts as done.
    pub(crate) fn apply(&self, world: &mut World, table: Table) -> bool {
        let next_is_there = self.next_is_there(world);
        let World { rows, buried, kept, backup, ever_sent, .. } = world;
        let Some(index) = rows.iter().position(|row| row.tr_id == self.before.tr_id) else { return false };
        let current = &rows[index];
        if !self.condition_holds(current, table) || next_is_there {
            return current.owner == self.after.owner && current.state == self.after.state;
        }
        if let (Backup::Taken { rows: taken, halves }, Some(next)) = (backup, &self.next)
            && taken == rows
        {
            *halves = Some(Halves { dead: self.after.clone(), next: next.clone() });
        }
        ever_sent[coupon_of(&self.before)] |= self.after.state == State::Sent;
        rows[index] = if *current == self.before { self.after.clone() } else { Arc::new(self.changed(current)) };
        rows.extend(self.next.clone());
        buried[coupon_of(&self.before)] |= self.buries;
        kept[coupon_of(&self.before)] |= self.keeps;
        true
    }

    /// Whether the next attempt has its row already.
    pub(crate) fn next_is_there(&self, world: &World) -> bool {
        self.next.as_ref().is_some_and(|next| world.rows.iter().any(|row| row.tr_id == next.tr_id))
    }

    fn condition_holds(&self, current: &Attempt, table: Table) -> bool {
        let same_state = current.state == self.before.state;
        let same_owner = current.owner == self.before.owner;
        match table {
            Table::ComparesStateAndOwner | Table::WritesOneByOne => same_state && same_owner,
            Table::ComparesState => same_state,
            Table::ComparesNothing => true,
            Table::ClaimsAreFree => (same_state && same_owner) || self.after.state == State::Sending,
        }
    }

    /// A write sets only what differs between the row that was read and the row that shall be.
    fn changed(&self, current: &Attempt) -> Attempt {
        let fields = |row: &Attempt| serde_json::from_value(json!(row)).expect("a row is an object");
        let (before, after, mut current): (Fields, Fields, Fields) =
            (fields(&self.before), fields(&self.after), fields(current));
        for (name, value) in &after {
            if before.get(name) != Some(value) {
                current.insert(name.clone(), value.clone());
            }
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            current.remove(name);
        }
        serde_json::from_value(Value::Object(current)).expect("a row can be read")
    }
}
