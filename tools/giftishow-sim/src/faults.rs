//! Everything that can be made to go wrong.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::api::Api;

/// One way in which a request goes wrong. Named in kebab case (`timeout-after-issue`); for 0202 and 0205 "issue" reads "cancel"
/// (`timeout-after-cancel`), for 0203 "resend", and for those that change nothing, `-before-issue` and `-after-issue` are left
/// out (`timeout`, `truncated-body`).
///
/// `before` means that the service did nothing, `after` that it did everything and only the answer went wrong. An `after` fault does
/// not make a bad request good: what the service refuses stays refused.
///
/// A delay is until the coupon for `issue-late` (default 3 s), until a hang ends or the last byte for time-outs and the slow
/// body (default 60 s, over once the client hangs up), and before the answer for all others (default none).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`about` describes every variant, once, for people and `--help`")]
pub enum Fault {
    TimeoutBefore,
    TimeoutAfter,
    Late,
    Http500Before,
    Http500After,
    Http503Before,
    Http502HtmlAfter,
    TruncatedBodyAfter,
    SlowBodyAfter,
    ResetBefore,
    ResetAfter,
    InnerError(Cow<'static, str>),
    MissingOrderNoAfter,
    Code(Cow<'static, str>),
    UnlistedCode,
    UnlistedCodeAfter,
    Http204After,
    Redirect,
    DuplicateAfter,
    NotFound,
    ChargeOnly,
    EmptyPage,
}

/// Whether the service does what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    AtOnce,
    Late,
    /// Half of it: the money is taken, and nothing issued.
    Charge,
}

/// What the caller gets to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Hang,
    Status(u16),
    HtmlPage,
    Truncated,
    Slow,
    Reset,
    Code(Cow<'static, str>),
    InnerCode(Cow<'static, str>),
    NoOrderNo,
    Redirect,
    NotFound,
    /// The answer is the right one: what went wrong is the effect.
    Told,
    EmptyPage,
}

/// A code that no list of the service knows.
const UNLISTED: &str = "ERR9998";
/// "Sending failed": says nothing about money, so the usual choice for an inner error.
const INNER_DEFAULT: &str = "ERR0999";
/// Stands for the parameter in listings.
const ANY: Cow<'static, str> = Cow::Borrowed("<CODE>");

const EVERY: &[Api] = &Api::ALL;
/// Where before and after the effect differ.
const CHANGING: &[Api] = &[Api::Send, Api::Cancel, Api::Resend, Api::FailedSendCancel];
const SEND: &[Api] = &[Api::Send];
const NESTED: &[Api] = &[Api::Send, Api::FailedSendCancel, Api::Lookup];
const NAMED: &[Api] =
    &[Api::Cancel, Api::Lookup, Api::Resend, Api::FailedSendCancel, Api::GoodsDetail, Api::BrandDetail];
const GOODS: &[Api] = &[Api::Goods];

/// One line of the table of faults.
struct Row {
    name: &'static str,
    apis: &'static [Api],
    effect: Effect,
    trouble: Trouble,
}

const fn row(name: &'static str, apis: &'static [Api], effect: Effect, trouble: Trouble) -> Row {
    Row { name, apis, effect, trouble }
}

impl Fault {
    /// Every fault, in the order of listings. Of the two with a parameter the first stands for any code.
    pub const ALL: [Self; 22] = [
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::Late,
        Self::Http500Before,
        Self::Http500After,
        Self::Http503Before,
        Self::Http502HtmlAfter,
        Self::TruncatedBodyAfter,
        Self::SlowBodyAfter,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::InnerError(Cow::Borrowed(INNER_DEFAULT)),
        Self::MissingOrderNoAfter,
        Self::Code(ANY),
        Self::UnlistedCode,
        Self::UnlistedCodeAfter,
        Self::Http204After,
        Self::Redirect,
        Self::DuplicateAfter,
        Self::NotFound,
        Self::ChargeOnly,
        Self::EmptyPage,
    ];

    fn row(&self) -> Row {
        use Effect::{AtOnce, Charge, Late, None};
        let unlisted = || Trouble::Code(Cow::Borrowed(UNLISTED));
        match self {
            Self::TimeoutBefore => row("timeout-before-issue", EVERY, None, Trouble::Hang),
            Self::TimeoutAfter => row("timeout-after-issue", CHANGING, AtOnce, Trouble::Hang),
            Self::Late => row("issue-late", CHANGING, Late, Trouble::Hang),
            Self::Http500Before => row("http-500-before-issue", EVERY, None, Trouble::Status(500)),
            Self::Http500After => row("http-500-after-issue", CHANGING, AtOnce, Trouble::Status(500)),
            Self::Http503Before => row("http-503-before-issue", EVERY, None, Trouble::Status(503)),
            Self::Http502HtmlAfter => row("http-502-html-after-issue", EVERY, AtOnce, Trouble::HtmlPage),
            Self::TruncatedBodyAfter => row("truncated-body-after-issue", EVERY, AtOnce, Trouble::Truncated),
            Self::SlowBodyAfter => row("slow-body-after-issue", EVERY, AtOnce, Trouble::Slow),
            Self::ResetBefore => row("reset-before-issue", EVERY, None, Trouble::Reset),
            Self::ResetAfter => row("reset-after-issue", CHANGING, AtOnce, Trouble::Reset),
            Self::InnerError(code) => row("inner-error", NESTED, None, Trouble::InnerCode(code.clone())),
            Self::MissingOrderNoAfter => row("missing-order-no-after-issue", SEND, AtOnce, Trouble::NoOrderNo),
            Self::Code(code) => row("code", EVERY, None, Trouble::Code(code.clone())),
            Self::UnlistedCode => row("unlisted-code", EVERY, None, unlisted()),
            Self::UnlistedCodeAfter => row("unlisted-code-after-issue", CHANGING, AtOnce, unlisted()),
            Self::Http204After => row("http-204-after-issue", EVERY, AtOnce, Trouble::Status(204)),
            Self::Redirect => row("redirect", EVERY, None, Trouble::Redirect),
            Self::DuplicateAfter => row("duplicate-after-issue", SEND, AtOnce, Trouble::Code(Cow::Borrowed("ERR0215"))),
            Self::NotFound => row("not-found", NAMED, None, Trouble::NotFound),
            Self::ChargeOnly => row("charge-without-issue", SEND, Charge, Trouble::Told),
            Self::EmptyPage => row("empty-page", GOODS, None, Trouble::EmptyPage),
        }
    }

    /// What it does, in one line, told for 0204.
    pub fn about(&self) -> &'static str {
        match self {
            Self::TimeoutBefore => "never answers; nothing was issued",
            Self::TimeoutAfter => "issues, then never answers",
            Self::Late => "never answers, and issues some time later",
            Self::Http500Before => "HTTP 500; nothing was issued",
            Self::Http500After => "issues, then HTTP 500",
            Self::Http503Before => "HTTP 503; nothing was issued",
            Self::Http502HtmlAfter => "issues, then HTTP 502 with a page of HTML",
            Self::TruncatedBodyAfter => "issues, then closes half-way through the answer",
            Self::SlowBodyAfter => "issues, then drips the answer beyond any deadline",
            Self::ResetBefore => "resets the connection; nothing was issued",
            Self::ResetAfter => "issues, then resets the connection before the first byte",
            Self::InnerError(_) => "outer 0000, inner ERR0999 (or inner-error:<CODE>); nothing was issued",
            Self::MissingOrderNoAfter => "issues, then answers 0000 without orderNo",
            Self::Code(_) => "answers this code; nothing was issued",
            Self::UnlistedCode => "answers a code that no list knows; nothing was issued",
            Self::UnlistedCodeAfter => "issues, then answers a code that no list knows",
            Self::Http204After => "issues, then HTTP 204",
            Self::Redirect => "HTTP 307 to the same path: a client that follows sends twice",
            Self::DuplicateAfter => "issues, then answers ERR0215, as if a copy of the request had come first",
            Self::NotFound => "answers as for a tr_id (or a code) that does not exist",
            Self::ChargeOnly => "takes the money, issues nothing, answers inner ERR0999: what 0205 is for",
            Self::EmptyPage => "answers 0000 and no goods, although there are some",
        }
    }

    /// The operations it can hit.
    pub fn apis(&self) -> &'static [Api] {
        self.row().apis
    }

    pub(crate) fn effect(&self) -> Effect {
        self.row().effect
    }

    pub(crate) fn trouble(&self) -> Trouble {
        self.row().trouble
    }

    /// Its name when it hits this operation.
    pub fn name_for(&self, api: Api) -> String {
        let name = self.row().name;
        let name = match api {
            Api::Send => name.to_owned(),
            Api::Cancel | Api::FailedSendCancel => name.replace("issue", "cancel"),
            Api::Resend => name.replace("issue", "resend"),
            Api::Goods | Api::Brands | Api::GoodsDetail | Api::BrandDetail | Api::Lookup | Api::Balance => {
                name.trim_end_matches("-before-issue").trim_end_matches("-after-issue").to_owned()
            }
        };
        match self {
            Self::Code(code) => format!("{name}:{code}"),
            Self::InnerError(code) if code != INNER_DEFAULT => format!("{name}:{code}"),
            _ => name,
        }
    }

    /// The fault with this name that can hit this operation.
    pub fn named(name: &str, api: Api) -> Result<Self, UnknownFault> {
        let fault = match name.split_once(':') {
            Some(("code", code)) if is_code(code) => Self::Code(code.to_owned().into()),
            Some(("inner-error", code)) if is_code(code) => Self::InnerError(code.to_owned().into()),
            _ => Self::ALL
                .into_iter()
                .find(|fault| fault.name_for(api) == name && *fault != Self::Code(ANY))
                .ok_or_else(|| UnknownFault::new(name, api))?,
        };
        if fault.apis().contains(&api) { Ok(fault) } else { Err(UnknownFault::new(name, api)) }
    }
}

fn is_code(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// The name it has for 0204, or for the first operation it can hit.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let api = self.apis().first().copied().unwrap_or(Api::Send);
        f.pad(&self.name_for(if self.apis().contains(&Api::Send) { Api::Send } else { api }))
    }
}

/// Any of the names of a fault, whatever operation it is for.
impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        let others = || Api::ALL.into_iter().find_map(|api| Self::named(name, api).ok());
        Self::named(name, Api::Send).or_else(|unknown| others().ok_or(unknown))
    }
}

/// No such fault for this operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no fault \"{name}\" for {api}; there are: {}", known(*.api))]
pub struct UnknownFault {
    name: String,
    api: Api,
}

impl UnknownFault {
    fn new(name: &str, api: Api) -> Self {
        Self { name: name.to_owned(), api }
    }
}

fn known(api: Api) -> String {
    let hits = Fault::ALL.into_iter().filter(|fault| fault.apis().contains(&api));
    hits.map(|fault| fault.name_for(api)).collect::<Vec<_>>().join(", ")
}
