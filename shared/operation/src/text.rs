//! What people read, in Korean and English: states, orders, refusals, reasons.

use payout::{PauseReason, State};

use crate::language::{Language, Say};
use crate::operation::Kind;
use crate::refusal::Refusal;
use crate::way::{Way, WhyNot};

fn pick(language: Language, korean: &str, english: &str) -> String {
    match language {
        Language::Ko => korean.to_owned(),
        Language::En => english.to_owned(),
    }
}

impl Say for State {
    fn say(&self, language: Language) -> String {
        let (korean, english) = match self {
            Self::Accepted => ("접수됨", "accepted"),
            Self::Sending => ("발송 중", "sending"),
            Self::Unknown => ("결과 확인 중", "being checked"),
            Self::Sent => ("발송됨", "sent"),
            Self::Failed => ("실패", "failed"),
            Self::Dead => ("무효", "dead"),
            Self::Review => ("담당자 확인 필요", "needs a decision"),
            Self::HandedOver => ("자체 지급", "handed over by the company"),
            Self::Closed => ("종결", "closed"),
        };
        pick(language, korean, english)
    }
}

impl Say for PauseReason {
    fn say(&self, language: Language) -> String {
        let (korean, english) = match self {
            Self::Credentials => ("기프티쇼가 인증 정보를 거부함", "Giftishow refuses the credentials"),
            Self::Configuration => {
                ("기프티쇼가 계정 또는 요청 방식을 거부함", "Giftishow refuses the account or how it is asked")
            }
            Self::Balance => ("비즈머니 잔액 부족", "the prepaid balance is too low"),
            Self::Outage => ("기프티쇼 무응답", "Giftishow does not answer"),
            Self::DailyBudget => ("하루 예산 소진", "the daily budget is used up"),
            Self::SendsPerHour => ("시간당 발송 한도 도달", "the sends of this hour are used up"),
            Self::Operator => ("담당자가 중지함", "a person has stopped it"),
            Self::Restored => ("지급 테이블이 과거 사본임", "the table of payouts is an older copy of itself"),
        };
        pick(language, korean, english)
    }
}

impl Say for Kind {
    fn say(&self, language: Language) -> String {
        let (korean, english) = match self {
            Self::Stack => ("스택 확인", "stack"),
            Self::Doctor => ("점검", "doctor"),
            Self::Find => ("검색", "find"),
            Self::List => ("목록", "list"),
            Self::Look => ("조회", "look"),
            Self::Reopen => ("다시 열기", "re-open"),
            Self::Grant => ("지급 승인", "grant"),
            Self::GrantNew => ("직접 지급", "grant a new payout"),
            Self::Confirm => ("발송 확정", "confirm"),
            Self::Cancel => ("쿠폰 취소 지시", "order a cancel"),
            Self::Reissue => ("재발행", "re-issue"),
            Self::Close => ("종결", "close"),
            Self::Resend => ("문자 재전송 요청", "resend"),
            Self::LineShow => ("발송 상태 조회", "show the line"),
            Self::Pause => ("발송 중지", "pause"),
            Self::Resume => ("발송 재개", "resume"),
            Self::RewardPut => ("리워드 등록", "put a reward"),
            Self::RewardList => ("리워드 목록", "list rewards"),
            Self::RewardShow => ("리워드 조회", "show a reward"),
            Self::RewardDisable => ("리워드 중지", "disable a reward"),
            Self::RecipientPut => ("수신자 등록", "put a recipient"),
            Self::RecipientShow => ("수신자 조회", "show a recipient"),
            Self::RecipientReveal => ("전화번호 전체 조회", "reveal a phone number"),
            Self::RecipientErase => ("수신자 삭제", "erase a recipient"),
            Self::RecipientImport => ("수신자 일괄 등록", "import recipients"),
            Self::CouponShow => ("쿠폰 번호 조회", "show a coupon's PIN"),
            Self::Balance => ("잔액 조회", "balance"),
            Self::Report => ("월간 보고", "report"),
            Self::Days => ("일별 현황", "days"),
            Self::Money => ("대사 조회", "money"),
            Self::Reconcile => ("대사 실행", "reconcile"),
            Self::TopUp => ("충전 확인", "confirm a top-up"),
            Self::Audit => ("감사 기록", "audit"),
            Self::Approve => ("승인", "approve"),
            Self::RestoreCopy => ("복원본 복사", "copy from a restored table"),
            Self::RestoreRepair => ("테이블 복구", "repair the table"),
        };
        pick(language, korean, english)
    }
}

impl Say for Way {
    fn say(&self, language: Language) -> String {
        let (korean, english) = match self {
            Self::Reopen => ("다시 열기", "re-open"),
            Self::Grant => ("지급 승인", "grant"),
            Self::Confirm => ("발송 확정", "confirm"),
            Self::CancelAndReissue => ("쿠폰 취소 후 재발행", "cancel, then re-issue"),
            Self::CancelAndClose => ("쿠폰 취소 후 종결", "cancel, then close"),
            Self::Reissue => ("재발행", "re-issue"),
            Self::Close => ("종결", "close"),
            Self::Resend => ("문자 재전송", "resend"),
        };
        pick(language, korean, english)
    }
}

impl Say for WhyNot {
    #[expect(clippy::too_many_lines, reason = "it is a table: a line for each")]
    fn say(&self, language: Language) -> String {
        let (korean, english) = match self {
            Self::State(state) => {
                let state = state.say(language);
                return match language {
                    Language::Ko => format!("‘{state}’ 상태에서는 할 수 없습니다."),
                    Language::En => format!("It is not for a payout that is {state}."),
                };
            }
            Self::RewardWrong(problem) => {
                return match language {
                    Language::Ko => format!("지금의 리워드 설정으로는 지급할 수 없습니다: {problem}."),
                    Language::En => format!("Its reward could not be paid as it is: {problem}."),
                };
            }
            Self::TooSoon { again_at } => {
                return match language {
                    Language::Ko => format!("방금 재전송을 요청했습니다. {again_at} 이후에 다시 할 수 있습니다."),
                    Language::En => format!("It was sent again a moment ago; it may be again at {again_at}."),
                };
            }
            Self::Settling { again_at } => {
                return match language {
                    Language::Ko => {
                        format!("먼저 보낸 취소가 아직 처리될 수 있습니다. {again_at} 이후에 다시 확인하십시오.")
                    }
                    Language::En => {
                        format!("A cancel that left before may still end its coupon; look again at {again_at}.")
                    }
                };
            }
            Self::NotTheLast => (
                "다음 시도로 넘어간 건입니다. 마지막 시도를 보십시오.",
                "A later attempt has taken its place: look at the last one.",
            ),
            Self::RewardMissing => {
                ("이 코드의 리워드가 등록되어 있지 않습니다.", "Its code stands for no reward: register it first.")
            }
            Self::RewardInactive => ("리워드가 중지되어 있습니다.", "Its reward is switched off: switch it on first."),
            Self::RecipientMissing => (
                "수신자 전화번호가 등록되어 있지 않습니다.",
                "Nobody is registered for its user key: register the recipient first.",
            ),
            Self::Erased => ("수신자 정보가 삭제된 건입니다.", "Its user key was erased."),
            Self::NotRepeated => ("중복 의심 건이 아닙니다.", "It is no question of repetition."),
            Self::MaybeRepeated => (
                "별개의 당첨인지 판단이 필요합니다. 승인하거나 종결하십시오.",
                "Say whether it is a win of its own: grant it, or close it.",
            ),
            Self::WasSent => (
                "이미 발송을 요청한 건이라 같은 번호로 다시 보낼 수 없습니다.",
                "Giftishow was asked for it: the same tr_id must not be sent again.",
            ),
            Self::NeverSent => (
                "발송을 요청한 적이 없습니다. 다시 열거나 종결하십시오.",
                "Giftishow was never asked for it: re-open it, or close it.",
            ),
            Self::Unanswered => (
                "기프티쇼가 응답하지 않아 쿠폰 상태를 알 수 없습니다.",
                "Giftishow does not answer: whether a coupon lives is not known. Try again.",
            ),
            Self::CouponLives => {
                ("쿠폰이 살아 있습니다. 먼저 취소를 지시하십시오.", "Its coupon lives: order a cancel instead.")
            }
            Self::CouponUsed => ("이미 사용된 쿠폰입니다.", "The winner has used its coupon."),
            Self::NoCoupon => ("쿠폰이 없습니다.", "There is no coupon."),
            Self::CouponUnclear => (
                "쿠폰 상태를 판단할 수 없습니다. 취소를 지시하면 기프티쇼가 답합니다.",
                "What its coupon's status means only Giftishow can say: order a cancel to find out.",
            ),
            Self::NotOurs => (
                "다른 상품의 쿠폰입니다. 우리 쿠폰이 아닐 수 있습니다.",
                "The coupon has other goods: it may be somebody else's.",
            ),
            Self::PinLost => (
                "핀 번호를 잃어 당첨자가 쓸 수 없는 쿠폰입니다.",
                "Its PIN is lost: the coupon is of no use to the winner.",
            ),
            Self::TooLate => (
                "발송 후 7일이 지나 취소할 수 없습니다.",
                "It was sent more than seven days ago: Giftishow cancels it no more.",
            ),
            Self::NoMoreAttempts => ("더 이상 시도할 수 없습니다.", "It has had as many attempts as can be counted."),
            Self::NoMessage => ("문자로 보낸 쿠폰이 아닙니다.", "It was not sent by a message."),
            Self::TooOften => (
                "오늘은 세 번 재전송했습니다. 내일 다시 할 수 있습니다.",
                "It was sent again three times today; it may be again tomorrow.",
            ),
        };
        pick(language, korean, english)
    }
}

impl Say for Refusal {
    #[expect(clippy::too_many_lines, reason = "it is a table: a line for each")]
    fn say(&self, language: Language) -> String {
        let korean = language == Language::Ko;
        match self {
            Self::NotAllowed { operation, roles } => {
                let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                let (what, roles) = (operation.say(language), roles.join(", "));
                let roles = if roles.is_empty() { "-".to_owned() } else { roles };
                if korean {
                    format!("‘{what}’ 권한이 없습니다 (역할: {roles}).")
                } else {
                    format!("You may not do this ({what}); your roles: {roles}.")
                }
            }
            Self::NoReason => pick(language, "사유를 적어야 합니다.", "Say why: this needs a reason."),
            Self::NotFound { what } => {
                if korean {
                    format!("찾을 수 없습니다: {}.", thing(what))
                } else {
                    format!("There is no such {what}.")
                }
            }
            Self::NotPossible { why, .. } => why.say(language),
            Self::ChangedMeanwhile { what } => {
                if korean {
                    format!("그사이 변경되었습니다: {}. 다시 조회하십시오.", thing(what))
                } else {
                    format!("The {what} was changed by somebody else meanwhile: look again.")
                }
            }
            Self::NotAsExpected { found, expected } => {
                if korean {
                    format!("예상한 건수({expected})와 다릅니다: {found}건.")
                } else {
                    format!("There are {found} of them, not {expected}: nothing was done.")
                }
            }
            Self::BadInput { field, why } => {
                if korean {
                    format!("입력값이 올바르지 않습니다: {field} {why}.")
                } else {
                    format!("{field} {why}.")
                }
            }
            Self::RewardWrong { problems } => {
                let problems = problems.join("; ");
                if korean {
                    format!("리워드를 등록할 수 없습니다: {problems}.")
                } else {
                    format!("The reward cannot be taken: {problems}.")
                }
            }
            Self::OrderDiffers => pick(
                language,
                "같은 번호로 다른 지시가 있었습니다.",
                "This order's id was used for another order: nothing was done.",
            ),
            Self::SamePerson => pick(
                language,
                "지시한 사람이 스스로 승인할 수 없습니다.",
                "Whoever gave the order cannot approve it: a second person must.",
            ),
            Self::NotWaiting => {
                pick(language, "승인을 기다리는 지시가 아닙니다.", "The order does not wait for approval.")
            }
            Self::Expired { asked_at } => {
                if korean {
                    format!("승인 기한이 지났습니다 ({asked_at}). 다시 지시하십시오.")
                } else {
                    format!("The order has waited since {asked_at}, which is too long: give it again.")
                }
            }
            Self::StillOpen { tr_ids } => {
                let tr_ids: Vec<&str> = tr_ids.iter().map(payout::TrId::as_str).collect();
                let tr_ids = tr_ids.join(", ");
                if korean {
                    format!("진행 중인 지급이 있습니다: {tr_ids}. 끝난 뒤에 하십시오.")
                } else {
                    format!("Payouts of this person are open: {tr_ids}. Let them end, or close them, first.")
                }
            }
            Self::Unavailable { what } => {
                if korean {
                    format!("응답이 없습니다: {what}. 다시 시도해도 안전합니다.")
                } else {
                    format!("{what} did not answer; nothing was done, and trying again is safe.")
                }
            }
            Self::Unreadable { why } => {
                if korean {
                    format!("요청을 읽을 수 없습니다: {why}.")
                } else {
                    format!("The request cannot be read: {why}.")
                }
            }
        }
    }
}

/// What a refusal is about, in Korean.
fn thing(what: &str) -> &str {
    match what {
        "payout" => "지급 건",
        "reward" => "리워드",
        "recipient" => "수신자",
        "coupon" => "쿠폰",
        "order" => "지시",
        "table" => "테이블",
        "line" => "발송 라인",
        other => other,
    }
}

/// Why a row stands where it stands, by what wrote it last; `None` where the state says it all.
pub fn reason(event: &str, code: Option<&str>, language: Language) -> Option<String> {
    let (korean, english) = match (event, code) {
        (_, Some("reward_missing")) => ("등록되지 않은 코드", "its code stands for no reward"),
        (_, Some("reward_inactive")) => ("중지된 리워드", "its reward is switched off"),
        (_, Some("maybe_repeated")) => ("같은 당첨의 재전송일 수 있음", "it may be the repetition of another win"),
        (_, Some("recipient_missing")) => ("수신자 전화번호 없음", "nobody is registered for its user key"),
        ("goods_withdrawn", _) => ("판매가 종료된 상품", "its goods were withdrawn"),
        ("dearer_than_allowed", _) => ("상품 가격이 한도를 넘음", "its goods are dearer than allowed"),
        ("outside_send_hours", _) => ("발송 시간 대기", "it waits for the sending hours"),
        ("awaits_recipient", _) => ("수신자 등록 대기", "it waits for its recipient"),
        ("duplicate_of_foreign", _) => ("같은 번호로 다른 쿠폰이 있음", "its tr_id has another coupon"),
        ("not_cancellable", _) => ("기프티쇼가 취소하지 못함", "Giftishow could not cancel it"),
        ("already_used", _) => ("이미 사용된 쿠폰", "the winner had used it"),
        ("reissue_ordered", _) => ("취소 후 재발행 지시", "a person ordered a cancel and a new coupon"),
        ("close_ordered", _) => ("취소 후 종결 지시", "a person ordered a cancel"),
        ("input_refused", Some(code)) => {
            return Some(match language {
                Language::Ko => format!("기프티쇼가 요청을 거부함 ({code})"),
                Language::En => format!("Giftishow refused what was asked ({code})"),
            });
        }
        (_, Some(code)) => return Some(code.to_owned()),
        _ => return None,
    };
    Some(pick(language, korean, english))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    #[test]
    fn every_word_has_two_languages() {
        let differ = |thing: &dyn Say| assert_ne!(thing.say(Language::Ko), thing.say(Language::En));
        for state in State::ALL {
            differ(&state);
        }
        for kind in Kind::ALL {
            differ(&kind);
        }
        for way in Way::ALL {
            differ(&way);
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let refused = Refusal::NotAllowed { operation: Kind::Pause, roles: vec![Role::Viewer, Role::Cs] };
        assert_eq!(refused.say(Language::En), "You may not do this (pause); your roles: viewer, cs.");
        let found = Refusal::NotAsExpected { found: 3, expected: 2 };
        assert_eq!(found.say(Language::Ko), "예상한 건수(2)와 다릅니다: 3건.");
    }
}
