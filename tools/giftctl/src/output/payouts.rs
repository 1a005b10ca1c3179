use std::fmt::Write as _;

use operation::{PayoutLine, PayoutView, Say, Seen, Standing, Way, reason, timeline};
use payout::TrId;

use super::Style;
use super::table::{keep_ids_whole, table, text, won};
use crate::language::pick;
use crate::when;

/// Payouts, one a line.
pub(crate) fn list(lines: &[PayoutLine], style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let head = [
        "tr_id",
        pick("리워드", "reward"),
        "userKey",
        pick("상태", "state"),
        pick("시각(KST)", "since (KST)"),
        pick("사유", "why"),
    ];
    let mut rows = table(style, &head, &[]);
    for line in lines {
        rows.add_row(columns(line, style));
    }
    keep_ids_whole(&mut rows);
    text(&rows)
}

/// One payout on a line of its own, where no table can be drawn yet.
pub(crate) fn line(line: &PayoutLine, style: &Style) -> String {
    columns(line, style).join("  ").trim_end().to_owned()
}

fn columns(line: &PayoutLine, style: &Style) -> [String; 6] {
    let why = reason(&line.last_event, line.last_code.as_deref(), style.language).unwrap_or_default();
    let key = line.user_key.as_ref().map_or_else(|| pick(style.language, "(삭제됨)", "(erased)"), |key| key.as_str());
    [
        line.tr_id.as_str().to_owned(),
        line.code.as_str().to_owned(),
        key.to_owned(),
        line.state.say(style.language),
        when::minute(line.since),
        why,
    ]
}

/// One payout: its story, what Giftishow says, what may be done and what not.
pub(super) fn view(view: &PayoutView, style: &Style) -> String {
    let language = style.language;
    let pick = |korean, english| pick(language, korean, english);
    let Some(last) = view.attempts.last() else { return String::new() };
    let mut text = String::new();
    let key = last.user_key.as_ref().map_or_else(|| pick("(삭제됨)", "(erased)"), |key| key.as_str());
    let _ = writeln!(text, "{}  {}", last.tr_id.as_str(), last.state.say(language));
    let phone = view.phone.as_deref().unwrap_or_else(|| pick("등록되지 않음", "not registered here"));
    let _ = writeln!(text, "{}: {}   userKey: {key}   {phone}", pick("리워드", "reward"), last.code.as_str());
    if let Some(goods) = &last.goods_code {
        let price = last.price_krw.map(|price| format!("  {}", won(price, language))).unwrap_or_default();
        let order = last.order_no.as_deref().map(|number| format!("  {number}")).unwrap_or_default();
        let _ = writeln!(text, "{}: {goods}{price}{order}", pick("상품", "goods"));
    }
    let _ = writeln!(text, "\n{} (KST)", pick("경과", "Story"));
    for sentence in timeline(&view.attempts, &view.audit, language) {
        let attempt = match sentence.attempt {
            Some(attempt) if view.attempts.len() > 1 => format!("#{attempt} "),
            _ => String::new(),
        };
        let _ = writeln!(text, "  {}  {attempt}{}", when::second(sentence.at), sentence.text);
    }
    if let Some(seen) = &view.seen {
        let _ = writeln!(text, "\n{}: {}", pick("기프티쇼 (0201)", "Giftishow says (0201)"), says(seen, style));
    }
    ways(&mut text, view, &last.tr_id, style);
    text
}

fn says(seen: &Seen, style: &Style) -> String {
    let pick = |korean: &'static str, english: &'static str| pick(style.language, korean, english);
    let mut text = match seen.standing {
        Standing::Live => pick("사용 가능한 쿠폰", "a live coupon"),
        Standing::Used => pick("사용된 쿠폰", "a used coupon"),
        Standing::Cancelled => pick("취소된 쿠폰", "a cancelled coupon"),
        Standing::Absent => pick("쿠폰 없음", "no coupon"),
        Standing::Ambiguous => pick("판단할 수 없는 상태", "a status that tells nothing"),
        Standing::Unanswered => pick("응답 없음", "no answer"),
    }
    .to_owned();
    if let Some(status) = &seen.status {
        let _ = write!(text, " ({status})");
    }
    if let Some(until) = &seen.valid_until {
        let _ = write!(text, ", {} {until}", pick("유효기간", "valid until"));
    }
    if seen.same_goods == Some(false) {
        let _ = write!(text, ", {}", pick("다른 상품", "OTHER GOODS than were asked for"));
    }
    if seen.same_phone == Some(false) {
        let _ = write!(text, ", {}", pick("다른 번호로 발송됨", "sent to ANOTHER NUMBER than is registered now"));
    }
    if let Some(code) = &seen.send_result_code {
        let _ = write!(text, ", {} {code}", pick("문자 결과", "message"));
    }
    text
}

fn ways(text: &mut String, view: &PayoutView, tr_id: &TrId, style: &Style) {
    let pick = |korean, english| pick(style.language, korean, english);
    let (open, shut): (Vec<_>, Vec<_>) = view.ways.iter().partition(|way| way.why_not.is_none());
    if !open.is_empty() {
        let _ = writeln!(text, "\n{}", pick("할 수 있는 일", "What may be done"));
    }
    for way in open {
        let _ = writeln!(text, "  {}\n      {}", way.way.say(style.language), command(way.way, tr_id));
    }
    if !shut.is_empty() {
        let _ = writeln!(text, "\n{}", pick("할 수 없는 일", "What may not, and why"));
    }
    for way in shut {
        let why = way.why_not.as_ref().map(|why| why.say(style.language)).unwrap_or_default();
        let _ = writeln!(text, "  {}: {why}", way.way.say(style.language));
    }
}

/// What to type.
fn command(way: Way, tr_id: &TrId) -> String {
    let tr_id = tr_id.as_str();
    match way {
        Way::Reopen => format!("giftctl payout reopen {tr_id}"),
        Way::Grant => format!("giftctl payout grant {tr_id} --reason \"…\""),
        Way::Confirm => format!("giftctl payout confirm {tr_id} --reason \"…\""),
        Way::CancelAndReissue => format!("giftctl payout cancel {tr_id} --then reissue --reason \"…\""),
        Way::CancelAndClose => format!("giftctl payout cancel {tr_id} --then close --reason \"…\""),
        Way::Reissue => format!("giftctl payout reissue {tr_id} --reason \"…\""),
        Way::Close => format!("giftctl payout close {tr_id} --reason \"…\""),
        Way::Resend => format!("giftctl payout resend {tr_id}"),
    }
}
