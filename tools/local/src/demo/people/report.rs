//! What people read afterwards: the balance, and the audit.

use operation::{AuditRecord, Ended, Language, MoneyDay, Say as _};

/// Prints how the balance moved between two looks at it.
pub(super) fn print_money(money: &[MoneyDay]) {
    let [before, now] = money else { return };
    let difference = now.difference.unwrap_or_default();
    println!(
        "  by our rows: {} won − {} issued + {} cancelled; by Giftishow {} won: difference {difference}",
        before.balance.0, now.issued.0, now.cancelled.0, now.balance.0
    );
}

/// Prints who did what, and why; of an order that is recorded before and after, how it ended.
pub(super) fn print_audit(audit: &[AuditRecord]) {
    if audit.is_empty() {
        return;
    }
    println!("\n  the audit");
    println!("  {:<16}  {:<6}  {:<20}  {:<14}  came to", "order", "by", "about", "why");
    println!("  {:─<74}", "");
    for record in audit.iter().filter(|record| record.ended != Ended::Intended) {
        println!(
            "  {:<16}  {:<6}  {:<20}  {:<14}  {}",
            record.operation.say(Language::En),
            name(&record.caller.who),
            record.about.as_deref().unwrap_or("—"),
            record.reason.as_deref().unwrap_or("—"),
            record.ended.as_str()
        );
    }
    println!("  {:─<74}", "");
}

/// The name of a user of IAM.
pub(super) fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
