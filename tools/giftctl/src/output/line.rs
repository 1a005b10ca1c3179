use std::fmt::Write as _;

use operation::{LineView, Say};
use payout::{EndsBy, Line, Pause};

use super::Style;
use super::table::won;
use crate::language::pick;
use crate::when;

/// Open; or paused, why and since when.
pub(super) fn state(line: &Line, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    match &line.pause {
        None => pick("발송 가능", "open: payouts are sent").to_owned(),
        Some(pause) => {
            let why = pause.reason.say(style.language);
            format!("{}: {why} ({} KST ~)", pick("중지됨", "paused"), when::second(pause.since))
        }
    }
}

/// Likewise; and by whose order, and what ends it.
pub(super) fn view(view: &LineView, style: &Style) -> String {
    let mut text = state(&view.line, style);
    let LineView { line: Line { pause, open_since, .. }, by } = view;
    if let (None, Some(since)) = (pause, open_since) {
        let _ = write!(text, " ({} KST ~)", when::second(*since));
    }
    if let Some(by) = by {
        let why = by.reason.as_deref().map(|why| format!(" “{why}”")).unwrap_or_default();
        let _ = write!(text, "\n{}: {}{why}", pick(style.language, "지시한 사람", "ordered by"), by.caller.who);
    }
    if let Some(pause) = pause {
        let _ = write!(text, "\n{}", ends(pause, style));
    }
    text
}

fn ends(pause: &Pause, style: &Style) -> String {
    let pick = |korean, english| pick(style.language, korean, english);
    let at = when::second(pause.probe_at);
    match pause.reason.ends_by() {
        EndsBy::Probe => {
            let needed = pause
                .needed
                .map(|needed| format!(", {} {}", pick("필요한 잔액", "it needs"), won(needed, style.language)));
            format!("{}: {at} KST{}", pick("다음 확인", "looked at again by itself"), needed.unwrap_or_default())
        }
        EndsBy::Time => format!("{}: {at} KST", pick("자동 재개", "ends by itself")),
        EndsBy::Person => "→ giftctl line resume --reason \"…\"".to_owned(),
        EndsBy::Repair => "→ giftctl restore repair".to_owned(),
    }
}
