//! The verdict on people's work: Giftishow's ledger, what the balance says, and the audit.

use giftishow_sim::{Ledger, PinStatus};
use operation::{AuditRecord, Ended, Language, MoneyDay, Say as _};
use serde_json::Value;

use super::desk::Given;
use super::report::name;

/// Whether the coupon of a `tr_id` went to a number.
type WentTo<'a> = Box<dyn Fn(&str, &str) -> bool + 'a>;

/// What is judged besides rows and ledger.
pub(super) struct Evidence<'a> {
    /// Whose coupon went to a wrong number.
    pub(super) winner: &'a str,
    /// The attempt whose cancel was ordered.
    pub(super) ordered: Option<&'a str>,
    /// The wrong number and the right one.
    pub(super) numbers: [&'a str; 2],
    /// Where coupons went, by the fake Giftishow.
    pub(super) went_to: WentTo<'a>,
    /// Every order.
    pub(super) given: &'a [Given],
    /// The balance after it all, compared.
    pub(super) money: Option<&'a MoneyDay>,
    /// The audit.
    pub(super) audit: &'a [AuditRecord],
}

/// What is wrong, one sentence each; empty if the coupon has moved to the right number, nothing is missing, and everybody can see
/// who did it and why.
pub(super) fn judge_people(evidence: &Evidence<'_>, rows: &[Value], ledger: &Ledger) -> Vec<String> {
    let mut problems = moved(evidence, rows, ledger);
    problems.extend(balanced(evidence.money, ledger));
    problems.extend(evidence.given.iter().filter_map(|given| recorded(given, evidence.audit)));
    let audit = serde_json::to_string(evidence.audit).unwrap_or_default();
    if evidence.numbers.iter().any(|number| audit.contains(number)) {
        problems.push("the audit holds a phone number".to_owned());
    }
    problems
}

/// The first coupon on the wrong number and cancelled, the live one on the right number.
fn moved(evidence: &Evidence<'_>, rows: &[Value], ledger: &Ledger) -> Vec<String> {
    let (winner, [wrong, right]) = (evidence.winner, evidence.numbers);
    let mut problems = Vec::new();
    let Some(first) = evidence.ordered else { return vec![format!("no cancel was ordered for {winner}")] };
    if !ledger.find(first).is_some_and(|entry| entry.status == PinStatus::Cancelled) {
        problems.push(format!("{first} is not cancelled there"));
    }
    if !(evidence.went_to)(first, wrong) {
        problems.push(format!("{first} did not go to the wrong number"));
    }
    let own = rows.iter().filter(|row| row["user_key"] == winner).filter_map(|row| row["tr_id"].as_str());
    let live: Vec<&str> = own.filter(|tr_id| ledger.live_for([*tr_id]) == 1).collect();
    if live.is_empty() || !live.iter().all(|tr_id| (evidence.went_to)(tr_id, right)) {
        problems.push(format!("{winner} has no live coupon on the right number alone"));
    }
    problems
}

fn balanced(money: Option<&MoneyDay>, ledger: &Ledger) -> Option<String> {
    let Some(money) = money else { return Some("the balance was not compared with the rows".to_owned()) };
    let MoneyDay { balance, difference, explanations, .. } = money;
    match difference {
        None => Some("there was nothing to compare the balance with".to_owned()),
        Some(0) => {
            (balance.0 != ledger.balance).then(|| format!("the balance is {} won there, not {balance}", ledger.balance))
        }
        Some(won) => Some(format!("balance and rows differ by {won} won: {}", explanations.join(" "))),
    }
}

/// What is wrong if the audit does not hold who gave an order, about what, why, and that it was done.
fn recorded(given: &Given, audit: &[AuditRecord]) -> Option<String> {
    let is_it = |record: &AuditRecord| {
        name(&record.caller.who) == given.who
            && record.operation == given.kind
            && record.about == given.about
            && record.reason.as_deref() == given.reason
            && record.ended == Ended::Done
    };
    let about = given.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
    let what = given.kind.say(Language::En);
    (!audit.iter().any(is_it))
        .then(|| format!("the audit does not hold that {} did this, and why: {what}{about}", given.who))
}

#[cfg(test)]
mod tests {
    use super::*;
    use operation::Kind;
    use serde_json::json;

    const NUMBERS: [&str; 2] = ["01000001111", "01000001234"];

    /// A ledger of two coupons with these states.
    fn ledger(first: &str, second: &str) -> Ledger {
        let entry = |tr_id: &str, status: &str| {
            json!({
                "tr_id": tr_id, "order_no": "1", "goods_code": "G00000000001", "price": 4500, "gubun": "N",
                "status": status, "issued_at": "2026-01-01T00:00:00Z", "cancelled_at": null, "used_at": null,
            })
        };
        serde_json::from_value(json!({
            "balance_start": 100_000, "balance": 95_500, "adjusted_won": 0, "issued_won": 9_000, "cancelled_won": 4_500,
            "live": 1, "used": 0, "cancelled": 1, "entries": [entry("first", first), entry("second", second)],
            "requests": {}, "in_flight": {}, "in_flight_max": {}, "duplicates_refused": 0, "refused": {}, "events": [],
        }))
        .unwrap()
    }

    fn record(who: &str, reason: Option<&str>, ended: &str) -> AuditRecord {
        let caller =
            json!({ "who": format!("arn:aws:iam::000000000000:user/{who}"), "via": "iam", "roles": ["admin"] });
        let record = json!({
            "order": "0123456789abcdef", "at": "2026-01-01T00:00:00.000Z", "caller": caller, "operation": "cancel",
            "about": "first", "reason": reason, "ended": ended,
        });
        serde_json::from_value(record).unwrap()
    }

    fn money(balance: u64, difference: Option<i64>) -> MoneyDay {
        let day = json!({
            "day": "2026-01-01", "at": "2026-01-01T00:00:00.000Z", "balance": balance, "issued": 9_000, "cancelled": 4_500,
            "topped_up": 0, "difference": difference,
        });
        serde_json::from_value(day).unwrap()
    }

    /// What is found wrong with all of this; the second coupon went to `number`.
    fn problems(ledger: &Ledger, number: &str, money: Option<&MoneyDay>, audit: &[AuditRecord]) -> Vec<String> {
        let given =
            [Given { who: "minji", kind: Kind::Cancel, about: Some("first".to_owned()), reason: Some("wrong number") }];
        let evidence = Evidence {
            winner: "u",
            ordered: Some("first"),
            numbers: NUMBERS,
            went_to: Box::new(|tr_id, phone| phone == if tr_id == "first" { NUMBERS[0] } else { number }),
            given: &given,
            money,
            audit,
        };
        let rows = ["first", "second"].map(|tr_id| json!({ "tr_id": tr_id, "user_key": "u" }));
        judge_people(&evidence, &rows, ledger)
    }

    #[test]
    fn a_coupon_that_moved_with_its_won_and_its_record_is_right_and_everything_else_is_not() {
        let (ended, even) = (ledger("07", "01"), money(95_500, Some(0)));
        let (done, why) = (record("minji", Some("wrong number"), "done"), Some("wrong number"));
        let told = std::slice::from_ref(&done);
        let right = NUMBERS[1];
        assert_eq!(problems(&ended, right, Some(&even), told), Vec::<String>::new());

        let number = record("minji", Some("wrong number"), "done");
        let number = AuditRecord { result: Some(right.to_owned()), ..number };
        let cases: [(&str, Vec<String>); 10] = [
            ("the first still lives", problems(&ledger("01", "07"), right, Some(&even), told)),
            ("the second was cancelled, too", problems(&ledger("07", "07"), right, Some(&even), told)),
            ("the second went to the wrong number", problems(&ended, NUMBERS[0], Some(&even), told)),
            ("nobody compared the balance", problems(&ended, right, None, told)),
            ("there was nothing to compare it with", problems(&ended, right, Some(&money(95_500, None)), told)),
            ("won are missing", problems(&ended, right, Some(&money(95_000, Some(-500))), told)),
            ("nobody knows who", problems(&ended, right, Some(&even), &[record("jiho", why, "done")])),
            ("nobody knows why", problems(&ended, right, Some(&even), &[record("minji", None, "done")])),
            ("it was refused", problems(&ended, right, Some(&even), &[record("minji", why, "refused")])),
            ("a number is told", problems(&ended, right, Some(&even), &[number])),
        ];
        for (case, problems) in cases {
            assert!(!problems.is_empty(), "{case}");
        }
    }
}
