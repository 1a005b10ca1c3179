use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use operation::Language;
use payout::Krw;

use super::Style;
use crate::language::pick;

/// A table without lines, which fits the terminal if there is one.
pub(super) fn table(style: &Style, head: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.to_vec());
    match style.width {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if numbers.contains(&place) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The first column is an id, which is copied from the terminal: it stays in one piece.
pub(super) fn keep_ids_whole(table: &mut Table) {
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

/// As text, without what is blank at the end of lines.
pub(super) fn text(table: &Table) -> String {
    let table = table.to_string();
    table.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// A whole number with its thousands: `3,120`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Money: `4,500 won`.
pub(crate) fn won(amount: Krw, language: Language) -> String {
    format!("{}{}", count(amount.0), pick(language, "원", " won"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(won(Krw(4_500), Language::Ko), "4,500원");
    }
}
