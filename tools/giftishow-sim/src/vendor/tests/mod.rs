//! What the service accepts and refuses, and what that does to its books.

mod browsing;
mod coupons;
mod later;

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Vendor};
use crate::api::Api;
use crate::config::{SimConfig, SimCredentials};
use crate::ledger::Ledger;
use crate::params::Params;

const PRICE_WON: u64 = 4_500;

struct Desk {
    vendor: Vendor,
    credentials: SimCredentials,
    now: Timestamp,
}

impl Desk {
    fn open(config: SimConfig) -> Self {
        let credentials = config.credentials.clone();
        Self { vendor: Vendor::new(config), credentials, now: Timestamp::from_second(1_800_000_000).unwrap() }
    }

    /// A good request, with some parameters replaced, or left out where the new value is empty.
    fn ask(&mut self, api: Api, changes: &[(&str, &str)]) -> Answer {
        self.ask_at(api, None, changes)
    }

    /// The same, with a code at the end of the path.
    fn ask_at(&mut self, api: Api, url_code: Option<&str>, changes: &[(&str, &str)]) -> Answer {
        let params = self.form(api, changes).with_url_code(url_code);
        self.vendor.serve(api, &params, self.now)
    }

    fn form(&self, api: Api, changes: &[(&str, &str)]) -> Params {
        let credentials = &self.credentials;
        let good = [
            ("api_code", api.code()),
            ("custom_auth_code", &credentials.custom_auth_code),
            ("custom_auth_token", &credentials.custom_auth_token),
            ("dev_yn", "N"),
            ("user_id", &credentials.user_id),
            ("tr_id", "gft_0000000000000001"),
            ("goods_code", "G00000000001"),
            ("mms_title", "축하합니다"),
            ("mms_msg", "선물이 도착했습니다"),
            ("callback_no", &credentials.callback_no),
            ("phone_no", "01000000000"),
            ("gubun", "N"),
        ];
        let kept = good.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let pairs: Vec<_> = kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty())).collect();
        Params::of(&pairs)
    }

    fn send(&mut self, tr_id: &str) -> Answer {
        self.ask(Api::Send, &[("tr_id", tr_id)])
    }

    fn cancel(&mut self, tr_id: &str) -> Answer {
        self.ask(Api::Cancel, &[("tr_id", tr_id)])
    }

    fn resend(&mut self, tr_id: &str) -> Answer {
        self.ask(Api::Resend, &[("tr_id", tr_id)])
    }

    /// Orders for a moment in Korean time, `yyyyMMdd` and `HHmm`.
    fn reserve(&mut self, tr_id: &str, date: &str, time: &str) -> Answer {
        let reserved = [("tr_id", tr_id), ("rev_info_yn", "Y"), ("rev_info_date", date), ("rev_info_time", time)];
        self.ask(Api::Send, &reserved)
    }

    fn wait(&mut self, time: SignedDuration) {
        self.now += time;
    }

    fn ledger(&self) -> Ledger {
        self.vendor.ledger(self.now)
    }

    fn lookup(&mut self, tr_id: &str) -> Answer {
        self.ask(Api::Lookup, &[("tr_id", tr_id)])
    }
}

fn code_of(answer: &Answer) -> String {
    answer.code().map_or_else(|| "HTTP 204".to_owned(), |code| code.to_string())
}
