//! Who asks, and whether the request is for the operation it was sent to. The same for every operation.

use crate::api::Api;
use crate::codes::Code;
use crate::config::SimCredentials;
use crate::params::Params;

/// Checks the parameters that every request carries, in the order in which the specification lists them.
pub(super) fn check(credentials: &SimCredentials, api: Api, params: &Params) -> Result<(), Code> {
    if params.is_empty() {
        return Err(Code::PARAMETER_MISSING);
    }
    match params.get("api_code") {
        None => return Err(Code::PARAMETER_MISSING),
        Some(code) if code == api.code() => {}
        Some(code) if Api::ALL.iter().any(|known| known.code() == code) => return Err(Code::WRONG_API),
        Some(_) => return Err(Code::NO_SUCH_API),
    }
    let auth_code = params.get("custom_auth_code").ok_or(Code::NO_AUTH_CODE)?;
    if auth_code != credentials.custom_auth_code {
        return Err(Code::BAD_AUTH_CODE);
    }
    let token = params.get("custom_auth_token").ok_or(Code::NO_TOKEN)?;
    if token != credentials.custom_auth_token {
        return Err(Code::BAD_TOKEN);
    }
    match params.get("dev_yn") {
        Some("N") => {}
        Some("Y") => return Err(Code::NO_TEST_SERVICE),
        _ => return Err(Code::NO_DEV_YN),
    }
    if api.asks_for_member() && params.get("user_id").ok_or(Code::PARAMETER_MISSING)? != credentials.user_id {
        return Err(Code::UNKNOWN_MEMBER);
    }
    Ok(())
}
