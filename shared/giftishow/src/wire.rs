//! Reading answers: lenient about types and surplus, strict about what decides.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::codes::Code;
use crate::evidence::TransportFault;

/// What was heard of an exchange: the input of every `read` function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// No whole answer.
    Fault(TransportFault),
    /// An answer whose HTTP status decides alone: 204, and everything that is not 2xx.
    Status(u16),
    /// The body of any other 2xx, whatever its content type says.
    Body(&'a [u8]),
}

/// What an answer means, with the code that decided. The pure half of an exchange: no clock, no socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    /// What the caller decides on.
    pub outcome: T,
    /// The code that decided: the inner one if the outer one was `0000`.
    pub code: Option<Code>,
    /// What was wrong with the exchange itself, if anything.
    pub transport: Option<TransportFault>,
}

impl<T> Reading<T> {
    pub(crate) fn coded(outcome: T, code: Code) -> Self {
        Self { outcome, code: Some(code), transport: None }
    }

    pub(crate) fn uncoded(outcome: T) -> Self {
        Self { outcome, code: None, transport: None }
    }

    pub(crate) fn faulty(outcome: T, fault: TransportFault) -> Self {
        Self { outcome, code: None, transport: Some(fault) }
    }
}

/// One of the two envelopes: `{"code", "message", "result"}`. The message is not even read.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(default, deserialize_with = "code")]
    pub(crate) code: Option<Code>,
    #[serde(default, borrow)]
    pub(crate) result: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(json: &'a str) -> Option<Self> {
        is_object(json).then(|| serde_json::from_str(json).ok()).flatten()
    }

    /// The code that decides where a second envelope is optional: a failure outside wins, then whatever is inside.
    pub(crate) fn deciding_code(&self) -> Option<Code> {
        match (&self.code, Nested::of(self.result)) {
            (Some(outer), _) if *outer != Code::Success => Some(outer.clone()),
            (_, Nested::Code(inner)) => Some(inner),
            (outer, Nested::Absent) => outer.clone(),
            (_, Nested::Opaque) => None,
        }
    }
}

/// What an optional inner envelope says.
enum Nested {
    /// Nothing there, or something empty.
    Absent,
    /// An envelope with a code.
    Code(Code),
    /// Something else, which may be a failure in a form nobody has seen.
    Opaque,
}

impl Nested {
    fn of(result: Option<&RawValue>) -> Self {
        let Some(result) = result else {
            return Self::Absent;
        };
        match Envelope::read(result.get()).and_then(|inner| inner.code) {
            Some(code) => Self::Code(code),
            None if is_empty(result.get()) => Self::Absent,
            None => Self::Opaque,
        }
    }
}

/// Reads an object of flat fields. A field that occurs twice makes it unreadable: which one counts cannot be told.
pub(crate) fn object<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    is_object(json).then(|| serde_json::from_str(json).ok()).flatten()
}

/// A field's text: a string that is not blank or a whole number; anything else counts as missing.
pub(crate) fn scalar<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        // A fraction or a number beyond 64 bits has lost digits by now, so it is no identifier any more.
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    })
}

/// A whole amount in won, as a number or as text.
pub(crate) fn won(text: Option<&String>) -> Option<i64> {
    text?.trim().parse().ok()
}

/// A field that must be stored: trimmed, and missing if it is longer than anything that belongs there.
pub(crate) fn bounded(text: Option<String>, max: usize) -> Option<String> {
    let text = text?;
    let trimmed = text.trim();
    (trimmed.len() <= max).then(|| trimmed.to_owned())
}

/// Derived readers take an array for an object's fields in order; an envelope never comes that way.
fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{')
}

fn is_empty(json: &str) -> bool {
    let compact: String = json.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    matches!(compact.as_str(), "\"\"" | "{}" | "[]")
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Code>, D::Error> {
    Ok(scalar(deserializer)?.map(|text| Code::from_wire(&text)))
}
