use std::borrow::Cow;
use std::net::IpAddr;

use platform::{Host, Metric};

use crate::call::Call;
use crate::shape;

/// Why a call behind the token is refused. Never silent: somebody who knows the token meant something by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It came from elsewhere.
    Address,
    /// It is no POST.
    Method,
    TooLarge,
    /// What is wrong and what it must be; `index` of the entry, if it is one.
    Malformed {
        message: Cow<'static, str>,
        index: Option<usize>,
    },
}

impl Refusal {
    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { message: message.into(), index: None }
    }

    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Address | Self::Method => 404,
            Self::TooLarge => 413,
            Self::Malformed { .. } => 400,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::Malformed { .. } => "malformed",
        }
    }

    /// Counts it and tells what came by its shape: never a value.
    pub(crate) fn tell(&self, host: &impl Host, call: &Call<'_>) {
        host.count(Metric::CallbacksRefused, 1);
        let (why, index) = match self {
            Self::Address => (Cow::Owned(from_elsewhere(call.source_ip)), None),
            Self::Method => (Cow::Owned(format!("the method is {}, not POST", method(call.method))), None),
            Self::TooLarge => (Cow::Borrowed("the body exceeds 64 KiB"), None),
            Self::Malformed { message, index } => (message.clone(), *index),
        };
        tracing::error!(
            status = self.status(),
            reason = self.reason(),
            index,
            content_type = shape::media_type(call.content_type).as_ref(),
            bytes = call.body.len(),
            came = call.body.shape(),
            "A callback with the right token was refused: {why}. Nothing of it was recorded: see what came, and let Bleepy send it \
             again once it is mended."
        );
    }
}

fn from_elsewhere(address: Option<&str>) -> String {
    let address = address.and_then(|text| text.parse::<IpAddr>().ok());
    let address = address.map_or_else(|| "an unknown address".to_owned(), |address| address.to_string());
    format!("it came from {address}, which ALLOWED_CIDRS does not hold")
}

fn method(method: &str) -> &'static str {
    let known = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"];
    known.into_iter().find(|known| *known == method).unwrap_or("another one")
}
