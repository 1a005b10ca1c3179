use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as sign_request};
use aws_sigv4::sign::v4;

use super::Ask;
use crate::failure::Failure;

/// The headers that prove who asks.
pub(super) fn sign(ask: &Ask<'_>, credentials: &Credentials, region: &str) -> Result<Vec<(String, String)>, Failure> {
    let failed = |why: String| Failure::failed(format!("the request cannot be signed: {why}"));
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(ask.service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| failed(error.to_string()))?
        .into();
    let headers = ask.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(&ask.body);
    let signable = SignableRequest::new(ask.method.as_str(), ask.url.as_str(), headers, body)
        .map_err(|error| failed(error.to_string()))?;
    let (instructions, _) =
        sign_request(signable, &parameters).map_err(|error| failed(error.to_string()))?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
