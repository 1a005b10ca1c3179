use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::access::Access;
use crate::refusal::Refusal;
use crate::shape;
use crate::wins::{self, MAX_BODY_BYTES, Win};

/// One call of the callback, whatever brought it here.
pub struct Call<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path, without a stage; percent-encoded or not.
    pub path: &'a str,
    /// The address that it came from.
    pub source_ip: Option<&'a str>,
    /// What the platform calls it.
    pub request_id: Option<&'a str>,
    /// The header `content-type`.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: Body<'a>,
}

/// The body of a call, as the platform hands it on.
pub enum Body<'a> {
    /// As it came.
    Plain(&'a [u8]),
    /// In base64, or so it says.
    Base64(&'a str),
    /// The event is not of the payload format that this function reads: what its fields mean is not known.
    OfAnotherEvent,
}

impl Call<'_> {
    /// What a call behind the token asks for.
    pub(crate) fn wins(&self, access: &Access) -> Result<Vec<Win>, Refusal> {
        if !access.allows_address(self.source_ip) {
            return Err(Refusal::Address);
        }
        let body = self.body.bytes()?;
        if self.method != "POST" {
            return Err(Refusal::Method);
        }
        wins::parse(&body)
    }
}

impl Body<'_> {
    fn bytes(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        match self {
            Self::Plain(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Base64(_) if self.len() > MAX_BODY_BYTES => Err(Refusal::TooLarge),
            Self::Base64(text) => match STANDARD.decode(text) {
                Ok(bytes) => Ok(Cow::Owned(bytes)),
                Err(_) => Err(Refusal::malformed("the body claims to be base64 and is not")),
            },
            Self::OfAnotherEvent => Err(Refusal::malformed(
                "the event is not of API Gateway's payload format 2.0, with version, rawPath and requestContext.http",
            )),
        }
    }

    /// Size in bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Base64(text) => text.trim_end_matches('=').len() * 3 / 4,
            Self::OfAnotherEvent => 0,
        }
    }

    /// What came, in words that hold nothing of it.
    pub(crate) fn shape(&self) -> String {
        match self.bytes() {
            Ok(body) if body.len() <= MAX_BODY_BYTES => shape::of(&body),
            Ok(_) | Err(Refusal::TooLarge) => format!("{} bytes, which were not read", self.len()),
            Err(_) => "nothing that could be read".to_owned(),
        }
    }
}
