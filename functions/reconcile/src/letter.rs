//! The morning's letter, as a person in Korea reads it on a phone: short lines, plain text. It names no winner.

use std::fmt::Write as _;

use catalog::Risk;
use jiff::civil::{Date, Weekday};
use operation::MoneyDay;
use payout::{Krw, Moment};
use platform::Attention;

/// Reasons, explanations and rewards that are written out, each; of the rest their number.
const MOST_LINES: usize = 10;

/// How the day before went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Yesterday {
    pub(crate) day: Date,
    pub(crate) wins: u64,
    pub(crate) sent: u64,
    pub(crate) handed_over: u64,
    pub(crate) open: u64,
    pub(crate) closed: u64,
    /// In front of a person, by reason.
    pub(crate) failed: u64,
    pub(crate) reasons: Vec<(String, u64)>,
    /// What the sent ones cost.
    pub(crate) spent: Krw,
}

/// A reward that could not be paid as it is, or soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AtRisk {
    pub(crate) code: String,
    pub(crate) risks: Vec<Risk>,
}

/// All that the letter tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) now: Moment,
    pub(crate) yesterday: Yesterday,
    /// What waits for a person, whenever it was won.
    pub(crate) waiting: Attention,
    pub(crate) daily_budget: Krw,
    pub(crate) budget_left: Krw,
    /// This morning's snapshot, if there is one.
    pub(crate) money: Option<MoneyDay>,
    pub(crate) doubtful: bool,
    pub(crate) lasts_days: Option<u64>,
    pub(crate) at_risk: Vec<AtRisk>,
}

impl Letter {
    /// One line.
    pub(crate) fn subject(&self) -> String {
        let day = self.yesterday.day;
        let mut subject = format!("[경품 지급] {}월 {}일 현황", day.month(), day.day());
        if self.waiting.rows > 0 {
            let _ = write!(subject, " · 확인 필요 {}건", count(self.waiting.rows));
        }
        if self.difference().is_some_and(|won| won < 0) {
            subject.push_str(" · 잔액 차이");
        }
        subject
    }

    /// The letter.
    pub(crate) fn text(&self) -> String {
        let day = self.yesterday.day;
        let head = format!("{}월 {}일({}) 경품 지급 현황", day.month(), day.day(), weekday(day.weekday()));
        let parts = [vec![head], self.about_yesterday(), self.about_waiting(), self.about_money()];
        let rest = [self.about_difference(), self.about_rewards()];
        parts.into_iter().chain(rest).map(|part| part.join("\n")).collect::<Vec<_>>().join("\n\n") + "\n"
    }

    fn difference(&self) -> Option<i64> {
        self.money.as_ref()?.difference
    }

    fn about_yesterday(&self) -> Vec<String> {
        let Yesterday { wins, sent, handed_over, open, closed, failed, reasons, .. } = &self.yesterday;
        let mut lines = vec!["■ 어제 당첨".to_owned(), format!("당첨 {}건", count(*wins))];
        lines.push(format!("발송 {}건", count(*sent)));
        let rest = [("자체 지급", handed_over), ("처리 중", open), ("종결", closed), ("실패·확인 필요", failed)];
        lines.extend(
            rest.iter().filter(|(_, rows)| **rows > 0).map(|(what, rows)| format!("{what} {}건", count(**rows))),
        );
        lines.extend(at_most(reasons.iter().map(|(why, rows)| format!("- {why}: {}건", count(*rows))).collect()));
        lines
    }

    fn about_waiting(&self) -> Vec<String> {
        let mut lines = vec!["■ 담당자 확인 필요 (전체)".to_owned()];
        if self.waiting.rows == 0 {
            lines.push("없음".to_owned());
            return lines;
        }
        lines.push(format!("{}건", count(self.waiting.rows)));
        if let Some(oldest) = self.waiting.oldest {
            let hours = self.now.since(oldest).as_secs() / 3_600;
            let waited = if hours < 24 { format!("{hours}시간") } else { format!("{}일", hours / 24) };
            lines.push(format!("가장 오래된 건: {waited} 경과"));
        }
        lines
    }

    fn about_money(&self) -> Vec<String> {
        let mut lines = vec!["■ 비용".to_owned()];
        lines.push(format!("어제 당첨 발송액 {}", won(self.yesterday.spent)));
        lines.push(format!("하루 예산 {}", won(self.daily_budget)));
        lines.push(format!("오늘 남은 예산 {}", won(self.budget_left)));
        let Some(money) = &self.money else { return lines };
        lines.push(format!("비즈머니 잔액 {} (06시)", won(money.balance)));
        match self.lasts_days {
            Some(0) => lines.push("→ 하루 안에 소진될 수 있습니다.".to_owned()),
            Some(days) => lines.push(format!("→ 지금 속도로 약 {}일분", count(days))),
            None => {}
        }
        lines
    }

    fn about_difference(&self) -> Vec<String> {
        let mut lines = vec!["■ 잔액 대사".to_owned()];
        let Some(money) = &self.money else {
            lines.push("오늘 아침 잔액을 확인하지 못했습니다.".to_owned());
            return lines;
        };
        match money.difference {
            None => lines.push("첫 기록입니다. 내일부터 비교합니다.".to_owned()),
            Some(0) => lines.push("차이 0원".to_owned()),
            Some(more @ 1..) => lines.push(format!("기록보다 {} 많음", won(Krw(more.unsigned_abs())))),
            Some(less) => lines.push(format!("기록보다 {} 적음", won(Krw(less.unsigned_abs())))),
        }
        if self.doubtful {
            lines.push("(발송 중에 확인한 값입니다.)".to_owned());
        }
        if money.difference != Some(0) {
            lines.extend(at_most(money.explanations.iter().map(|one| format!("- {one}")).collect()));
        }
        lines
    }

    fn about_rewards(&self) -> Vec<String> {
        let mut lines = vec!["■ 지급이 어려운 리워드".to_owned()];
        if self.at_risk.is_empty() {
            lines.push("없음".to_owned());
        }
        let say = |one: &AtRisk| {
            let risks: Vec<String> = one.risks.iter().map(risk).collect();
            format!("- {}: {}", one.code, risks.join(", "))
        };
        lines.extend(at_most(self.at_risk.iter().map(say).collect()));
        lines
    }
}

fn at_most(mut lines: Vec<String>) -> Vec<String> {
    let left = lines.len().saturating_sub(MOST_LINES);
    if left > 0 {
        lines.truncate(MOST_LINES);
        lines.push(format!("- 외 {left}개"));
    }
    lines
}

/// What is wrong, in a few words.
fn risk(risk: &Risk) -> String {
    match risk {
        Risk::Unknown => "카탈로그에 없는 상품".to_owned(),
        Risk::Withdrawn => "판매 종료".to_owned(),
        Risk::Unlisted => "목록에서 빠짐".to_owned(),
        Risk::NotOnSale(_) => "판매 중이 아님".to_owned(),
        Risk::TooDear { price, most } => {
            let price = won(Krw(u64::try_from(price.0).unwrap_or_default()));
            format!("가격 {price}, 한도 {}", won(Krw(*most)))
        }
        Risk::NoPrice => "가격 정보 없음".to_owned(),
        Risk::SaleEnds(on) => format!("{}월 {}일 판매 종료", on.month(), on.day()),
        Risk::TooShort { days, least } => format!("유효기간 {days}일, 최소 {least}일 필요"),
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "월",
        Weekday::Tuesday => "화",
        Weekday::Wednesday => "수",
        Weekday::Thursday => "목",
        Weekday::Friday => "금",
        Weekday::Saturday => "토",
        Weekday::Sunday => "일",
    }
}

/// `1,234,500원`.
pub(crate) fn won(won: Krw) -> String {
    format!("{}원", count(won.0))
}

/// `1,234,500`.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Letter {
        Letter {
            now: "2026-11-22T00:00:00Z".parse().unwrap(),
            yesterday: Yesterday {
                day: jiff::civil::date(2026, 11, 21),
                wins: 1_240,
                sent: 1_240,
                spent: Krw(5_580_000),
                ..Yesterday::default()
            },
            waiting: Attention::default(),
            daily_budget: Krw(10_000_000),
            budget_left: Krw(9_910_000),
            money: Some(MoneyDay {
                day: "2026-11-22".to_owned(),
                at: "2026-11-21T21:00:00Z".parse().unwrap(),
                balance: Krw(33_480_000),
                issued: Krw(5_580_000),
                cancelled: Krw(0),
                topped_up: Krw(0),
                difference: Some(0),
                explanations: Vec::new(),
            }),
            doubtful: false,
            lasts_days: Some(6),
            at_risk: Vec::new(),
        }
    }

    #[test]
    fn a_morning_on_which_all_is_well_is_read_at_a_glance() {
        assert_eq!(quiet().subject(), "[경품 지급] 11월 21일 현황");
        let text = "\
11월 21일(토) 경품 지급 현황

■ 어제 당첨
당첨 1,240건
발송 1,240건

■ 담당자 확인 필요 (전체)
없음

■ 비용
어제 당첨 발송액 5,580,000원
하루 예산 10,000,000원
오늘 남은 예산 9,910,000원
비즈머니 잔액 33,480,000원 (06시)
→ 지금 속도로 약 6일분

■ 잔액 대사
차이 0원

■ 지급이 어려운 리워드
없음
";
        assert_eq!(quiet().text(), text);
    }

    #[test]
    fn what_a_person_must_do_stands_in_the_subject_and_where_it_belongs() {
        let mut letter = quiet();
        letter.yesterday = Yesterday {
            sent: 1_233,
            open: 2,
            handed_over: 1,
            failed: 4,
            reasons: vec![("수신자 전화번호 없음".to_owned(), 3), ("등록되지 않은 코드".to_owned(), 1)],
            ..letter.yesterday
        };
        letter.waiting = Attention { rows: 7, oldest: Some("2026-11-19T20:00:00Z".parse().unwrap()) };
        let money = letter.money.as_mut().unwrap();
        money.difference = Some(-9_000);
        money.explanations =
            vec!["상품 G00000000001의 가격이 바뀌었습니다: 발송 기록 4,500원, 지금 4,700원.".to_owned()];
        letter.lasts_days = Some(0);
        let risks = vec![Risk::TooDear { price: catalog::Krw(5_200), most: 5_000 }];
        letter.at_risk = vec![AtRisk { code: "AD3FYTFS".to_owned(), risks }];
        assert_eq!(letter.subject(), "[경품 지급] 11월 21일 현황 · 확인 필요 7건 · 잔액 차이");
        let text = "\
11월 21일(토) 경품 지급 현황

■ 어제 당첨
당첨 1,240건
발송 1,233건
자체 지급 1건
처리 중 2건
실패·확인 필요 4건
- 수신자 전화번호 없음: 3건
- 등록되지 않은 코드: 1건

■ 담당자 확인 필요 (전체)
7건
가장 오래된 건: 2일 경과

■ 비용
어제 당첨 발송액 5,580,000원
하루 예산 10,000,000원
오늘 남은 예산 9,910,000원
비즈머니 잔액 33,480,000원 (06시)
→ 하루 안에 소진될 수 있습니다.

■ 잔액 대사
기록보다 9,000원 적음
- 상품 G00000000001의 가격이 바뀌었습니다: 발송 기록 4,500원, 지금 4,700원.

■ 지급이 어려운 리워드
- AD3FYTFS: 가격 5,200원, 한도 5,000원
";
        assert_eq!(letter.text(), text);
        assert!(letter.subject().chars().count() < 100, "more is refused");
    }

    #[test]
    fn a_morning_without_a_balance_says_so_and_a_long_list_is_cut_with_its_number() {
        let mut letter = Letter { money: None, lasts_days: None, ..quiet() };
        letter.yesterday.reasons = (0..12).map(|number| (format!("ERR{number}"), 1)).collect();
        let text = letter.text();
        assert!(text.contains("오늘 아침 잔액을 확인하지 못했습니다."), "{text}");
        assert!(text.contains("- ERR9: 1건\n- 외 2개\n"), "{text}");
    }
}
