use std::fmt::Write as _;

use operation::RewardView;
use payout::{Delivery, Gubun};

use super::Style;
use super::table::{count, table, text};
use crate::language::pick;

/// Rewards, and what is wrong with them.
pub(super) fn list(views: &[RewardView], style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let head = [
        pick("코드", "code"),
        pick("상태", "active"),
        pick("방식", "by"),
        pick("상품", "goods"),
        pick("현재가", "price"),
        pick("한도", "limit"),
        pick("반복", "repeat"),
        pick("문제", "problems"),
    ];
    let mut rows = table(style, &head, &[4, 5]);
    for view in views {
        let reward = &view.reward;
        let active = if reward.active { pick("사용", "yes") } else { pick("중지", "no") };
        let goods = view.goods_name.as_deref().unwrap_or(&reward.goods_code);
        let problems = match view.problems.len() {
            0 => String::new(),
            problems => problems.to_string(),
        };
        rows.add_row([
            reward.code.as_str().to_owned(),
            active.to_owned(),
            by(reward.delivery, reward.gubun).to_owned(),
            goods.to_owned(),
            view.price_krw.map(|price| count(price.0)).unwrap_or_default(),
            count(reward.max_price_krw.0),
            name(reward.repeat),
            problems,
        ]);
    }
    let mut text = text(&rows);
    for view in views {
        let said = view.problems.iter().map(|problem| ("✘", problem)).chain(view.hints.iter().map(|hint| ("!", hint)));
        for (sign, what) in said {
            let _ = writeln!(text, "{sign} {}: {what}", view.reward.code.as_str());
        }
    }
    text
}

fn by(delivery: Delivery, gubun: Gubun) -> &'static str {
    match (delivery, gubun) {
        (Delivery::Company, _) => "company",
        (_, Gubun::Mms) => "MMS",
        (_, Gubun::Pin) => "PIN",
        (_, Gubun::BarcodeImage) => "image",
    }
}

/// A policy as the row writes it.
fn name(repeat: payout::RepeatPolicy) -> String {
    serde_json::to_value(repeat).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
