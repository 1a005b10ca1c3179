//! The verdict: Giftishow's ledger against what was promised. Our own rows are only compared with it.

use std::collections::{BTreeMap, BTreeSet};

use giftishow_sim::Ledger;
use serde_json::Value;

/// What is wrong, one sentence each; empty if every winner has exactly one live coupon and both sides agree.
pub fn judge(winners: &[String], rows: &[Value], ledger: &Ledger) -> Vec<String> {
    let mut problems = Vec::new();
    let mut attempts = BTreeMap::<&str, Vec<&str>>::new();
    for row in rows {
        attempts.entry(text(row, "user_key")).or_default().push(text(row, "tr_id"));
    }
    for winner in winners {
        let own = attempts.get(winner.as_str()).cloned().unwrap_or_default();
        let live = ledger.live_for(own.iter().copied());
        if live != 1 {
            let states: Vec<String> =
                rows.iter().filter(|row| row["user_key"] == **winner).map(|row| told(text(row, "state"))).collect();
            problems.push(format!("{winner} has {live} live coupons, not 1; attempts: {}", states.join(", ")));
        }
    }
    if ledger.live != winners.len() {
        problems.push(format!("{} coupons are live for {} winners", ledger.live, winners.len()));
    }
    let sent: BTreeSet<&str> = rows.iter().filter(|row| row["state"] == "sent").map(|row| text(row, "tr_id")).collect();
    let live: BTreeSet<&str> = ledger.live_entries().map(|entry| entry.tr_id.as_str()).collect();
    problems.extend(sent.difference(&live).map(|tr_id| format!("{tr_id} is sent here and not live there")));
    problems.extend(live.difference(&sent).map(|tr_id| format!("{tr_id} is live there and not sent here")));
    let sent_won: u64 = sent.iter().filter_map(|tr_id| ledger.find(tr_id)).map(|entry| entry.price).sum();
    if ledger.issued_won != sent_won + ledger.cancelled_won {
        problems.push(format!(
            "{} won issued, but {sent_won} sent and {} cancelled",
            ledger.issued_won, ledger.cancelled_won
        ));
    }
    if !ledger.adds_up() {
        problems.push("Giftishow's balance does not add up".to_owned());
    }
    problems
}

/// Whether nothing is going to happen to these rows any more by itself.
pub fn is_settled(winners: usize, rows: &[Value]) -> bool {
    let ended = |row: &&Value| matches!(text(row, "state"), "sent" | "failed" | "review");
    let dead = rows.iter().filter(|row| row["state"] == "dead").count();
    let ended = rows.iter().filter(ended).count();
    ended == winners && ended + dead == rows.len()
}

fn told(state: &str) -> String {
    match state {
        "failed" | "review" => format!("{state} (a person decides)"),
        other => other.to_owned(),
    }
}

fn text<'a>(row: &'a Value, attribute: &str) -> &'a str {
    row[attribute].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A ledger of 4,500-won coupons with these states.
    fn ledger(coupons: &[(&str, &str)]) -> Ledger {
        let count = |wanted: &str| coupons.iter().filter(|(_, status)| *status == wanted).count();
        let won = |coupons: usize| coupons * 4500;
        let entries: Vec<Value> = coupons
            .iter()
            .map(|(tr_id, status)| {
                json!({
                    "tr_id": tr_id, "order_no": "1", "goods_code": "G00000000001", "price": 4500, "gubun": "N",
                    "status": status, "issued_at": "2026-01-01T00:00:00Z", "cancelled_at": null, "used_at": null,
                })
            })
            .collect();
        serde_json::from_value(json!({
            "balance_start": 100_000, "balance": 100_000 - won(coupons.len()) + won(count("07")), "adjusted_won": 0,
            "issued_won": won(coupons.len()), "cancelled_won": won(count("07")), "live": count("01"),
            "used": count("02"), "cancelled": count("07"), "entries": entries, "requests": {}, "in_flight": {},
            "in_flight_max": {}, "duplicates_refused": 0, "refused": {}, "events": [],
        }))
        .unwrap()
    }

    fn rows(attempts: &[(&str, &str)]) -> Vec<Value> {
        let rows = attempts.iter();
        rows.map(|(tr_id, state)| json!({ "tr_id": tr_id, "user_key": "u", "state": state })).collect()
    }

    #[test]
    fn one_live_coupon_is_right_and_everything_else_is_not() {
        let winners = ["u".to_owned()];
        let cases: [(&str, &[_], &[_], bool); 7] = [
            ("paid at once", &[("a", "sent")], &[("a", "01")], true),
            ("paid again", &[("a", "dead"), ("b", "sent")], &[("a", "07"), ("b", "01")], true),
            ("paid twice", &[("a", "dead"), ("b", "sent")], &[("a", "01"), ("b", "01")], false),
            ("not paid", &[("a", "failed")], &[], false),
            ("said to be paid", &[("a", "sent")], &[], false),
            ("paid without a row of ours", &[("a", "sent")], &[("a", "01"), ("x", "01")], false),
            ("paid, and we do not know", &[("a", "unknown")], &[("a", "01")], false),
        ];
        for (case, attempts, coupons, right) in cases {
            let problems = judge(&winners, &rows(attempts), &ledger(coupons));
            assert_eq!(problems.is_empty(), right, "{case}: {problems:?}");
        }
    }

    #[test]
    fn settled_means_that_every_payout_has_an_end() {
        assert!(!is_settled(1, &[]), "nothing accepted yet");
        assert!(!is_settled(1, &rows(&[("a", "dead")])), "the next attempt is to come");
        assert!(!is_settled(1, &rows(&[("a", "dead"), ("b", "sending")])));
        assert!(is_settled(1, &rows(&[("a", "dead"), ("b", "sent")])));
        assert!(is_settled(1, &rows(&[("a", "failed")])));
    }
}
