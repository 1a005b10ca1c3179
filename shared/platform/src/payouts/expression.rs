use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Attempt, State};

use crate::error::StoreError;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The condition under which a change may be written, and the change itself, in DynamoDB's words.
pub(super) struct Change {
    pub(super) update: String,
    pub(super) condition: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

/// Nobody has the key yet.
pub(super) const IS_NEW: &str = "attribute_not_exists(tr_id)";

pub(super) fn item_of(attempt: &Attempt) -> Result<Item, StoreError> {
    serde_dynamo::to_item(attempt).map_err(|error| StoreError::malformed("payouts", attempt.tr_id.as_str(), &error))
}

/// Only what differs is written, so that a duplicate noted in between is not lost.
pub(super) fn change(before: &Attempt, after: &Attempt) -> Result<Change, StoreError> {
    let (old, new) = (item_of(before)?, item_of(after)?);
    let mut names = HashMap::from([("#state".into(), "state".into()), ("#owner".into(), "owner".into())]);
    let mut values = HashMap::from([
        (":from_state".into(), AttributeValue::S(before.state.as_str().into())),
        (":from_owner".into(), AttributeValue::S(before.owner.as_str().into())),
    ]);
    let (mut set, mut remove) = (Vec::new(), Vec::new());
    for (name, value) in &new {
        if old.get(name) != Some(value) {
            set.push(format!("#{name} = :{name}"));
            names.insert(format!("#{name}"), name.clone());
            values.insert(format!(":{name}"), value.clone());
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        remove.push(format!("#{name}"));
        names.insert(format!("#{name}"), name.clone());
    }
    let mut clauses = Vec::new();
    for (verb, parts) in [("SET", &mut set), ("REMOVE", &mut remove)] {
        parts.sort();
        if !parts.is_empty() {
            clauses.push(format!("{verb} {}", parts.join(", ")));
        }
    }
    let mut condition = "#state = :from_state AND #owner = :from_owner".to_owned();
    if before.state.waits_for_a_person() && after.state != before.state {
        // A win that was noted meanwhile would be seen by nobody.
        condition.push_str(" AND #seen_duplicates = :seen_duplicates");
        names.insert("#seen_duplicates".into(), "duplicates".into());
        values.insert(":seen_duplicates".into(), AttributeValue::N(before.duplicates.to_string()));
    }
    Ok(Change { update: clauses.join(" "), condition, names, values })
}

/// Counts how often a callback named the payout again.
pub(super) fn note(times: u32, at: String, seen: State) -> Change {
    let state = |state: State| AttributeValue::S(state.as_str().into());
    let times = AttributeValue::N(times.to_string());
    let mut values = Item::from([(":at".to_owned(), AttributeValue::S(at)), (":times".to_owned(), times)]);
    let condition = if seen.waits_for_a_person() {
        values.insert(":seen".to_owned(), state(seen));
        "#state = :seen"
    } else {
        values.extend([(":failed".to_owned(), state(State::Failed)), (":review".to_owned(), state(State::Review))]);
        "attribute_exists(tr_id) AND NOT #state IN (:failed, :review)"
    };
    Change {
        update: "SET last_duplicate_at = :at ADD duplicates :times".into(),
        condition: condition.into(),
        names: [("#state".to_owned(), "state".to_owned())].into(),
        values,
    }
}
