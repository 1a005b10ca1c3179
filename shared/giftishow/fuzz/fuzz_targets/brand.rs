//! 0112.
#![no_main]

#[path = "../../tests/fuzz/checks.rs"]
#[expect(dead_code, reason = "one target, one check")]
mod checks;

libfuzzer_sys::fuzz_target!(|body: &[u8]| checks::brand(body));
