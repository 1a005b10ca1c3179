//! What a deployed stack tells about itself.

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Template, resolve};

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its key, like `CallbackUrl`.
    pub key: String,
    /// Its value, with the cloud's addresses in it.
    pub value: String,
    /// What it is for; may be empty.
    pub description: String,
}

/// One resource of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Logical id.
    pub logical_id: String,
    /// What `!Ref` of it gives.
    pub physical_id: String,
    /// As CloudFormation calls it once SAM has had it, like `AWS::Lambda::Function`.
    pub kind: String,
}

/// A function that has a URL of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUrl {
    /// Local name of the function.
    pub function: String,
    /// Its URL as an output has it.
    pub url: String,
}

impl Template {
    /// All outputs whose condition holds.
    pub fn outputs(&self) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        for (key, output) in self.raw()["Outputs"].as_object().into_iter().flatten() {
            if let Some(condition) = output["Condition"].as_str()
                && !self.resolver().condition(condition)?
            {
                continue;
            }
            outputs.push(Output {
                key: key.clone(),
                value: resolve::scalar(&self.resolve(&output["Value"])?)?,
                description: output["Description"].as_str().unwrap_or_default().to_owned(),
            });
        }
        Ok(outputs)
    }

    /// All resources as a deployed stack lists them.
    pub fn deployed(&self) -> Result<Vec<Resource>> {
        let resource = |(id, resource): (&str, &Value)| {
            let kind = resource["Type"].as_str().unwrap_or_default();
            let kind = match kind {
                "AWS::Serverless::Function" => "AWS::Lambda::Function",
                "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
                other => other,
            };
            let physical_id = self.reference(id)?;
            Ok(Resource { logical_id: id.to_owned(), physical_id, kind: kind.to_owned() })
        };
        self.resources().map(resource).collect()
    }

    /// All functions with a URL.
    ///
    /// # Errors
    /// If one asks for anything but a signature of IAM: the local stack opens no door without one.
    pub fn function_urls(&self) -> Result<Vec<FunctionUrl>> {
        let mut urls = Vec::new();
        for id in self.resources_of("AWS::Serverless::Function") {
            let config = &self.resource(id)?["Properties"]["FunctionUrlConfig"];
            if config.is_null() {
                continue;
            }
            if config["AuthType"] != "AWS_IAM" {
                bail!("the URL of {id}: the local stack knows AuthType AWS_IAM, not {}", config["AuthType"]);
            }
            let function = resolve::physical_name(id, self.resource(id)?);
            urls.push(FunctionUrl { url: resolve::function_url(&function), function });
        }
        Ok(urls)
    }

    /// The address of the HTTP API as an output has it, if there is one.
    pub fn api_url(&self) -> Result<Option<String>> {
        let api = self.resources_of("AWS::Serverless::HttpApi").next();
        api.map(|id| Ok(resolve::api_url(&self.reference(id)?))).transpose()
    }
}
