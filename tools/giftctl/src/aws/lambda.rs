use reqwest::Method;
use serde::Deserialize;

use super::xml::refused_as;
use super::{ASK_TIMEOUT, Ask, Aws};
use crate::failure::Failure;

/// How a function is, as far as a doctor cares.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfiguration {
    #[serde(default)]
    pub(crate) state: Option<String>,
    #[serde(default)]
    pub(crate) state_reason: Option<String>,
    #[serde(default)]
    pub(crate) last_update_status: Option<String>,
    #[serde(default)]
    pub(crate) last_update_status_reason: Option<String>,
}

impl Aws {
    /// A function's configuration.
    pub(crate) async fn function(&self, name: &str) -> Result<FunctionConfiguration, Failure> {
        let mut url = self.endpoint("lambda")?;
        url.path_segments_mut()
            .map_err(|()| Failure::configuration("the endpoint cannot have a path"))?
            .pop_if_empty()
            .extend(["2015-03-31", "functions", name, "configuration"]);
        let ask = Ask {
            service: "lambda",
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            timeout: ASK_TIMEOUT,
        };
        let answered = self.send(ask).await?;
        if answered.status != 200 {
            let message = String::from_utf8_lossy(&answered.body).chars().take(200).collect::<String>();
            return Err(refused_as("GetFunctionConfiguration", answered.status, name, &message));
        }
        serde_json::from_slice(&answered.body)
            .map_err(|_| Failure::failed("the answer to GetFunctionConfiguration cannot be read"))
    }
}
