use std::fmt::Write as _;

use operation::{MoneyView, ReportLine};

use super::Style;
use super::table::{count, table, text, won};
use crate::language::pick;
use crate::when;

/// A month per reward.
pub(super) fn report(lines: &[ReportLine], style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let head = [
        pick("리워드", "reward"),
        pick("당첨", "wins"),
        pick("발송", "sent"),
        pick("자체", "company"),
        pick("진행", "open"),
        pick("종결", "closed"),
        pick("확인 필요", "waiting"),
        pick("무효", "dead"),
        pick("원", "won"),
    ];
    let mut rows = table(style, &head, &[1, 2, 3, 4, 5, 6, 7, 8]);
    for line in lines {
        let waiting: u64 = line.waiting.iter().map(|reason| reason.1).sum();
        let numbers = [line.wins, line.sent, line.handed_over, line.open, line.closed, waiting, line.dead, line.won.0];
        rows.add_row(std::iter::once(line.code.as_str().to_owned()).chain(numbers.map(count)));
    }
    let mut text = text(&rows);
    for line in lines.iter().filter(|line| !line.waiting.is_empty()) {
        let reasons: Vec<String> =
            line.waiting.iter().map(|(reason, number)| format!("{reason} {}", count(*number))).collect();
        let _ = writeln!(text, "{} {}: {}", line.code.as_str(), pick("확인 필요", "waiting"), reasons.join(", "));
    }
    text
}

/// Balance against rows.
pub(super) fn money(view: &MoneyView, style: &Style) -> String {
    let language = style.language;
    let pick = |korean, english| pick(language, korean, english);
    let head = [
        pick("날짜", "day"),
        pick("잔액", "balance"),
        pick("발행", "issued"),
        pick("취소", "cancelled"),
        pick("충전", "topped up"),
        pick("차이", "difference"),
    ];
    let mut rows = table(style, &head, &[1, 2, 3, 4, 5]);
    for day in &view.days {
        let difference = day.difference.map_or_else(|| "-".to_owned(), signed);
        let numbers = [day.balance, day.issued, day.cancelled, day.topped_up].map(|amount| count(amount.0));
        rows.add_row(std::iter::once(day.day.clone()).chain(numbers).chain([difference]));
    }
    let mut text = text(&rows);
    for day in &view.days {
        for explanation in &day.explanations {
            let _ = writeln!(text, "{}: {explanation}", day.day);
        }
    }
    if let Some(days) = view.lasts_days {
        let _ = writeln!(text, "{}: {}", pick("잔액 소진까지 (일)", "the balance lasts for days"), count(days));
    }
    if let Some(left) = view.budget_left {
        let _ = writeln!(text, "{}: {}", pick("오늘 남은 예산", "left of today's budget"), won(left, language));
    }
    if let Some(last) = view.days.first() {
        let _ = writeln!(text, "{}: {} KST", pick("기준", "as of"), when::second(last.at));
    }
    text
}

fn signed(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}", count(amount.unsigned_abs()))
}
