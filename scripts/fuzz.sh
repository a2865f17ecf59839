#!/usr/bin/env bash
# Runs every fuzz target for FUZZ_SECONDS, from the project's own samples on. Needs a nightly toolchain; installs
# cargo-fuzz beside the other tools. The corpus that grows stays in whatsapp-core/fuzz/target.
#
#   scripts/fuzz.sh [target …]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SECONDS_EACH=${FUZZ_SECONDS:-600}
TOOLS_DIR=${TOOLS_DIR:-$PWD/.tools}
VERSION=0.13.2
export CARGO_TARGET_DIR=$PWD/whatsapp-core/fuzz/target

rustc +nightly --version >/dev/null 2>&1 || { echo "no nightly Rust: rustup toolchain install nightly" >&2; exit 1; }
if [ "$("$TOOLS_DIR/bin/cargo-fuzz" --version 2>/dev/null)" != "cargo-fuzz $VERSION" ]; then
  echo "installing cargo-fuzz $VERSION into $TOOLS_DIR"
  (cd / && CARGO_TARGET_DIR=$(mktemp -d) cargo +nightly install --quiet --locked --root "$TOOLS_DIR" \
    --version "$VERSION" cargo-fuzz)
fi
export PATH=$TOOLS_DIR/bin:$PATH

cd whatsapp-core/fuzz
targets=("$@")
if [ ${#targets[@]} = 0 ]; then targets=(meta_parser meta_signature twilio_form twilio_signature); fi
for target in "${targets[@]}"; do
  corpus=$CARGO_TARGET_DIR/corpus/$target
  mkdir -p "$corpus"
  case $target in
    meta_parser) cp ../../whatsapp-meta/fixtures/webhook-*.json "$corpus" ;;
    # The forms of our samples, one to a file. Each stands on a line of its own, without a quote in it.
    twilio_form)
      sed -n 's/.*"body": "\([^"]*\)".*/\1/p' ../../whatsapp-twilio/fixtures/{inbound,statuses}.json |
        split -l 1 -a 3 - "$corpus/sample-"
      ;;
  esac
  echo "== $target for $SECONDS_EACH s"
  cargo +nightly fuzz run --fuzz-dir . "$target" "$corpus" -- -max_total_time="$SECONDS_EACH" -timeout=5 \
    -max_len=65536 -print_final_stats=1 2>&1 | tee "$CARGO_TARGET_DIR/$target.log" | tail -25
done
