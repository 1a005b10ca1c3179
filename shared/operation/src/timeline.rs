use payout::{Attempt, Moment, State};

use crate::audit::{AuditRecord, Ended};
use crate::language::{Language, Say};
use crate::operation::Kind;
use crate::text::reason;

/// A line of a payout's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// When.
    pub at: Moment,
    /// Which attempt it is about; `None` for what a person did.
    pub attempt: Option<u8>,
    /// What happened.
    pub text: String,
}

/// A payout's story, oldest first: what its rows still tell, and what people did.
pub fn timeline(attempts: &[Attempt], audit: &[AuditRecord], language: Language) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for row in attempts {
        let mut tell = |at, text| sentences.push(Sentence { at, attempt: Some(row.attempt), text });
        tell(row.accepted_at, accepted(row, language));
        if let Some(at) = row.send_started_at {
            tell(at, pick(language, "기프티쇼에 발송을 요청했습니다.", "Giftishow was asked to send it.").to_owned());
        }
        if let Some(at) = row.last_duplicate_at {
            let text = pick(language, "블리피가 같은 당첨을 다시 알려 왔습니다", "Bleepy named it again");
            tell(at, format!("{text} ({}).", row.duplicates));
        }
        if row.state != State::Accepted || row.state_since != row.accepted_at {
            tell(row.state_since, stands(row, language));
        }
    }
    for record in audit.iter().filter(|record| record.operation != Kind::Look) {
        sentences.push(Sentence { at: record.at, attempt: None, text: ordered(record, language) });
    }
    sentences.sort_by_key(|sentence| sentence.at);
    sentences
}

fn pick<'a>(language: Language, korean: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Ko => korean,
        Language::En => english,
    }
}

fn accepted(row: &Attempt, language: Language) -> String {
    if row.attempt > 1 {
        return format!("{} ({}).", pick(language, "다음 시도를 시작했습니다", "The next attempt began"), row.attempt);
    }
    if row.slot.as_str().starts_with("grant-") {
        return pick(language, "담당자가 직접 지급을 등록했습니다.", "A person granted it.").to_owned();
    }
    pick(language, "블리피가 당첨을 알려 왔습니다.", "Bleepy told of the win.").to_owned()
}

fn stands(row: &Attempt, language: Language) -> String {
    let state = row.state.say(language);
    match reason(&row.last_event, row.last_code.as_deref(), language) {
        Some(reason) => format!("{state}: {reason}"),
        None => format!("{state}."),
    }
}

fn ordered(record: &AuditRecord, language: Language) -> String {
    let what = record.operation.say(language);
    let ended = match record.ended {
        Ended::Intended | Ended::Done => String::new(),
        Ended::Waits => pick(language, " (승인 대기)", " (waits for approval)").to_owned(),
        Ended::Refused => pick(language, " (거절됨)", " (refused)").to_owned(),
        Ended::Unknown => pick(language, " (결과 알 수 없음)", " (outcome unknown)").to_owned(),
    };
    let why = record.reason.as_deref().map(|why| format!(" “{why}”")).unwrap_or_default();
    format!("{what}{ended} — {}{why}", record.caller.who)
}
