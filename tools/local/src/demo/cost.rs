//! What the payouts cost at DynamoDB, and what was given up.

use crate::Stack;
use crate::dynamodb::WriteUnits;

/// Prints write units per payout: the mean, who wrote, and where.
pub(super) fn print(units: &WriteUnits, payouts: usize) {
    println!(
        "\n  write units: {} a payout (callback {}, send {}, sweeper {})",
        mean(units.total(), payouts),
        mean(units.by("callback"), payouts),
        mean(units.by("send"), payouts),
        mean(units.by("sweeper"), payouts)
    );
    for place in units.places() {
        println!("    {place:<22}{:>6}", mean(units.of(&place), payouts));
    }
}

/// Prints conflicts, if items were held, and dead letters.
pub(super) fn print_troubles(stack: &Stack, items_held: bool) {
    if items_held {
        println!("  refused for held items: {}", stack.dynamodb().conflicts());
    }
    println!("  dead letters: {}", dead_letters(stack));
}

/// What is wrong if the stream gave records up: nobody had to fail here.
pub(super) fn given_up(stack: &Stack) -> Option<String> {
    let count = dead_letters(stack);
    (count > 0).then(|| format!("{count} wake-ups were given up"))
}

fn dead_letters(stack: &Stack) -> usize {
    stack.pump().given_up().iter().map(|letter| letter.sequence_numbers.len()).sum()
}

fn mean(units: u64, payouts: usize) -> String {
    let as_number = |count: u64| u32::try_from(count).map_or(f64::INFINITY, f64::from);
    format!("{:.2}", as_number(units) / as_number(payouts.max(1) as u64))
}
