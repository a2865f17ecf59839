#!/usr/bin/env bash
# Counts the instructions that reading one webhook of Meta or Twilio takes, and fails above the gates. Unlike time, the
# count is the same on a busy machine. The signature is not in it.
#
#   scripts/instructions.sh
#
# Without valgrind it says so and ends well, unless CI=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TIMES=500

if ! command -v valgrind >/dev/null; then
  echo "valgrind is missing: instructions were not counted"
  case ${CI:-0} in 1 | true) exit 1 ;; *) exit 0 ;; esac
fi
locked=()
case ${CI:-0} in 1 | true) locked=(--locked) ;; esac

# The program of a crate that reads a webhook so many times.
built() {
  local program
  program=$(cargo bench ${locked[@]+"${locked[@]}"} -p "$1" --bench instructions --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
  [ -x "$program" ] || { echo "the program to be counted was not built" >&2; return 1; }
  echo "$program"
}

# All instructions of a run of a program.
count() {
  local log
  log=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1) || { echo "$log" >&2; return 1; }
  sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' <<<"$log"
}

# Of two runs, one twice as long, the difference is the reading alone, whatever was inlined into what. The first
# webhook of a crate has the gate.
status=0
check() {
  local crate=$1 gate=$2 program short long each
  shift 2
  program=$(built "$crate")
  echo "$crate"
  for webhook in "$@"; do
    short=$(count "$program" "$webhook" $TIMES)
    long=$(count "$program" "$webhook" $((2 * TIMES)))
    each=$(((long - short) / TIMES))
    if [ "$webhook" != "$1" ]; then
      printf '  %-8s %8d instructions\n' "$webhook" "$each"
    elif [ "$each" -le "$gate" ]; then
      printf '  %-8s %8d instructions, at most %d\n' "$webhook" "$each" "$gate"
    else
      printf '  %-8s %8d instructions, more than %d\n' "$webhook" "$each" "$gate"
      status=1
    fi
  done
}

# For the text of 781 bytes, and for that of 602.
check whatsapp-meta 25000 text status batch
check whatsapp-twilio 24000 text hebrew status
exit $status
