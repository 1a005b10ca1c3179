use std::collections::HashSet;
use std::path::Path;

use payout::{Krw, Reward};
use serde_json::{Map, Value, json};

use super::put;
use crate::failure::Failure;
use crate::import::Table;
use crate::sheet::as_written;

/// Columns of the CSV, by the names of the row.
pub(super) const COLUMNS: [&str; 15] = [
    "code",
    "active",
    "delivery",
    "goods_code",
    "gubun",
    "mms_title",
    "mms_msg",
    "repeat",
    "max_price_krw",
    "max_per_day",
    "max_per_user_per_day",
    "min_valid_days",
    "template_id",
    "banner_id",
    "send_hours",
];

/// A row as CSV.
pub(super) fn write(reward: &Reward) -> [String; 15] {
    let row = json!(reward);
    COLUMNS.map(|column| match row.get(column) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    })
}

/// All rows of a file, or what is wrong with it; nothing is put before all are right.
pub(super) fn read(file: &Path) -> Result<Vec<Reward>, Failure> {
    let (mut table, header) = Table::open(file)?;
    let mut places = Vec::new();
    for (place, name) in header.iter().enumerate() {
        let column = COLUMNS.into_iter().find(|column| column == name);
        let column = column.ok_or_else(|| {
            Failure::usage(format!("{}: unknown column `{name}`; columns are {}", file.display(), COLUMNS.join(", ")))
        })?;
        places.push((place, column));
    }
    for needed in ["code", "active"] {
        if !places.iter().any(|place| place.1 == needed) {
            return Err(Failure::usage(format!("{}: the column `{needed}` is missing", file.display())));
        }
    }
    let (mut rewards, mut codes) = (Vec::new(), HashSet::new());
    while let Some((line, cells)) = table.next()? {
        let wrong = |why: String| Failure::usage(format!("{}, line {line}: {why}", file.display()));
        let cells = cells.map_err(|why| wrong(why.to_owned()))?;
        let reward = parse(&places, &cells).map_err(wrong)?;
        if !codes.insert(reward.code.clone()) {
            return Err(Failure::usage(format!("{}, line {line}: the code is on an earlier line", file.display())));
        }
        rewards.push(reward);
    }
    Ok(rewards)
}

fn parse(places: &[(usize, &str)], cells: &[String]) -> Result<Reward, String> {
    let mut row = Map::new();
    for (place, column) in places {
        let cell = as_written(cells.get(*place).map(String::as_str).unwrap_or_default());
        let cell = if *column == "mms_msg" { cell } else { cell.trim() };
        if !cell.is_empty() {
            row.insert((*column).to_owned(), value(column, cell)?);
        }
    }
    let reward: Reward = serde_json::from_value(Value::Object(row)).map_err(|error| error.to_string())?;
    reward.check().map_err(|error| error.to_string())?;
    Ok(reward)
}

fn value(column: &str, cell: &str) -> Result<Value, String> {
    match column {
        "active" => match cell.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "사용" => Ok(json!(true)),
            "false" | "no" | "n" | "0" | "중지" => Ok(json!(false)),
            _ => Err("active must be true or false".to_owned()),
        },
        "max_price_krw" => super::super::parse::krw(cell).map(|Krw(won)| json!(won)),
        "max_per_day" | "max_per_user_per_day" | "min_valid_days" => {
            cell.parse::<u32>().map(|number| json!(number)).map_err(|_| format!("{column} must be a whole number"))
        }
        "repeat" => put::repeat(cell).map(|_| json!(cell)),
        "gubun" => put::gubun(cell).map(|_| json!(cell)),
        _ => Ok(json!(cell)),
    }
}
