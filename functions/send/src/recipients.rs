use std::time::Duration;

use payout::{Moment, UserKey};
use platform::{Aws, ConfigError, Env, ReadRecipient, ReadSecret, RecipientsTable, Secret, StartError, StoreError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, StatusCode, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

const RECIPIENT_URL: &str = "RECIPIENT_URL";
/// From connect to the last byte.
const DEADLINE: Duration = Duration::from_secs(2);
/// A phone number needs no more.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Looks a winner up in the table, and then, if the company runs one, in its own service.
pub struct Recipients<T, S> {
    table: T,
    service: Option<RecipientService<S>>,
}

impl Recipients<RecipientsTable, Secret> {
    /// The table `RECIPIENTS_TABLE`, and the service, if `RECIPIENT_URL` is set.
    pub async fn open(env: &Env, aws: &Aws) -> Result<Self, StartError> {
        let table = RecipientsTable::new(aws, env.required("RECIPIENTS_TABLE")?);
        let secret = Secret::new(aws, env.required("GIFTISHOW_SECRET_ID")?);
        let service = match env.optional(RECIPIENT_URL) {
            Some(url) => Some(RecipientService::new(checked(&url)?, secret).await?),
            None => None,
        };
        Ok(Self { table, service })
    }
}

impl<T: ReadRecipient, S: ReadSecret> ReadRecipient for Recipients<T, S> {
    async fn phone(&self, user: &UserKey, now: Moment) -> Result<Option<SecretString>, StoreError> {
        match (self.table.phone(user, now).await?, &self.service) {
            (None, Some(service)) => service.phone(user).await,
            (phone, _) => Ok(phone),
        }
    }
}

/// The company's own service (HTTPS, or loopback): `POST RECIPIENT_URL` with `{"userKey": "…"}`.
///
/// | answer | means |
/// | --- | --- |
/// | 200 `{"phone": "…"}`, digits only | this phone |
/// | 401, 403 | not now; the header is read afresh from the secret |
/// | 404, or 200 with `phone` null or missing | no such user: the payout fails until it is registered |
/// | anything else, or nothing within 2 s | not now: the payout waits |
struct RecipientService<S> {
    client: Client,
    url: Url,
    secret: S,
    headers: RwLock<HeaderMap>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    user_key: &'a str,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    phone: Option<SecretString>,
}

/// The part of Giftishow's secret that is for the service.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    recipient_header: Option<SecretString>,
}

impl<S: ReadSecret> RecipientService<S> {
    /// The service at this URL. Every request carries the header in the secret's `recipient_header` (`Name: value`), if there
    /// is one.
    async fn new(url: Url, secret: S) -> Result<Self, StartError> {
        let headers = RwLock::new(read_headers(&secret).await?);
        let client = Client::builder()
            .retry(retry::never())
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            // A pooled connection dies while the function is frozen.
            .pool_max_idle_per_host(0)
            .timeout(DEADLINE)
            .build()
            .map_err(|error| StartError::Needed(error.without_url().to_string()))?;
        Ok(Self { client, url, secret, headers })
    }

    async fn phone(&self, user: &UserKey) -> Result<Option<SecretString>, StoreError> {
        let question = Question { user_key: user.as_str() };
        let headers = self.headers.read().await.clone();
        let asked = self.client.post(self.url.clone()).headers(headers).json(&question).send().await;
        let answer =
            asked.map_err(|error| unavailable(if error.is_timeout() { "time-out" } else { "no connection" }))?;
        match answer.status() {
            StatusCode::NOT_FOUND => return Ok(None),
            StatusCode::OK => {}
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                // Rotated, perhaps: for the next request.
                if let Ok(headers) = read_headers(&self.secret).await {
                    *self.headers.write().await = headers;
                }
                return Err(unavailable(status.as_str()));
            }
            status => return Err(unavailable(status.as_str())),
        }
        if answer.content_length().is_some_and(|length| length > LARGEST_ANSWER as u64) {
            return Err(unavailable("an answer over 64 KiB"));
        }
        let body = answer.bytes().await.map_err(|_| unavailable("an answer cut short"))?;
        let found: Found = serde_json::from_slice(&body).map_err(|_| unavailable("an answer that is not JSON"))?;
        Ok(found.phone.filter(|phone| !phone.expose_secret().is_empty()))
    }
}

fn unavailable(code: &str) -> StoreError {
    StoreError::Unavailable { operation: "RECIPIENT_URL", code: code.to_owned() }
}

fn checked(url: &str) -> Result<Url, ConfigError> {
    let malformed = |why| ConfigError::malformed(RECIPIENT_URL, why);
    let url = Url::parse(url).map_err(|_| malformed("must be a URL"))?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(malformed("must be HTTPS, or loopback")),
    }
}

async fn read_headers(secret: &impl ReadSecret) -> Result<HeaderMap, StartError> {
    let secret = secret.read_secret().await.map_err(|error| StartError::Needed(error.to_string()))?;
    headers_of(&secret)
}

fn headers_of(secret: &SecretString) -> Result<HeaderMap, StartError> {
    let malformed = || StartError::Needed("the secret's field recipient_header must be \"Name: value\"".to_owned());
    // The parser's own error may quote the secret: it is dropped on purpose.
    let header: Header = serde_json::from_str(secret.expose_secret()).map_err(|_| malformed())?;
    let Some(header) = header.recipient_header else { return Ok(HeaderMap::new()) };
    let (name, value) = header.expose_secret().split_once(':').ok_or_else(malformed)?;
    let name: HeaderName = name.trim().parse().map_err(|_| malformed())?;
    let mut value: HeaderValue = value.trim().parse().map_err(|_| malformed())?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_asked_for_over_https_or_on_this_machine_only() {
        for url in ["https://example.com/x", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/"] {
            assert!(checked(url).is_ok(), "{url}");
        }
        for url in ["http://example.com/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "example.com"] {
            assert!(checked(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_header_comes_from_the_secret_and_is_never_shown() {
        let secret = SecretString::from(r#"{"recipient_header": "Authorization: Bearer a:b"}"#);
        let headers = headers_of(&secret).unwrap();
        assert_eq!(headers["authorization"], "Bearer a:b");
        assert!(!format!("{headers:?}").contains("Bearer"));
        assert!(headers_of(&SecretString::from("{}")).unwrap().is_empty());
        for wrong in [r#"{"recipient_header": "no colon"}"#, r#"{"recipient_header": "a b: c"}"#, "no JSON"] {
            assert!(headers_of(&SecretString::from(wrong)).is_err());
        }
    }
}
