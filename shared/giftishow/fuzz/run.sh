#!/usr/bin/env bash
# Runs every target of cargo fuzz for so many seconds (default 30), beginning with the recorded answers.
# Needs cargo-fuzz and a C++ compiler. Works with a stable compiler, without its address sanitizer: the crate has no unsafe code.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1
mapfile -t targets < <(cargo fuzz list)
for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target"
    cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" tests/fixtures/spec tests/fixtures/live -- \
        -max_total_time="${1:-30}" -max_len=65536 -timeout=10 -print_final_stats=1
done
