//! Lambda's `GetFunctionConfiguration`.

use hyper::StatusCode;
use serde_json::json;

use super::short_name;
use crate::http::{self, Response, with_header};
use crate::stack::Deployment;
use crate::template::{ACCOUNT, REGION};

pub(super) fn configuration(deployment: &Deployment, name: &str) -> Response {
    let name = short_name(name);
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}");
    let settings = deployment.functions().unwrap_or_default().into_iter().find(|settings| settings.name == name);
    let Some(settings) = settings else {
        let body = json!({ "Type": "User", "Message": format!("Function not found: {arn}") });
        return with_header(http::json(StatusCode::NOT_FOUND, &body), "x-amzn-errortype", "ResourceNotFoundException");
    };
    let body = json!({
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Timeout": settings.timeout.as_secs(),
        "MemorySize": settings.memory_mib,
        "LastModified": deployment.changed_at().strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
        "Version": "$LATEST",
        "Environment": { "Variables": settings.env },
        "State": "Active",
        "LastUpdateStatus": if deployment.is_updating() { "InProgress" } else { "Successful" },
        "PackageType": "Zip",
        "Architectures": ["arm64"],
    });
    http::json(StatusCode::OK, &body)
}
