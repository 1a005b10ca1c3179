//! Which stack is meant, and how it is reached.
//!
//! Order, said once: flag > environment > `~/.config/giftctl.toml` > `.local/giftctl.toml` in this directory or one above it.
//! The last is written by `cargo local`, and counts only if nothing else names a stack: it describes a stack of its own, so
//! nothing of the environment is mixed with it.

mod file;

use std::path::Path;

use secrecy::SecretString;
use url::Url;

use crate::failure::Failure;
use file::File;

/// What was said on the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) stack: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
}

/// Where to look for the rest.
pub(crate) struct Surroundings<'a> {
    /// Environment variables.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The working directory.
    pub(crate) directory: &'a Path,
}

/// Keys of a stack on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}

/// Which stack, and how.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) stack: String,
    /// `None`: as the profile says.
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    /// One endpoint for every AWS service; `None` on AWS itself.
    pub(crate) endpoint: Option<Url>,
    /// Only for a stack on this machine; else the usual chain of credentials.
    pub(crate) keys: Option<Keys>,
}

const NOTHING_NAMED: &str = "no stack is named";
const WHAT_TO_TYPE: &str = "Type `giftctl --stack NAME …`, or set GIFTCTL_STACK, or write `stack = \"NAME\"` into \
    ~/.config/giftctl.toml (mode 0600). For a stack on this machine, run `cargo local` and stay in its directory.";

impl Settings {
    /// Finds them.
    pub(crate) fn find(flags: &Flags, around: &Surroundings<'_>) -> Result<Self, Failure> {
        let home = home_file(around)?;
        let from_environment = Flags {
            stack: said(around, &["GIFTCTL_STACK"]),
            region: said(around, &["AWS_REGION", "AWS_DEFAULT_REGION"]),
            profile: said(around, &["AWS_PROFILE"]),
            endpoint_url: said(around, &["AWS_ENDPOINT_URL"]),
        };
        let stack = [&flags.stack, &from_environment.stack, &home.stack].into_iter().flatten().next();
        if let Some(stack) = stack {
            return Self::merged(stack.clone(), flags, &from_environment, &home);
        }
        let Some(local) = file::local(around.directory)? else {
            return Err(Failure::configuration(NOTHING_NAMED).mend(WHAT_TO_TYPE));
        };
        let Some(stack) = local.stack.clone() else {
            return Err(Failure::configuration(NOTHING_NAMED).mend(WHAT_TO_TYPE));
        };
        Self::merged(stack, flags, &Flags::default(), &local)
    }

    fn merged(stack: String, flags: &Flags, environment: &Flags, file: &File) -> Result<Self, Failure> {
        let first = |of: fn(&Flags) -> &Option<String>, last: &Option<String>| {
            of(flags).clone().or_else(|| of(environment).clone()).or_else(|| last.clone())
        };
        let endpoint = first(|flags| &flags.endpoint_url, &file.endpoint_url);
        let endpoint = endpoint.map(|text| parse_endpoint(&text)).transpose()?;
        // Keys in a file are for this machine alone, and never go to another place than the file names.
        let is_of_file =
            endpoint.is_some() && endpoint == file.endpoint_url.as_deref().and_then(|url| url.parse().ok());
        let keys = if is_of_file && endpoint.as_ref().is_some_and(is_loopback) { file.keys() } else { None };
        Ok(Self {
            stack,
            region: first(|flags| &flags.region, &file.region),
            profile: first(|flags| &flags.profile, &file.profile),
            endpoint,
            keys,
        })
    }
}

fn said(around: &Surroundings<'_>, names: &[&str]) -> Option<String> {
    names.iter().filter_map(|name| (around.variable)(name)).find(|value| !value.is_empty())
}

fn home_file(around: &Surroundings<'_>) -> Result<File, Failure> {
    match (around.variable)("HOME").filter(|home| !home.is_empty()) {
        Some(home) => file::home(&Path::new(&home).join(".config/giftctl.toml")),
        None => Ok(File::default()),
    }
}

fn parse_endpoint(text: &str) -> Result<Url, Failure> {
    let url: Url = text.parse().map_err(|_| Failure::configuration(format!("the endpoint `{text}` is no URL")))?;
    if url.scheme() == "https" || is_loopback(&url) {
        return Ok(url);
    }
    Err(Failure::configuration(format!("the endpoint `{text}` must be HTTPS, or on this machine")))
}

/// Whether a URL stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
