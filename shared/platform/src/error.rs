use std::error::Error;
use std::fmt::Display;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

/// Why a table could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Throttled, refused, out of reach or in conflict: nothing is known to be written, trying again is safe.
    #[error("{operation} failed: {code}")]
    Unavailable {
        /// The operation, as the service names it.
        operation: &'static str,
        /// The service's error code, or what kept it from answering.
        code: String,
    },
    /// A row that this version cannot read.
    #[error("a row of the table {table} cannot be read: {why}")]
    Malformed {
        /// Which table.
        table: &'static str,
        /// What is wrong with it; never a value.
        why: String,
    },
}

impl StoreError {
    /// Whether another transaction was in the way: it is over in milliseconds.
    pub fn is_conflict(&self) -> bool {
        const CODES: [&str; 3] =
            ["TransactionConflict", "TransactionConflictException", "TransactionInProgressException"];
        matches!(self, Self::Unavailable { code, .. } if CODES.contains(&code.as_str()))
    }

    /// A row that serde could not read or write: its key, and what is wrong with it.
    pub fn malformed(table: &'static str, key: &str, error: &impl Display) -> Self {
        Self::Malformed { table, why: format!("{key}: {}", without_values(error)) }
    }

    /// Keeps the service's code and drops everything else: a message may quote an item.
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = match error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown error"),
            SdkError::TimeoutError(_) => "time-out",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "unreadable answer",
            _ => "could not be asked",
        };
        Self::Unavailable { operation, code: code.to_owned() }
    }
}

/// What else `serde_dynamo` says, word for word.
const PLAIN: [&str; 15] = [
    "Binary set element does not serialize to binary",
    "Expected an item with a single key",
    "Expected binary data",
    "Expected bool",
    "Expected char",
    "Expected enum",
    "Expected map",
    "Expected num",
    "Expected seq",
    "Expected string",
    "Expected unit",
    "Not a map-like object",
    "Not a set-like sequence",
    "Number set element does not serialize to number",
    "String set element does not serialize to string",
];

/// What serde says is wrong with a row or a document, without any value of it: serde quotes what it found, and so do the
/// errors of types that parse themselves. The field that is missing and what was expected come from our own code and are
/// kept; of every other text nothing is.
pub fn without_values(error: &impl Display) -> String {
    let text = error.to_string();
    let kinds = [
        ("invalid type: ", "a value of the wrong type"),
        ("invalid value: ", "a wrong value"),
        ("invalid length ", "a wrong length"),
        ("unknown variant `", "an unknown word"),
        ("unknown field `", "an unknown field"),
        ("Failed to parse '", "a number that cannot be read"),
    ];
    for (field, what) in [("missing field `", "missing"), ("duplicate field `", "duplicate")] {
        if let Some((name, _)) = text.strip_prefix(field).and_then(|rest| rest.split_once('`')) {
            return format!("{what} field `{name}`");
        }
    }
    if let Some((_, what)) = kinds.into_iter().find(|(kind, _)| text.starts_with(kind)) {
        // What was found stands in front, and may hold these words, too: the last ones are serde's.
        return match text.rsplit_once(", expected ").filter(|(_, expected)| !expected.contains('"')) {
            Some((_, expected)) => format!("{what}, expected {expected}"),
            None => what.to_owned(),
        };
    }
    PLAIN.into_iter().find(|plain| text == *plain).unwrap_or("a value that its field does not allow").to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::primitives::Blob;
    use aws_sdk_dynamodb::types::AttributeValue;
    use payout::{Moment, Reward, State, TrId, UserKey};
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;

    /// As a number, in a text and as a name it is found again.
    const CANARY: &str = "1000004242";

    type Row = HashMap<String, AttributeValue>;

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    /// A canary in every form that an attribute can have.
    fn canaries() -> Vec<AttributeValue> {
        let inner = HashMap::from([(CANARY.to_owned(), text(CANARY))]);
        vec![
            text(CANARY),
            text(""),
            text(&format!("{CANARY}\", expected {CANARY}")),
            text(&format!("`, expected `{CANARY}`, expected {CANARY}")),
            text(&format!("missing field `{CANARY}`")),
            text(&format!("Expected string {CANARY}").repeat(20)),
            text(&format!("2026-11-22T08:00:00.{CANARY}")),
            AttributeValue::N(CANARY.to_owned()),
            AttributeValue::N(format!("-{CANARY}")),
            AttributeValue::N(format!("{CANARY}{CANARY}{CANARY}")),
            AttributeValue::N(format!("{CANARY}.5")),
            AttributeValue::N(format!("{CANARY}x")),
            AttributeValue::B(Blob::new(CANARY)),
            AttributeValue::Bool(true),
            AttributeValue::Null(true),
            AttributeValue::L(vec![text(CANARY)]),
            AttributeValue::M(inner),
            AttributeValue::Ss(vec![CANARY.to_owned()]),
            AttributeValue::Ns(vec![CANARY.to_owned()]),
        ]
    }

    /// Every field with every canary, and without.
    fn errors_of<T: DeserializeOwned>(row: &Row) -> Vec<String> {
        assert!(serde_dynamo::from_item::<_, T>(row.clone()).is_ok(), "the row was in order");
        let mut errors = Vec::new();
        for field in row.keys() {
            for canary in canaries().into_iter().map(Some).chain([None]) {
                let mut wrong = row.clone();
                match canary {
                    Some(canary) => wrong.insert(field.clone(), canary),
                    None => wrong.remove(field),
                };
                errors.extend(serde_dynamo::from_item::<_, T>(wrong).err().map(|error| error.to_string()));
            }
        }
        errors
    }

    fn reward() -> Row {
        Row::from([
            ("code".into(), text("AD3FYTFS")),
            ("active".into(), AttributeValue::Bool(true)),
            ("goods_code".into(), text("G00000000001")),
            ("gubun".into(), text("N")),
            ("mms_title".into(), text("t")),
            ("mms_msg".into(), text("m")),
            ("repeat".into(), text("once")),
            ("max_price_krw".into(), AttributeValue::N("1".into())),
            ("max_per_day".into(), AttributeValue::N("1".into())),
        ])
    }

    /// The kinds of fields that a row of payouts has.
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its errors are read")]
    struct Fields {
        tr_id: TrId,
        user_key: UserKey,
        state: State,
        accepted_at: Moment,
        due_at: Option<Moment>,
        attempt: u8,
        http_status: Option<u16>,
        unclear: bool,
    }

    fn attempt() -> Row {
        let number = || AttributeValue::N("1".into());
        Row::from([
            ("tr_id".into(), text("bg_1")),
            ("user_key".into(), text("u")),
            ("state".into(), text("accepted")),
            ("accepted_at".into(), text("2026-11-22T08:00:00.000Z")),
            ("due_at".into(), text("2026-11-22T08:00:00.000Z")),
            ("attempt".into(), number()),
            ("http_status".into(), number()),
            ("unclear".into(), AttributeValue::Bool(false)),
        ])
    }

    #[test]
    fn no_error_about_a_row_quotes_a_value_whatever_is_wrong_with_it() {
        let errors = [errors_of::<Reward>(&reward()), errors_of::<Fields>(&attempt())].concat();
        let quoting = errors.iter().filter(|error| error.contains(CANARY)).count();
        assert!(quoting > 20, "serde quotes values: {quoting} of {}", errors.len());
        for error in &errors {
            let told = without_values(error);
            assert!(!told.contains(CANARY), "{told}");
        }
    }

    #[test]
    fn no_error_about_a_document_quotes_a_value_or_a_key() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only its errors are read")]
        struct Document {
            number: u8,
            list: Option<[u8; 2]>,
        }
        for wrong in [
            format!(r#"{{"number":"{CANARY}"}}"#),
            format!(r#"{{"number":{CANARY}}}"#),
            format!(r#"{{"number":1,"{CANARY}":1}}"#),
            format!(r#"{{"number":1,"list":[1,{CANARY}]}}"#),
            format!(r#""{CANARY}""#),
            format!(r#"{{"number":{CANARY}"#),
            CANARY.to_owned(),
            format!("{CANARY} {CANARY}"),
        ] {
            let error = serde_json::from_str::<Document>(&wrong).unwrap_err();
            let told = without_values(&error);
            assert!(!told.contains(CANARY), "{told}");
        }
    }

    #[test]
    fn what_is_missing_and_what_was_expected_is_told() {
        let told = |field: &str, value: Option<AttributeValue>| {
            let mut row = reward();
            match value {
                Some(value) => row.insert(field.to_owned(), value),
                None => row.remove(field),
            };
            without_values(&serde_dynamo::from_item::<_, Reward>(row).unwrap_err())
        };
        assert_eq!(told("active", None), "missing field `active`");
        assert_eq!(told("gubun", Some(text(CANARY))), "an unknown word, expected one of `N`, `Y`, `I`");
        assert_eq!(told("max_price_krw", Some(text(CANARY))), "Expected num");
        let negative = AttributeValue::N(format!("-{CANARY}"));
        assert_eq!(told("max_price_krw", Some(negative)), "a number that cannot be read");
        let wrong_type = serde_json::from_str::<u8>(&format!("\"{CANARY}\"")).unwrap_err();
        assert_eq!(without_values(&wrong_type), "a value of the wrong type, expected u8 at line 1 column 12");
        assert_eq!(told("code", Some(text(""))), "a value that its field does not allow");
        let row = StoreError::malformed("rewards", "AD3FYTFS", &"missing field `gubun`");
        assert_eq!(row.to_string(), "a row of the table rewards cannot be read: AD3FYTFS: missing field `gubun`");
    }
}
