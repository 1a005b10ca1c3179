//! Small files: one reason to change each.

use anyhow::Result;

use crate::{files, text};

const MOST_LINES: usize = 600;
/// A function's `main.rs` is wiring only.
const MOST_LINES_OF_WIRING: usize = 40;

#[test]
fn no_source_file_is_long_and_a_functions_main_is_wiring_only() -> Result<()> {
    let mut mains = 0;
    for path in files()? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let is_main = path.starts_with("functions") && path.ends_with("src/main.rs");
            mains += usize::from(is_main);
            let most = if is_main { MOST_LINES_OF_WIRING } else { MOST_LINES };
            let lines = text(&path)?.lines().count();
            assert!(lines <= most, "{} has {lines} lines; at most {most}", path.display());
        }
    }
    assert_eq!(mains, std::fs::read_dir(local::workspace_root().join("functions"))?.count());
    Ok(())
}
