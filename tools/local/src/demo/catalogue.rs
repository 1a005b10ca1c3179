//! The demo's first step: our copy of the fake Giftishow's catalogue.

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::Stack;

/// Copies the catalogue and says what came of it.
pub(super) async fn copy(stack: &Stack) -> Result<()> {
    let clock = Instant::now();
    let outcome = stack.sync().await?;
    let answer = outcome.answer().with_context(|| format!("the catalogue was not copied: {}", outcome.error()))?;
    ensure!(answer["status"] == "complete", "the catalogue was not copied: {answer}");
    let (tally, goods) = (&answer["tally"], &answer["goods"]);
    println!(
        "Catalogue: {} goods and {} brands copied with {} requests ({} pages, the list of brands, details) in {:.1} s; \
         rewards at risk: {}.",
        goods["listed"],
        answer["brands"]["listed"],
        tally["requests"],
        tally["pages"],
        clock.elapsed().as_secs_f64(),
        answer["rewards_at_risk"]
    );
    Ok(())
}
