use std::fmt::Write as _;

use operation::Day;

use super::Style;
use super::table::{count, won};
use crate::language::pick;

/// Eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
/// Widest bar, where no terminal says how wide it is.
const WIDTH: u16 = 80;
/// What a day needs besides its bar.
const BESIDES: u16 = 36;

/// Days as bars: wins, and what became of them.
pub(crate) fn chart(days: &[Day], style: &Style) -> String {
    let language = style.language;
    let most = days.iter().map(|day| day.wins).max().unwrap_or(0);
    let columns = u64::from(style.width.unwrap_or(WIDTH).saturating_sub(BESIDES).clamp(8, 60));
    let mut text = String::new();
    for day in days {
        let bar = bar(day.wins, most, columns);
        let waiting = match day.waiting {
            0 => String::new(),
            waiting => format!("  {} {}", pick(language, "확인 필요", "waiting"), count(waiting)),
        };
        let short = day.day.get(5..).unwrap_or(&day.day);
        let _ = writeln!(text, "{short}  {:>7}  {bar}{waiting}", count(day.wins));
    }
    let (wins, sent) = days.iter().fold((0, 0), |(wins, sent), day| (wins + day.wins, sent + day.sent));
    let cost = days.iter().map(|day| day.won.0).sum();
    let words = (pick(language, "당첨", "wins"), pick(language, "발송", "sent"));
    let _ = writeln!(
        text,
        "\n{} {}, {} {}, {}",
        words.0,
        count(wins),
        words.1,
        count(sent),
        won(payout::Krw(cost), language)
    );
    text
}

fn bar(value: u64, most: u64, columns: u64) -> String {
    if most == 0 {
        return String::new();
    }
    // Whatever is not nothing is seen.
    let eighths = u128::from(value) * u128::from(columns) * 8 / u128::from(most);
    let eighths = usize::try_from(eighths).unwrap_or(0).max(usize::from(value > 0));
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_its_columns_and_one_win_is_seen() {
        assert_eq!(bar(100, 100, 4), "████");
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(bar(0, 100, 4), "");
        assert_eq!(bar(0, 0, 4), "");
    }
}
