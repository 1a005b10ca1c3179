//! What identifies the account, read from the secret's JSON.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use subtle::{Choice, ConstantTimeEq};

use crate::crypto;

/// The account at Giftishow Biz (specification, "API parameters").
///
/// `Debug` shows nothing of it. Two values compare equal if every field does, so a caller can tell whether a secret that was
/// read again has changed.
#[derive(Clone)]
pub struct Credentials {
    auth_code: SecretString,
    auth_token: SecretString,
    user_id: SecretString,
    callback_no: SecretString,
}

/// Why a secret cannot be used. Names the field, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The secret is not a JSON object.
    #[error("the secret is not a JSON object")]
    NotAnObject,
    /// A field is missing, null or empty.
    #[error("the secret lacks the field {field}")]
    Missing {
        /// The field's name in the secret.
        field: &'static str,
    },
    /// A field is there but cannot be right.
    #[error("the secret's field {field} must be {rule}")]
    Malformed {
        /// The field's name in the secret.
        field: &'static str,
        /// What it must be, readable after "must be".
        rule: &'static str,
    },
    /// There is neither a token nor a key to derive it from.
    #[error("the secret lacks both custom_auth_token and token_key: one of them is needed")]
    NoToken,
}

impl Credentials {
    /// Reads a secret of the form
    /// `{"custom_auth_code": …, "custom_auth_token": …, "user_id": …, "callback_no": …}`.
    ///
    /// - `custom_auth_token`: at least 24 base64 characters, passed through as issued.
    /// - `token_key`: exactly 32 bytes; the token is derived from it and `user_id`. Used only without `custom_auth_token`,
    ///   because the issued token of live accounts cannot be computed from what the account knows.
    /// - `user_id`: the account's login, one for the whole service; never an end user's id.
    /// - `callback_no`: the sender's number, digits only.
    ///
    /// Other fields are ignored.
    pub fn from_secret_json(json: &str) -> Result<Self, CredentialsError> {
        // The parser's own error may quote the secret: it is dropped on purpose.
        let fields: Map<String, Value> = serde_json::from_str(json).map_err(|_| CredentialsError::NotAnObject)?;
        let auth_code = required(&fields, "custom_auth_code", "1 to 64 ASCII letters or digits", |value| {
            value.len() <= 64 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })?;
        let user_id = required(&fields, "user_id", "1 to 100 characters without blanks", |value| {
            value.len() <= 100 && !value.contains(|c: char| c.is_whitespace() || c.is_control())
        })?;
        let callback_no = required(&fields, "callback_no", "1 to 20 digits", |value| {
            value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit())
        })?;
        let auth_token = token(&fields, user_id)?;
        Ok(Self { auth_code: auth_code.into(), auth_token, user_id: user_id.into(), callback_no: callback_no.into() })
    }

    /// The account's login as people may see it: enough to tell two accounts apart.
    pub fn masked_user_id(&self) -> String {
        let characters: Vec<char> = self.user_id.expose_secret().chars().collect();
        let shown = if characters.len() > 4 { 2 } else { 0 };
        let last = if characters.len() > 8 { 2 } else { 0 };
        let (first, last) = (&characters[..shown], &characters[characters.len() - last..]);
        first.iter().chain(&['*'; 3]).chain(last).collect()
    }

    pub(crate) fn auth_code(&self) -> &str {
        self.auth_code.expose_secret()
    }

    pub(crate) fn auth_token(&self) -> &str {
        self.auth_token.expose_secret()
    }

    pub(crate) fn user_id(&self) -> &str {
        self.user_id.expose_secret()
    }

    pub(crate) fn callback_no(&self) -> &str {
        self.callback_no.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

impl PartialEq for Credentials {
    /// In constant time, but for the lengths.
    fn eq(&self, other: &Self) -> bool {
        let pairs = [
            (self.auth_code(), other.auth_code()),
            (self.auth_token(), other.auth_token()),
            (self.user_id(), other.user_id()),
            (self.callback_no(), other.callback_no()),
        ];
        let equal = pairs.into_iter().map(|(mine, theirs)| mine.as_bytes().ct_eq(theirs.as_bytes()));
        equal.fold(Choice::from(1), |all, field| all & field).into()
    }
}

impl Eq for Credentials {}

fn token(fields: &Map<String, Value>, user_id: &str) -> Result<SecretString, CredentialsError> {
    let issued = optional(fields, "custom_auth_token", "at least 24 base64 characters", is_issued_token)?;
    if let Some(issued) = issued {
        return Ok(issued.into());
    }
    let rule = "exactly 32 bytes";
    match optional(fields, "token_key", rule, |key| key.len() == 32)?.map(|key| key.as_bytes().try_into()) {
        Some(Ok(key)) => Ok(crypto::derive_token(key, user_id)),
        Some(Err(_)) => Err(CredentialsError::Malformed { field: "token_key", rule }),
        None => Err(CredentialsError::NoToken),
    }
}

/// Only the alphabet and the length: what was issued is passed through, even if a strict decoder would refuse its last bits.
fn is_issued_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    token.len() >= 24
        && token.len().is_multiple_of(4)
        && token.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn required<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
    rule: &'static str,
    valid: impl Fn(&str) -> bool,
) -> Result<&'a str, CredentialsError> {
    optional(fields, field, rule, valid)?.ok_or(CredentialsError::Missing { field })
}

fn optional<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
    rule: &'static str,
    valid: impl Fn(&str) -> bool,
) -> Result<Option<&'a str>, CredentialsError> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) if value.is_empty() => Ok(None),
        Some(Value::String(value)) if valid(value) => Ok(Some(value)),
        Some(_) => Err(CredentialsError::Malformed { field, rule }),
    }
}
