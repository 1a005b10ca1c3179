//! Both ledgers side by side.

use std::collections::BTreeSet;

use giftishow_sim::{Ledger, PinStatus};
use serde_json::Value;

/// Lines shown; a burst has more.
const MAX_LINES: usize = 12;

/// Prints our rows on the left and Giftishow's coupons on the right, joined by `tr_id`.
pub(super) fn print_ledgers(rows: &[Value], ledger: &Ledger) {
    println!("\n  {:<46} │ Giftishow's ledger", "our payouts");
    println!("  {:<22}{:>7}  {:<15} │ {:<22}{:<11}{:>8}", "tr_id", "attempt", "state", "tr_id", "coupon", "won");
    println!("  {:─<46}─┼─{:─<41}", "", "");
    let lines = lines(rows, ledger);
    for line in lines.iter().take(MAX_LINES) {
        println!("  {line}");
    }
    if let Some(more) = lines.len().checked_sub(MAX_LINES).filter(|more| *more > 0) {
        println!("  … and {more} more");
    }
    println!("  {:─<46}─┴─{:─<41}", "", "");
    println!(
        "  attempts: {}, sent: {}; coupons issued: {}, live: {}, used: {}, cancelled: {}",
        rows.len(),
        rows.iter().filter(|row| row["state"] == "sent").count(),
        ledger.entries.len(),
        ledger.live,
        ledger.used,
        ledger.cancelled
    );
    println!(
        "  {} won issued = {} won sent + {} won cancelled; balance {} → {} won",
        ledger.issued_won,
        ledger.sent_won(),
        ledger.cancelled_won,
        ledger.balance_start,
        ledger.balance
    );
}

fn lines(rows: &[Value], ledger: &Ledger) -> Vec<String> {
    let text = |row: &Value, attribute: &str| row[attribute].as_str().unwrap_or_default().to_owned();
    let ours: BTreeSet<String> = rows.iter().map(|row| text(row, "tr_id")).collect();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let tr_id = text(row, "tr_id");
            let attempt = row["attempt"].to_string();
            let theirs = coupon(ledger, &tr_id);
            format!("{tr_id:<22}{attempt:>7}  {:<15} │ {theirs}", text(row, "state"))
        })
        .collect();
    let strangers = ledger.entries.iter().filter(|entry| !ours.contains(&entry.tr_id));
    lines.extend(strangers.map(|entry| format!("{:<46} │ {}", "—", coupon(ledger, &entry.tr_id))));
    lines
}

fn coupon(ledger: &Ledger, tr_id: &str) -> String {
    let Some(entry) = ledger.find(tr_id) else { return "— never issued".to_owned() };
    let status = match entry.status {
        PinStatus::Issued => "live",
        PinStatus::Used => "used",
        PinStatus::Cancelled => "cancelled",
    };
    format!("{:<22}{status:<11}{:>8}", entry.tr_id, entry.price)
}

/// What is wrong, by whose word; the first ten.
pub(super) fn print_problems(by: &str, problems: &[String]) {
    println!("✘ This is not what was promised, by {by}:");
    problems.iter().take(10).for_each(|problem| println!("  - {problem}"));
}
