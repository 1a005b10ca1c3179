use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use payout::{Delivery, Gubun, Krw, RepeatPolicy, Reward, RewardCode, SendHours};

use super::super::parse;
use crate::failure::Failure;
use crate::order::OrderArgs;

pub(super) const EXAMPLES: &str = "\
Examples:
  giftctl reward put SUMMER --goods-code G00000123 --title \"축하합니다\" --message \"당첨을 축하합니다.\" \\
    --max-price 4,500 --repeat daily
  giftctl reward put --json reward.json       (the object `reward` of `giftctl reward show CODE -o json`)";

/// What a code stands for.
#[derive(Args)]
pub(crate) struct PutArgs {
    /// Bleepy's code.
    #[arg(value_parser = parse::code, required_unless_present = "json")]
    code: Option<RewardCode>,
    /// The whole row as JSON: a file, or - for stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["code", "goods_code", "title", "message", "max_price"])]
    json: Option<PathBuf>,
    /// Giftishow's goods code.
    #[arg(long, value_name = "CODE", default_value = "")]
    goods_code: String,
    /// Title of the MMS, 1 to 10 characters.
    #[arg(long, default_value = "")]
    title: String,
    /// Text of the MMS, 1 to 1,500 characters.
    #[arg(long, default_value = "")]
    message: String,
    /// The most that one may cost, in won.
    #[arg(long, value_name = "WON", value_parser = parse::krw, default_value = "0")]
    max_price: Krw,
    /// When a further win counts: once, daily, weekly, every_time.
    #[arg(long, value_parser = repeat, default_value = "once")]
    repeat: RepeatPolicy,
    /// How the coupon reaches the winner: N by MMS, Y the company shows the PIN, I the PIN and its image.
    #[arg(long, value_parser = gubun, default_value = "N")]
    gubun: Gubun,
    /// The company hands it over itself; nothing is sent.
    #[arg(long)]
    by_company: bool,
    /// Registers it switched off.
    #[arg(long)]
    inactive: bool,
    /// Most sent on one Korean day.
    #[arg(long, value_name = "N")]
    max_per_day: Option<u32>,
    /// Most sent to one user on one Korean day.
    #[arg(long, value_name = "N")]
    max_per_user_per_day: Option<u32>,
    /// Days for which a coupon must be valid at least.
    #[arg(long, value_name = "DAYS")]
    min_valid_days: Option<u32>,
    /// A card of the company's own, made on Giftishow's site.
    #[arg(long, value_name = "ID")]
    template_id: Option<String>,
    /// A banner, likewise.
    #[arg(long, value_name = "ID")]
    banner_id: Option<String>,
    /// In which hours of the Korean day winners are texted, like 08-22; else those of the stack.
    #[arg(long, value_name = "HOURS")]
    send_hours: Option<SendHours>,
    #[command(flatten)]
    pub(super) args: OrderArgs,
}

impl PutArgs {
    /// The row. What is wrong with it is said before anybody is asked.
    pub(super) fn reward(&self) -> Result<Reward, Failure> {
        let reward = match (&self.json, &self.code) {
            (Some(file), _) => of_json(file)?,
            (None, Some(code)) => self.of_flags(code.clone()),
            (None, None) => return Err(Failure::usage("the code is missing")),
        };
        reward.check().map_err(|error| Failure::usage(error.to_string()))?;
        Ok(reward)
    }

    fn of_flags(&self, code: RewardCode) -> Reward {
        Reward {
            code,
            active: !self.inactive,
            delivery: if self.by_company { Delivery::Company } else { Delivery::Giftishow },
            goods_code: self.goods_code.clone(),
            gubun: self.gubun,
            mms_title: self.title.clone(),
            mms_msg: self.message.clone(),
            repeat: self.repeat,
            max_price_krw: self.max_price,
            max_per_day: self.max_per_day,
            max_per_user_per_day: self.max_per_user_per_day,
            min_valid_days: self.min_valid_days,
            template_id: self.template_id.clone(),
            banner_id: self.banner_id.clone(),
            send_hours: self.send_hours,
        }
    }
}

fn of_json(file: &PathBuf) -> Result<Reward, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    serde_json::from_str(&text).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

/// A policy by its name.
pub(super) fn repeat(text: &str) -> Result<RepeatPolicy, String> {
    serde_json::from_value(text.into()).map_err(|_| "must be one of once, daily, weekly, every_time".to_owned())
}

/// A `gubun` by its letter.
pub(super) fn gubun(text: &str) -> Result<Gubun, String> {
    serde_json::from_value(text.into()).map_err(|_| "must be one of N, Y, I".to_owned())
}
