use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::xml::refused_as;
use super::{ASK_TIMEOUT, Ask, Aws};
use crate::failure::Failure;

/// A secret's current value.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecretValue {
    pub(crate) secret_string: SecretString,
}

impl Aws {
    /// The current value; `None` if it has none yet.
    pub(crate) async fn get_secret(&self, arn: &str) -> Result<Option<SecretValue>, Failure> {
        let Some(body) = self.secrets("GetSecretValue", &json!({ "SecretId": arn })).await? else { return Ok(None) };
        let value = serde_json::from_slice(&body);
        value.map(Some).map_err(|_| Failure::failed("the secret has no text"))
    }

    /// Stores a new version.
    pub(crate) async fn put_secret(&self, arn: &str, value: &SecretString) -> Result<(), Failure> {
        let token = uuid::Uuid::new_v4().to_string();
        let body = json!({ "SecretId": arn, "SecretString": value.expose_secret(), "ClientRequestToken": token });
        match self.secrets("PutSecretValue", &body).await? {
            Some(_) => Ok(()),
            None => Err(Failure::configuration("the stack's secret does not exist")),
        }
    }

    async fn secrets(&self, action: &str, body: &Value) -> Result<Option<Vec<u8>>, Failure> {
        let service = "secretsmanager";
        let ask = Ask {
            service,
            method: Method::POST,
            url: self.endpoint(service)?,
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", format!("{service}.{action}")),
            ],
            body: body.to_string().into_bytes(),
            timeout: ASK_TIMEOUT,
        };
        let answered = self.send(ask).await?;
        if answered.status == 200 {
            return Ok(Some(answered.body));
        }
        let error: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
        let code = error["__type"].as_str().unwrap_or_default();
        if code.ends_with("ResourceNotFoundException") {
            return Ok(None);
        }
        let message = error["message"].as_str().or_else(|| error["Message"].as_str()).unwrap_or("no reason given");
        Err(refused_as(action, answered.status, code, message))
    }
}
