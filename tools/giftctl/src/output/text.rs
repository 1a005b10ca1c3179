use std::fmt::Write as _;

use operation::{AuditRecord, Giftishow, Imported, Many, Outcome, RecipientView, Say, StackView};
use payout::Krw;

use super::table::{count, keep_ids_whole, table, text as table_text, won};
use super::{Style, chart, checks, line, money, payouts, reward};
use crate::language::pick;
use crate::when;

/// An outcome for people.
pub(crate) fn text(outcome: &Outcome, style: &Style) -> String {
    match outcome {
        Outcome::Stack(view) => stack(view, style),
        Outcome::Checks(list) => checks(list, style),
        Outcome::Payouts(page) => payouts::list(&page.rows, style),
        Outcome::Payout(view) => payouts::view(view, style),
        Outcome::Many(many) => rows(many, style),
        Outcome::Line(state) => line::state(state, style),
        Outcome::LineShown(view) => line::view(view, style),
        Outcome::Rewards(views) => reward::list(views, style),
        Outcome::Recipient(view) => recipient(view, style),
        Outcome::Imported(imported) => import(imported, style),
        Outcome::Report(lines) => money::report(lines, style),
        Outcome::Days(days) => chart(days, style),
        Outcome::Money(view) => money::money(view, style),
        Outcome::Audit(page) => audit(&page.rows, style),
        other => sentence(other, style),
    }
}

/// What is said in a sentence or two.
fn sentence(outcome: &Outcome, style: &Style) -> String {
    let language = style.language;
    let pick = |korean: &'static str, english: &'static str| pick(language, korean, english);
    match outcome {
        Outcome::Changed { tr_id, state, next } => {
            let next = next.as_ref().map(|next| format!(" → {}", next.as_str())).unwrap_or_default();
            format!("{}  {}{next}", tr_id.as_str(), state.say(language))
        }
        Outcome::Would { rows, cost, needs_second } => would(*rows, *cost, *needs_second, style),
        Outcome::WaitsForSecond { order, cost } => format!(
            "{} ({})\n  → giftctl approve {}",
            pick("다른 담당자의 승인을 기다립니다", "It waits for a second person"),
            won(*cost, language),
            order.as_str()
        ),
        Outcome::AlreadyDone { at, result } => format!(
            "{}: {} KST {}",
            pick("이미 처리된 지시입니다", "This order was carried out before, nothing was done now"),
            when::second(*at),
            result.as_deref().unwrap_or_default()
        ),
        Outcome::ResendRequested { left_today } => format!(
            "{} {left_today}",
            pick(
                "재전송을 요청했습니다 (도착 확인은 아닙니다). 오늘 남은 횟수:",
                "Requested, which is not delivered. Possible today still:"
            )
        ),
        Outcome::Unknown { what } => what.clone(),
        Outcome::Erased { was_registered, rows } => {
            let number = if *was_registered {
                pick("번호를 삭제했습니다.", "The number was deleted.")
            } else {
                pick("등록된 번호가 없었습니다.", "No number was registered.")
            };
            format!("{number} {}: {}", pick("userKey를 지운 행", "Rows without the user key now"), count(*rows))
        }
        Outcome::Coupon { pin_no, coupon_img_url } => {
            format!("{pin_no}\n{}", coupon_img_url.as_deref().unwrap_or_default())
        }
        Outcome::Balance { balance } => won(*balance, language),
        Outcome::Copied { copied, there, next } => format!(
            "{} {}, {} {}{}",
            pick("복사", "copied"),
            count(*copied),
            pick("이미 있음", "there already"),
            count(*there),
            if next.is_some() { " …" } else { "" }
        ),
        Outcome::Repaired { successors, looked_up_first, for_a_person, next } => format!(
            "{}: {}\n{}: {}\n{}: {}{}",
            pick("다시 쓴 다음 시도", "next attempts written again"),
            count(*successors),
            pick("먼저 조회할 건", "open rows that are looked up first"),
            count(*looked_up_first),
            pick("담당자 확인 필요", "rows that a person must look at"),
            count(*for_a_person),
            if next.is_some() { " …" } else { "" }
        ),
        _ => String::new(),
    }
}

fn would(rows: u64, cost: Krw, needs_second: bool, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let mut text = format!(
        "{}: {}   {}: {}",
        pick("대상", "rows"),
        count(rows),
        pick("최대 비용", "costs at most"),
        won(cost, style.language)
    );
    if needs_second {
        let _ = write!(text, "   {}", pick("다른 담당자의 승인 필요", "a second person must approve"));
    }
    text
}

/// Which stack, real or simulated, whose money: on one line.
pub(crate) fn stack_line(view: &StackView, style: &Style) -> String {
    let pick = |korean: &'static str, english: &'static str| pick(style.language, korean, english);
    let (words, colour) = match view.giftishow {
        Giftishow::Real => (pick("실제 기프티쇼, 실제 비용", "REAL Giftishow, real money"), "31"),
        Giftishow::Simulated => (pick("모의 기프티쇼, 비용 없음", "simulated Giftishow, no money"), "32"),
    };
    let words = if style.colour { format!("\u{1b}[{colour}m{words}\u{1b}[0m") } else { words.to_owned() };
    let account = view.account.as_deref().unwrap_or("?");
    format!("{}  {words}  {} {account}", view.name, pick("계정", "account"))
}

fn stack(view: &StackView, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let roles: Vec<&str> = view.roles.iter().map(|role| role.as_str()).collect();
    let above = view.four_eyes_above.map_or_else(|| "-".to_owned(), |above| won(above, style.language));
    format!(
        "{}\n{}: {}\n{}: {} ({})\n{}: {above}\n",
        stack_line(view, style),
        pick("네임스페이스", "namespace"),
        view.namespace,
        pick("사용자", "you are"),
        view.caller,
        roles.join(", "),
        pick("2인 승인 기준", "a second person above"),
    )
}

fn rows(many: &Many, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let mut rows = table(style, &["tr_id", pick("결과", "result")], &[]);
    for row in &many.rows {
        let result = match (&row.state, &row.refused) {
            (_, Some(refusal)) => format!("✘ {}", refusal.say(style.language)),
            (Some(state), None) => state.say(style.language),
            (None, None) => String::new(),
        };
        rows.add_row([row.tr_id.as_str().to_owned(), result]);
    }
    keep_ids_whole(&mut rows);
    let mut text = table_text(&rows);
    let refused = many.rows.iter().filter(|row| row.refused.is_some()).count();
    let _ =
        writeln!(text, "{} {}, {} {refused}", pick("처리", "done"), many.rows.len() - refused, pick("거절", "refused"));
    if many.left > 0 {
        let said = pick("남은 건 (같은 명령을 이 건수로 다시)", "left; type the same again with --expect");
        let _ = writeln!(text, "{said} {}", many.left);
    }
    text
}

fn recipient(view: &RecipientView, style: &Style) -> String {
    let until = view.expires_at.map_or_else(|| "-".to_owned(), |at| format!("{} KST", when::second(at)));
    format!("{}  {}  {} {until}", view.user_key.as_str(), view.phone, pick(style.language, "만료", "until"))
}

fn import(imported: &Imported, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    format!(
        "{} {}, {} {}, {} {}, {} {}",
        pick("새로 등록", "new"),
        count(imported.new),
        pick("변경", "changed"),
        count(imported.changed),
        pick("그대로", "unchanged"),
        count(imported.unchanged),
        pick("오류", "not taken"),
        imported.problems.len()
    )
}

fn audit(records: &[AuditRecord], style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let head = [
        pick("시각(KST)", "when (KST)"),
        pick("누가", "who"),
        pick("무엇을", "what"),
        pick("대상", "about"),
        pick("결과", "ended"),
        pick("사유", "why"),
    ];
    let mut rows = table(style, &head, &[]);
    for record in records {
        let result = record.result.as_deref().map(|result| format!(" ({result})")).unwrap_or_default();
        rows.add_row([
            when::minute(record.at),
            record.caller.who.clone(),
            record.operation.say(style.language),
            record.about.clone().unwrap_or_default(),
            format!("{}{result}", record.ended.as_str()),
            record.reason.clone().unwrap_or_default(),
        ]);
    }
    table_text(&rows)
}
