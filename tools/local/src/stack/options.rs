//! How a stack is set up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use giftishow_sim::SimConfig;
use serde_json::{Value, json};

use crate::binaries::Binaries;
use crate::pump::Delivery;

/// Where the functions come from.
#[derive(Debug, Clone)]
pub enum Runner {
    /// Cargo builds them, and they run as processes; `progress` shows cargo's own progress.
    Build {
        /// Whether cargo reports what it compiles.
        progress: bool,
    },
    /// These programs run as processes.
    Programs(Binaries),
    /// Another Invoke API runs them, like that of `cargo lambda watch`.
    Remote {
        /// Base URL of that Invoke API.
        endpoint: String,
    },
}

/// Ports on 127.0.0.1; 0 takes a free one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// The HTTP API that Bleepy calls.
    pub front: u16,
    /// DynamoDB.
    pub dynamodb: u16,
    /// Secrets Manager.
    pub secrets: u16,
    /// Lambda's Invoke API and Runtime API.
    pub invoke: u16,
    /// The URL of the function `operate`.
    pub operate: u16,
    /// CloudFormation, SNS, Secrets Manager and Lambda's configuration, for `giftctl`.
    pub cloud: u16,
}

/// How a stack is set up. The default runs exactly what the template says.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct StackOptions {
    /// Parameters of the template. What the local services decide (token, base URL, namespace) is set already.
    pub parameters: BTreeMap<String, String>,
    /// More variables per function, over those of the template.
    pub environment: BTreeMap<String, BTreeMap<String, String>>,
    /// Time limits per function in place of the template's.
    pub timeouts: BTreeMap<String, Duration>,
    /// Most concurrent executions per function in place of the template's, to try what its limit keeps apart.
    pub concurrency: BTreeMap<String, usize>,
    /// Where the functions come from.
    pub runner: Runner,
    /// Most processes of a function whose concurrency the template does not limit.
    pub processes: usize,
    /// Time between two sweeps; `None` is the template's.
    pub sweep_period: Option<Duration>,
    /// Whether sweeps run by themselves; [`crate::Stack::sweep`] works either way.
    pub scheduled: bool,
    /// How the stream reaches `send`.
    pub delivery: Delivery,
    /// For how long a transaction holds the items that it names, as the real DynamoDB does; `None` is not at all.
    pub hold_items: Option<Duration>,
    /// The fake Giftishow.
    pub sim: SimConfig,
    /// The callback token; `None` makes one up.
    pub token: Option<String>,
    /// Fixed ports, if any.
    pub ports: Ports,
    /// Whether the functions' output also goes to standard error.
    pub echo: bool,
    /// Whether what is published on a topic is shown on standard output.
    pub show_mails: bool,
    /// Folder in which everything is kept from run to run; `None` forgets it.
    pub data: Option<PathBuf>,
    /// Whether what is in that folder is removed first.
    pub fresh: bool,
    /// A template's text in place of the repository's.
    pub template: Option<String>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            parameters: BTreeMap::new(),
            environment: BTreeMap::new(),
            timeouts: BTreeMap::new(),
            concurrency: BTreeMap::new(),
            runner: Runner::Build { progress: false },
            processes: 4,
            sweep_period: None,
            scheduled: true,
            delivery: Delivery::InOrder,
            hold_items: None,
            sim: SimConfig::default(),
            token: None,
            ports: Ports::default(),
            echo: false,
            show_mails: false,
            data: None,
            fresh: false,
            template: None,
        }
    }
}

impl StackOptions {
    /// Waiting times of seconds instead of minutes, for demos and tests of what happens after a failure.
    pub fn fast() -> Self {
        Self { sweep_period: Some(Duration::from_secs(1)), ..Self::default() }
            .parameter("SendTimeoutSeconds", "2")
            .parameter("GraceSeconds", "2")
            .parameter("LeaseMarginSeconds", "1")
            .parameter("RedriveSeconds", "2")
            .timeout("send", Duration::from_secs(10))
    }

    /// Sets a parameter of the template.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a variable of one function.
    #[must_use]
    pub fn variable(mut self, function: &str, name: &str, value: impl Into<String>) -> Self {
        self.environment.entry(function.to_owned()).or_default().insert(name.to_owned(), value.into());
        self
    }

    /// Sets the time limit of one function.
    #[must_use]
    pub fn timeout(mut self, function: &str, limit: Duration) -> Self {
        self.timeouts.insert(function.to_owned(), limit);
        self
    }

    /// Lets so many executions of one function run at the same time, whatever the template says.
    #[must_use]
    pub fn concurrency(mut self, function: &str, most: usize) -> Self {
        self.concurrency.insert(function.to_owned(), most);
        self
    }
}

/// A row of `rewards`: what a Bleepy `code` stands for.
#[derive(Debug, Clone)]
pub struct Reward {
    /// Bleepy's code.
    pub code: String,
    /// Whether it is paid at present.
    pub active: bool,
    /// Who hands it over: `giftishow` or `company`.
    pub delivery: String,
    /// Giftishow's goods code.
    pub goods_code: String,
    /// How the coupon reaches the winner: `N` (MMS), `Y` (PIN) or `I` (image).
    pub gubun: String,
    /// Title of the message, at most 10 characters.
    pub mms_title: String,
    /// The message.
    pub mms_msg: String,
    /// Repeat policy, like `once`.
    pub repeat: String,
    /// The most that one may cost, in won.
    pub max_price_krw: u64,
    /// Most attempts on one Korean day.
    pub max_per_day: Option<u32>,
    /// Most attempts for one user on one Korean day.
    pub max_per_user_per_day: Option<u32>,
    /// For how many days its coupons must be valid at least.
    pub min_valid_days: Option<u32>,
    /// A card of the company's own.
    pub template_id: Option<String>,
    /// A banner of the company's own.
    pub banner_id: Option<String>,
    /// In which hours of the Korean day its winners are texted, like `08-22`.
    pub send_hours: Option<String>,
}

impl Reward {
    /// The code of Bleepy's own sample, paid with the simulator's first goods.
    pub fn sample() -> Self {
        Self {
            code: "AD3FYTFS".to_owned(),
            active: true,
            delivery: "giftishow".to_owned(),
            goods_code: "G00000000001".to_owned(),
            gubun: "N".to_owned(),
            mms_title: "당첨 선물".to_owned(),
            mms_msg: "당첨을 축하합니다.".to_owned(),
            repeat: "once".to_owned(),
            max_price_krw: 50_000,
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        }
    }

    /// The row in plain JSON.
    pub fn row(&self) -> Value {
        let mut row = json!({
            "code": self.code, "active": self.active, "delivery": self.delivery, "goods_code": self.goods_code,
            "gubun": self.gubun, "mms_title": self.mms_title, "mms_msg": self.mms_msg, "repeat": self.repeat,
            "max_price_krw": self.max_price_krw,
        });
        let caps = [("max_per_day", self.max_per_day), ("max_per_user_per_day", self.max_per_user_per_day)];
        for (name, cap) in caps {
            if let Some(most) = cap {
                row[name] = json!(most);
            }
        }
        if let Some(days) = self.min_valid_days {
            row["min_valid_days"] = json!(days);
        }
        let texts =
            [("template_id", &self.template_id), ("banner_id", &self.banner_id), ("send_hours", &self.send_hours)];
        for (name, text) in texts {
            if let Some(text) = text {
                row[name] = json!(text);
            }
        }
        row
    }
}

/// A row of `recipients`: what a Bleepy `userKey` stands for. `Debug` does not show the phone number.
#[derive(Clone)]
pub struct Recipient {
    /// Bleepy's user key.
    pub user_key: String,
    /// Phone number, digits only.
    pub phone: String,
    /// Unix time in seconds after which the row may be deleted.
    pub expires_at: Option<i64>,
}

impl Recipient {
    /// The user of Bleepy's own sample, with a number that belongs to nobody.
    pub fn sample() -> Self {
        Self::new("2eew35da", "01000000000")
    }

    /// A recipient that does not expire.
    pub fn new(user_key: impl Into<String>, phone: impl Into<String>) -> Self {
        Self { user_key: user_key.into(), phone: phone.into(), expires_at: None }
    }

    /// The row in plain JSON.
    pub fn row(&self) -> Value {
        let mut row = json!({ "user_key": self.user_key, "phone": self.phone });
        if let Some(expires_at) = self.expires_at {
            row["expires_at"] = json!(expires_at);
        }
        row
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Recipient").field("user_key", &self.user_key).finish_non_exhaustive()
    }
}
