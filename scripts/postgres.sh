#!/usr/bin/env bash
# Finds a PostgreSQL for tests and puts its address into TEST_POSTGRES_URL.
#
#   scripts/postgres.sh COMMAND …    runs the command with it; a server that this started is stopped afterwards
#   source scripts/postgres.sh       gives postgres_find and postgres_stop
#
# In this order: TEST_POSTGRES_URL as it is; a server on 127.0.0.1:5432 that trusts the user postgres; a private one
# from installed binaries, in a temporary folder, on a random port of loopback.
#   SKIP_POSTGRES=1      look for none            REQUIRE_POSTGRES=1, CI=1   none is an error
#   POSTGRES_PRIVATE=1   not the one on 5432      POSTGRES_DURABLE=1         the private one syncs, as in earnest

POSTGRES_FOLDER=
POSTGRES_BIN=
POSTGRES_MISSING=

# Sets TEST_POSTGRES_URL, or POSTGRES_MISSING to the reason why there is none; fails if one is required.
postgres_find() {
  if [ "${SKIP_POSTGRES:-0}" = 1 ]; then
    unset TEST_POSTGRES_URL
    POSTGRES_MISSING="SKIP_POSTGRES=1"
  elif [ -n "${TEST_POSTGRES_URL:-}" ]; then
    echo "Postgres: TEST_POSTGRES_URL as given"
    return 0
  elif [ "${POSTGRES_PRIVATE:-0}" != 1 ] && postgres_running; then
    export TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:5432/postgres
    echo "Postgres: the one on 127.0.0.1:5432"
    return 0
  elif postgres_start; then
    echo "Postgres: a private one, $TEST_POSTGRES_URL"
    return 0
  fi
  if [ "${REQUIRE_POSTGRES:-0}" = 1 ] || [ "${CI:-0}" = 1 ] || [ "${CI:-0}" = true ]; then
    echo "Postgres is required, but there is none: $POSTGRES_MISSING" >&2
    return 1
  fi
  echo "Postgres tests skipped: $POSTGRES_MISSING"
}

postgres_running() {
  local version
  version=$(PGCONNECT_TIMEOUT=3 psql -w -X -h 127.0.0.1 -p 5432 -U postgres -d postgres \
    -Atc 'show server_version_num' 2>/dev/null) || return 1
  [ "$version" -ge 140000 ]
}

postgres_start() {
  local folder candidate port try
  for candidate in "$(pg_config --bindir 2>/dev/null)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
    "$(dirname "$(command -v initdb 2>/dev/null || echo /none/initdb)")"; do
    if [ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ]; then
      POSTGRES_BIN=$candidate
      break
    fi
  done
  if [ -z "$POSTGRES_BIN" ]; then
    POSTGRES_MISSING="no server on 127.0.0.1:5432 that trusts the user postgres, and no initdb installed"
    return 1
  fi
  # The path of a socket may have 107 bytes, so not in $TMPDIR, which is long on some machines.
  folder=$(mktemp -d /tmp/prosaas-postgres.XXXXXX) || return 1
  POSTGRES_FOLDER=$folder
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder" || { postgres_failed "no user postgres to run it as"; return 1; }
  fi
  postgres_as "$POSTGRES_BIN/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync \
    >"$folder/initdb.log" 2>&1 </dev/null || { postgres_failed "initdb failed"; return 1; }
  {
    echo "listen_addresses = '127.0.0.1'"
    echo "unix_socket_directories = '$folder'"
    echo "max_connections = 300"
    if [ "${POSTGRES_DURABLE:-0}" != 1 ]; then
      echo "fsync = off"
      echo "full_page_writes = off"
    fi
  } >>"$folder/data/postgresql.conf"
  for try in 1 2 3 4 5; do
    port=$((20000 + (RANDOM + try) % 12000))
    if postgres_as "$POSTGRES_BIN/pg_ctl" start -w -t 60 -D "$folder/data" -l "$folder/data/log" -o "-p $port" \
      >/dev/null 2>&1 </dev/null; then
      export TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres
      return 0
    fi
  done
  postgres_failed "the server of $POSTGRES_BIN did not start"
  return 1
}

postgres_failed() {
  POSTGRES_MISSING=$1
  tail -n 5 "$POSTGRES_FOLDER/initdb.log" "$POSTGRES_FOLDER/data/log" >&2 2>/dev/null
  rm -rf "$POSTGRES_FOLDER"
  POSTGRES_FOLDER=
}

# The server refuses to run as root.
postgres_as() (
  cd /
  if [ "$(id -u)" != 0 ]; then
    "$@"
  elif command -v runuser >/dev/null; then
    runuser -u postgres -- "$@"
  else
    su postgres -s /bin/sh -c '"$0" "$@"' -- "$@"
  fi
)

# Stops the private server, if there is one.
postgres_stop() {
  [ -n "$POSTGRES_FOLDER" ] || return 0
  postgres_as "$POSTGRES_BIN/pg_ctl" stop -m immediate -w -t 30 -D "$POSTGRES_FOLDER/data" >/dev/null 2>&1 </dev/null
  rm -rf "$POSTGRES_FOLDER"
  POSTGRES_FOLDER=
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  trap postgres_stop EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  postgres_find
  "$@"
fi
