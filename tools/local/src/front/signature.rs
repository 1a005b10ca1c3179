//! Signature Version 4, verified and made: `<NAME>` as access key, `local` as secret.

use hmac::{Hmac, KeyInit, Mac};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest, Sha256};

use crate::http::Request;
use crate::template::REGION;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "lambda";
const DATE: &str = "x-amz-date";
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// What is signed here besides the method, the path and the body.
const SIGNED_HEADERS: &str = "host;x-amz-date";
/// Everybody's: the local stack tells people apart, it does not keep them out.
const SECRET: &str = "local";
/// How far the clock of whoever signs may be off.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    access_key: String,
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejected {
    /// It has no signature, or one of another form or for another service.
    Unsigned,
    /// It has one, and that is not right.
    Wrong(&'static str),
}

/// The parts of the header `Authorization`.
struct Authorization<'a> {
    access_key: &'a str,
    date: &'a str,
    scope: &'a str,
    signed_headers: &'a str,
    signature: Vec<u8>,
}

impl Caller {
    /// The name under which the caller signed.
    pub(super) fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Verifies the signature of a request.
    pub(super) fn of(request: &Request, now: Timestamp) -> Result<Self, Rejected> {
        let header = text(request.headers(), AUTHORIZATION.as_str()).ok_or(Rejected::Unsigned)?;
        let authorization = Authorization::read(&header).ok_or(Rejected::Unsigned)?;
        let at = text(request.headers(), DATE).filter(|at| at.starts_with(authorization.date));
        let at = at.ok_or(Rejected::Unsigned)?;
        let signed_at = moment(&at).ok_or(Rejected::Unsigned)?;
        if now.duration_since(signed_at).abs() > MAX_SKEW {
            return Err(Rejected::Wrong("Signature expired: the clocks differ by more than five minutes."));
        }
        let canonical = canonical(request, authorization.signed_headers).ok_or(Rejected::Unsigned)?;
        if authorization.verifies(&to_sign(&at, authorization.scope, &canonical)) {
            Ok(Self { access_key: authorization.access_key.to_owned() })
        } else {
            Err(Rejected::Wrong(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            ))
        }
    }
}

impl<'a> Authorization<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let members = header.strip_prefix(ALGORITHM)?.split(',').map(str::trim);
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for member in members {
            match member.split_once('=')? {
                ("Credential", value) => credential = Some(value),
                ("SignedHeaders", value) => signed_headers = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let (access_key, scope) = credential?.split_once('/')?;
        let [date, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else { return None };
        let named = (1..=128).contains(&access_key.len()) && access_key.bytes().all(is_of_a_name);
        let signs_host = signed_headers?.split(';').any(|name| name == "host");
        let signature = hex::decode(signature?).ok().filter(|signature| signature.len() == 32)?;
        (named && region == REGION && service == SERVICE && date.len() == 8 && signs_host).then_some(Self {
            access_key,
            date,
            scope,
            signed_headers: signed_headers?,
            signature,
        })
    }

    fn verifies(&self, to_sign: &str) -> bool {
        signature(self.date, to_sign).is_some_and(|mac| mac.verify_slice(&self.signature).is_ok())
    }
}

/// The request, which names its host, signed by the user of this name.
pub(super) fn signed(mut request: Request, user: &str, now: Timestamp) -> Option<Request> {
    let at = now.to_zoned(TimeZone::UTC).strftime(DATE_FORMAT).to_string();
    let date = at.get(..8)?;
    let scope = format!("{date}/{REGION}/{SERVICE}/aws4_request");
    request.headers_mut().insert(DATE, HeaderValue::from_str(&at).ok()?);
    let canonical = canonical(&request, SIGNED_HEADERS)?;
    let signature = hex::encode(signature(date, &to_sign(&at, &scope, &canonical))?.finalize().into_bytes());
    let authorization =
        format!("{ALGORITHM} Credential={user}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}");
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(&authorization).ok()?);
    Some(request)
}

fn to_sign(at: &str, scope: &str, canonical: &str) -> String {
    format!("{ALGORITHM}\n{at}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)))
}

/// The signature of that day, before it is compared or written.
fn signature(date: &str, to_sign: &str) -> Option<Hmac<Sha256>> {
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in [date, REGION, SERVICE, "aws4_request"] {
        key = keyed(&key, part)?.finalize().into_bytes().to_vec();
    }
    keyed(&key, to_sign)
}

fn keyed(key: &[u8], message: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message.as_bytes());
    Some(mac)
}

/// What IAM allows in a user's name.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte)
}

/// `20260101T000000Z`.
fn moment(text: &str) -> Option<Timestamp> {
    let at = DateTime::strptime(DATE_FORMAT, text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The request as it is signed; nothing if a header is missing that was signed.
fn canonical(request: &Request, signed_headers: &str) -> Option<String> {
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let values = request.headers().get_all(name).iter().map(|value| Some(value.to_str().ok()?.trim()));
        let values = values.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty())?;
        let words: Vec<String> = values
            .iter()
            .map(|value| value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
            .collect();
        headers.extend([name, ":", &words.join(","), "\n"]);
    }
    let uri = request.uri();
    let mut query: Vec<String> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !pair.is_empty())
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    query.sort();
    let hash = hex::encode(Sha256::digest(request.body()));
    Some(format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{hash}",
        request.method(),
        encoded(uri.path()),
        query.join("&")
    ))
}

/// A path that is encoded already is encoded once more, but for its slashes.
fn encoded(path: &str) -> String {
    let mut result = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            result.push(char::from(byte));
        } else {
            result.push('%');
            result.push_str(&hex::encode_upper([byte]));
        }
    }
    result
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
