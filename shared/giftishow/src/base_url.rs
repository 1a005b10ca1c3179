//! Where requests go: the real service over HTTPS, or something on this machine.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The scheme, host and port that every request goes to. Holds only what may be spoken to: HTTPS, or plain HTTP on loopback.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why an address is refused. Names the offending part, never a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an absolute URL with a host.
    #[error("the base URL is not an absolute URL with a host")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("the base URL's scheme is {scheme}: only https, or http on loopback, is allowed")]
    Scheme {
        /// The scheme that was given.
        scheme: String,
    },
    /// `http` to a host that is not this machine: the credentials would travel in clear.
    #[error("the base URL speaks plain http to {host}, which is not loopback: use https")]
    PlainHttp {
        /// The host that was given.
        host: String,
    },
    /// More than scheme, host and port.
    #[error("the base URL has {part}: give scheme, host and port only")]
    Surplus {
        /// What is too much.
        part: &'static str,
    },
}

impl BaseUrl {
    /// The real service (specification 1.3). Every request to it that sends a coupon spends money.
    pub const PRODUCTION: &'static str = "https://bizapi.giftishow.com";

    /// Reads an address such as `https://host` or `http://127.0.0.1:8080`.
    ///
    /// Loopback is `127.0.0.0/8`, `::1` and `localhost`.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        let host = url.host().ok_or(BaseUrlError::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(BaseUrlError::PlainHttp { host: host.to_string() }),
            scheme => {
                return Err(BaseUrlError::Scheme { scheme: scheme.to_owned() });
            }
        }
        match surplus(&url) {
            Some(part) => Err(BaseUrlError::Surplus { part }),
            None => Ok(Self(url)),
        }
    }

    /// The address of one API. `path` begins with a slash.
    pub(crate) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// Whether requests go through TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether requests stay on this machine.
    pub fn is_loopback(&self) -> bool {
        self.0.host().is_some_and(|host| is_loopback(&host))
    }

    /// The address as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({})", self.as_str())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn surplus(url: &Url) -> Option<&'static str> {
    if !url.username().is_empty() || url.password().is_some() {
        Some("a user name or password")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("a query or fragment")
    } else if url.path() != "/" {
        Some("a path")
    } else {
        None
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
