#!/usr/bin/env bash
# Runs the steps named, or all, and ends with one summary. A failed step does not stop the others.
#
#   scripts/test.sh                  all
#   scripts/test.sh fmt clippy …     some: fmt clippy deny proofs doc test speed package size
#
# CI=1: nothing may be skipped, and Cargo.lock is taken as it is. See scripts/postgres.sh for Postgres.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
source scripts/postgres.sh

ALL="fmt proofs size deny clippy test speed doc package"
LIBRARIES=(-p whatsapp-core -p whatsapp-meta -p whatsapp-twilio -p whatsapp-baileys)
DENY_VERSION=0.20.2
TOOLS_DIR=${TOOLS_DIR:-$PWD/.tools}

strict() { [ "${CI:-0}" = 1 ] || [ "${CI:-0}" = true ]; }
LOCKED=()
if strict; then LOCKED=(--locked); fi
# An empty array is an unset variable to older shells.
run() { printf '  $ %s\n' "$*"; "$@"; }
cargo_() { local command=$1; shift; run cargo "$command" ${LOCKED[@]+"${LOCKED[@]}"} "$@"; }

# What a step wants to say in the summary; SKIPPED says that it did nothing.
NOTE=
SKIPPED=

step_fmt() { run cargo fmt --all --check; }

step_clippy() {
  cargo_ clippy --workspace --all-targets --all-features -- -D warnings &&
    cargo_ clippy "${LIBRARIES[@]}" --no-default-features -- -D warnings &&
    cargo_ clippy "${LIBRARIES[@]}" --features whatsapp-core/client -- -D warnings
}

step_deny() {
  local deny
  deny=$(find_deny) || {
    NOTE="no cargo-deny $DENY_VERSION, and it cannot be installed"
    if strict; then return 1; fi
    SKIPPED=1
    return 0
  }
  run "$deny" --log-level error check bans licenses sources
}

# A cargo-deny that reads our deny.toml. Its own release profile builds for minutes; unoptimised it is there in one,
# and takes 3 seconds for the check.
find_deny() {
  local found
  for found in "$TOOLS_DIR/bin/cargo-deny" "$(command -v cargo-deny)"; do
    if [ -x "$found" ] && [ "$("$found" --version)" = "cargo-deny $DENY_VERSION" ]; then
      echo "$found"
      return 0
    fi
  done
  local build pinned
  build=$(mktemp -d) || return 1
  pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
  echo "  installing cargo-deny $DENY_VERSION into $TOOLS_DIR" >&2
  # From the root: the settings of this workspace are not its own.
  (cd / && CARGO_TARGET_DIR=$build CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 RUSTUP_TOOLCHAIN=$pinned \
    cargo install --quiet --locked --root "$TOOLS_DIR" --version "$DENY_VERSION" --force cargo-deny >&2)
  rm -rf "$build"
  [ -x "$TOOLS_DIR/bin/cargo-deny" ] && echo "$TOOLS_DIR/bin/cargo-deny"
}

# What the crates promise about themselves.
step_proofs() {
  local crate tree heavy vouchers status=0
  for crate in whatsapp-core whatsapp-meta whatsapp-twilio whatsapp-baileys; do
    tree=$(cargo tree ${LOCKED[@]+"${LOCKED[@]}"} -e normal --target all --prefix none --no-default-features \
      -p "$crate") || return 1
    heavy=$(grep -E '^(tokio|reqwest|hyper|rustls|native-tls|openssl|ring|aws-lc-rs|mio|socket2)[a-z-]* v' <<<"$tree" |
      sort -u | tr '\n' ' ')
    if [ -n "$heavy" ]; then
      echo "  $crate without features pulls: $heavy"
      status=1
    else
      echo "  $crate without features: no runtime, no HTTP client, no TLS"
    fi
  done
  vouchers=$(grep -rl --include='*.rs' 'Verified::vouch(' whatsapp-*/src prosaas-server/src |
    grep -v '/src/signature\.rs$')
  if [ -n "$vouchers" ]; then
    echo "  requests are called authentic outside of signature.rs: $vouchers"
    status=1
  else
    echo "  only signature.rs calls a request authentic"
  fi
  return $status
}

step_doc() { RUSTDOCFLAGS="-D warnings" cargo_ doc --workspace --no-deps --all-features; }

step_test() {
  postgres_find || return 1
  if [ -n "$POSTGRES_MISSING" ]; then NOTE="without Postgres: $POSTGRES_MISSING"; fi
  cargo_ test --workspace --all-features --no-fail-fast
  local status=$?
  postgres_stop
  return $status
}

step_speed() {
  if command -v valgrind >/dev/null; then
    run scripts/instructions.sh
    return
  fi
  NOTE="no valgrind: instructions were not counted"
  if strict; then return 1; fi
  SKIPPED=1
}

# Building what was packed takes minutes: `make release-check`.
step_package() { run cargo package --quiet "${LIBRARIES[@]}" --allow-dirty --no-verify; }

step_size() {
  local file lines folder budget warnings=0
  while read -r lines file; do
    if [ "$lines" -gt 400 ]; then
      echo "  warning: $file has $lines lines, more than 400"
      warnings=$((warnings + 1))
    fi
  done < <(sources . | grep -vE '/(tests|benches)/' | while read -r file; do echo "$(wc -l <"$file") $file"; done)
  for budget in whatsapp-core:9000 whatsapp-meta:11500 whatsapp-twilio:8500 whatsapp-baileys:3000 prosaas-server:15000; do
    folder=${budget%%:*} budget=${budget##*:}
    lines=$(sources "$folder/src" | xargs cat | wc -l)
    printf '  %-18s %6d of %d lines\n' "$folder" "$lines" "$budget"
    if [ "$lines" -gt "$budget" ]; then
      echo "  warning: $folder/src is over its budget"
      warnings=$((warnings + 1))
    fi
  done
  if [ "$warnings" -gt 0 ]; then NOTE="warnings: $warnings"; fi
}

sources() {
  find "$1" -name '*.rs' -not -path '*/target/*' -not -path '*/node_modules/*' -not -path './.tools/*' | sort
}

trap postgres_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck disable=SC2206
steps=(${@:-$ALL})
for step in "${steps[@]}"; do
  if ! declare -F "step_$step" >/dev/null; then
    echo "no such step: $step; there are: $ALL" >&2
    exit 2
  fi
done

summary=() failed=0 began=$SECONDS
for step in "${steps[@]}"; do
  NOTE='' SKIPPED='' since=$SECONDS
  echo "== $step"
  if "step_$step"; then
    result=${SKIPPED:+skipped}
    result=${result:-ok}
  else
    result=FAILED
    failed=1
  fi
  summary+=("$(printf '%-8s  %-7s  %5d s  %s' "$step" "$result" "$((SECONDS - since))" "$NOTE")")
done

echo
echo "== summary"
printf '%s\n' "${summary[@]}"
printf '%-8s  %-7s  %5d s\n' all "$([ $failed = 0 ] && echo ok || echo FAILED)" "$((SECONDS - began))"
exit $failed
