use std::time::Duration;

use payout::{Moment, UserKey};
use platform::{Aws, ConfigError, Env, ReadRecipient, ReadSecret, RecipientsTable, Secret, StartError, StoreError};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url, redirect, retry};
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
/// | 200 or 404 `{"phone": null}` | no such user: the payout fails until it is registered |
/// | 401, 403 | not now; the header is read afresh from the secret |
/// | any other 200 or 404 | not now: the payout waits, and an error line says what to answer |
/// | anything else, more than 64 KiB, or nothing within 2 s | not now: the payout waits |
///
/// A 404 alone says nothing of a user: a wrong route is answered so, too, and would fail every winner for good. Other fields
/// beside `phone` are not read.
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
    // Without a default on purpose: only who says null knows that there is none.
    #[serde(deserialize_with = "Option::deserialize")]
    phone: Option<SecretString>,
}

impl Found {
    /// What an object says; `None` if it says nothing of a phone, or is no object.
    fn of(body: &[u8]) -> Option<Self> {
        // An array would be taken for the fields in their order.
        let object = body.trim_ascii_start().starts_with(b"{");
        object.then(|| serde_json::from_slice(body).ok()).flatten()
    }
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
            StatusCode::OK | StatusCode::NOT_FOUND => understood(answer).await,
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                // Rotated, perhaps: for the next request.
                if let Ok(headers) = read_headers(&self.secret).await {
                    *self.headers.write().await = headers;
                }
                Err(unavailable(status.as_str()))
            }
            status => Err(unavailable(status.as_str())),
        }
    }
}

/// The phone, or that there is none, from an answer that says so.
async fn understood(answer: Response) -> Result<Option<SecretString>, StoreError> {
    let status = answer.status();
    let body = read(answer).await?;
    match (status, Found::of(&body)) {
        (StatusCode::OK, Some(Found { phone: Some(phone) })) if !phone.expose_secret().is_empty() => Ok(Some(phone)),
        (_, Some(Found { phone: None })) => Ok(None),
        _ => {
            tracing::error!(
                http_status = status.as_u16(),
                "The service at RECIPIENT_URL gave an answer that says nothing of a phone: it must answer 200 with \
                 {{\"phone\": \"…\"}}, or 404 or 200 with {{\"phone\": null}} for a user whom it does not know. If the URL is \
                 wrong, correct it. The payout waits.",
            );
            Err(unavailable(&format!("{} without a phone or null", status.as_str())))
        }
    }
}

/// The body, if it is not too long: it is never held whole before that is known.
async fn read(mut answer: Response) -> Result<Vec<u8>, StoreError> {
    let too_long = || unavailable("an answer over 64 KiB");
    if answer.content_length().is_some_and(|length| length > LARGEST_ANSWER as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| unavailable("an answer cut short"))? {
        if body.len() + piece.len() > LARGEST_ANSWER {
            return Err(too_long());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
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
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;
    use platform::SecretError;

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

    struct NoHeader;
    impl ReadSecret for NoHeader {
        async fn read_secret(&self) -> Result<SecretString, SecretError> {
            Ok("{}".into())
        }
    }

    /// What a service that answers so, byte by byte, is understood to say: the phone, nobody, or why not now.
    async fn asked_of(answer: String) -> Result<Option<String>, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // Head and body of the question may come in two pieces.
            let (mut question, mut piece) = (Vec::new(), [0; 4096]);
            while !question.ends_with(b"}") {
                let read = stream.read(&mut piece).unwrap();
                question.extend_from_slice(&piece[..read]);
            }
            // Who has read enough closes the connection.
            let _ = stream.write_all(answer.as_bytes());
        });
        let service = RecipientService::new(checked(&url).unwrap(), NoHeader).await.unwrap();
        let user = UserKey::try_from("anna".to_owned()).unwrap();
        match service.phone(&user).await {
            Ok(phone) => Ok(phone.map(|phone| phone.expose_secret().to_owned())),
            Err(error) => Err(error.to_string()),
        }
    }

    fn answer(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn nobody_is_who_the_service_says_so_of_and_not_who_a_wrong_route_does_not_find() {
        for nobody in ["404 Not Found", "200 OK"] {
            for says_so in [r#"{"phone":null}"#, r#" {"error":"no such user","phone":null}"#] {
                assert_eq!(asked_of(answer(nobody, says_so)).await, Ok(None), "{nobody} {says_so}");
            }
        }
        for not_found in
            ["", "Not Found", "<html>", "null", "[null]", "{}", r#"{"error":"no route"}"#, r#"{"phone":"1"}"#]
        {
            let understood = asked_of(answer("404 Not Found", not_found)).await;
            assert!(understood.as_ref().is_err_and(|why| why.contains("404")), "{not_found}: {understood:?}");
        }
        for nothing in ["", "null", "{}", "[null]", r#"["1"]"#, r#"{"phone":1}"#, r#"{"phone":"1","phone":null}"#] {
            assert!(asked_of(answer("200 OK", nothing)).await.is_err(), "{nothing}");
        }
        assert_eq!(asked_of(answer("200 OK", r#"{"phone":"1"}"#)).await, Ok(Some("1".to_owned())));
        assert!(asked_of(answer("410 Gone", r#"{"phone":null}"#)).await.is_err());
    }

    #[tokio::test]
    async fn an_answer_over_64_kib_is_not_read_whether_it_declares_its_length_or_not() {
        let phone = r#"{"phone":"1"}"#;
        let padded = |length: usize| " ".repeat(length - phone.len()) + phone;
        let until_closed = |body: String| format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        let in_chunks = |body: String| {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
        };
        for length in [LARGEST_ANSWER, LARGEST_ANSWER + 1] {
            let body = padded(length);
            for answer in [answer("200 OK", &body), until_closed(body.clone()), in_chunks(body)] {
                let understood = asked_of(answer).await;
                if length > LARGEST_ANSWER {
                    assert!(understood.as_ref().is_err_and(|why| why.contains("over 64 KiB")), "{understood:?}");
                } else {
                    assert_eq!(understood, Ok(Some("1".to_owned())));
                }
            }
        }
    }
}
