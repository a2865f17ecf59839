#!/usr/bin/env bash
# Counts the instructions that reading one webhook of Meta takes, and fails above the gate. Unlike time, the count is
# the same on a busy machine. The signature is not in it.
#
#   scripts/instructions.sh
#
# Without valgrind it says so and ends well, unless CI=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Instructions for the text of 781 bytes.
GATE=25000
TIMES=500

if ! command -v valgrind >/dev/null; then
  echo "valgrind is missing: instructions were not counted"
  case ${CI:-0} in 1 | true) exit 1 ;; *) exit 0 ;; esac
fi
locked=()
case ${CI:-0} in 1 | true) locked=(--locked) ;; esac

program=$(cargo bench ${locked[@]+"${locked[@]}"} -p whatsapp-meta --bench instructions --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
[ -x "$program" ] || { echo "the program to be counted was not built" >&2; exit 1; }

# All instructions of a run that reads a webhook so many times.
count() {
  local log
  log=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1) || { echo "$log" >&2; return 1; }
  sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' <<<"$log"
}

# Of two runs, one twice as long, the difference is the reading alone, whatever was inlined into what.
status=0
for webhook in text status batch; do
  short=$(count "$webhook" $TIMES)
  long=$(count "$webhook" $((2 * TIMES)))
  each=$(((long - short) / TIMES))
  if [ "$webhook" != text ]; then
    printf '  %-8s %8d instructions\n' "$webhook" "$each"
  elif [ "$each" -le "$GATE" ]; then
    printf '  %-8s %8d instructions, at most %d\n' "$webhook" "$each" "$GATE"
  else
    printf '  %-8s %8d instructions, more than %d\n' "$webhook" "$each" "$GATE"
    status=1
  fi
done
exit $status
