//! CSV for spreadsheets.

use csv::{Writer, WriterBuilder};

use crate::failure::Failure;

/// By which Excel knows UTF-8.
const BOM: &str = "\u{feff}";

/// A CSV that is being written.
pub(crate) struct Sheet {
    writer: Writer<Vec<u8>>,
    begun: bool,
    excel: bool,
}

impl Sheet {
    /// An empty one; for Excel, it begins with a byte-order mark.
    pub(crate) fn new(excel: bool) -> Self {
        Self { writer: writer(), begun: false, excel }
    }

    /// A row. What a spreadsheet would take for a formula is made text.
    pub(crate) fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) -> Result<(), Failure> {
        let cells: Vec<String> = cells.into_iter().map(|cell| harmless(cell.as_ref())).collect();
        self.writer.write_record(cells).map_err(|error| Failure::failed(format!("CSV: {error}")))
    }

    /// What was written since the last time.
    pub(crate) fn take(&mut self) -> Result<String, Failure> {
        let written = std::mem::replace(&mut self.writer, writer()).into_inner();
        let bytes = written.map_err(|error| Failure::failed(format!("CSV: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::failed("CSV: not UTF-8"))?;
        let bom = if self.excel && !self.begun { BOM } else { "" };
        self.begun = true;
        Ok(format!("{bom}{text}"))
    }
}

fn writer() -> Writer<Vec<u8>> {
    WriterBuilder::new().from_writer(Vec::new())
}

/// A cell that begins like a formula gets an apostrophe, as spreadsheets themselves do; numbers stay numbers. One that has an
/// apostrophe there already gets another, or it would lose its own on the way back.
fn harmless(cell: &str) -> String {
    let is_formula = is_formula(cell.trim_start_matches('\'')) && cell.parse::<f64>().is_err();
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The other way: what [`harmless`] has put in front is taken away.
pub(crate) fn as_written(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_comes_back_as_it_was() {
        let mut sheet = Sheet::new(true);
        sheet.row(["=HYPERLINK(1)", "-5", "a,b"]).unwrap();
        assert_eq!(sheet.take().unwrap(), "\u{feff}'=HYPERLINK(1),-5,\"a,b\"\n");
        sheet.row(["x"]).unwrap();
        assert_eq!(sheet.take().unwrap(), "x\n");
        assert_eq!((as_written("'=A1"), as_written("'quoted'")), ("=A1", "'quoted'"));
        for cell in ["=A1", "'=A1", "''=A1", "-5", "'-5", "'quoted'", "", "'"] {
            assert_eq!(as_written(&harmless(cell)), cell);
        }
    }
}
