#!/usr/bin/env bash
# with-servers.sh COMMAND...: runs COMMAND beside a Kafka, a Redis and a MinIO of its own, on free ports and
# in a temporary directory, and leaves nothing behind. COMMAND finds them in GOLDSTREAM_TEST_KAFKA,
# GOLDSTREAM_TEST_REDIS and GOLDSTREAM_TEST_S3 (as scripts/minio.sh says); where all are set already, it runs
# on those. GOLDSTREAM_TEST_PYTHON is the Python that setup.sh made.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || fail "usage: with-servers.sh COMMAND..."
export GOLDSTREAM_TEST_PYTHON=${GOLDSTREAM_TEST_PYTHON:-$python_home/bin/python}
if [ -n "${GOLDSTREAM_TEST_KAFKA:-}" ] && [ -n "${GOLDSTREAM_TEST_REDIS:-}" ] && [ -n "${GOLDSTREAM_TEST_S3:-}" ]; then
  exec "$@"
fi
require_kafka
require_redis
require_minio

dir=$(mktemp -d "${TMPDIR:-/tmp}/goldstream-servers.XXXXXX")
servers=()
command=

# At every end but SIGKILL, and then the servers end by themselves.
clean_up() {
  trap '' INT TERM HUP
  # All that COMMAND left too: a test that was killed could not stop its own servers.
  if [ -n "$command" ]; then kill -KILL -- "-$command" 2>/dev/null || true; fi
  if [ ${#servers[@]} -gt 0 ]; then kill -KILL "${servers[@]}" 2>/dev/null || true; fi
  wait 2>/dev/null || true # without Bash's news of who was killed
  rm -rf "$dir"
}

# COMMAND is told and may end in its own way; a second signal does not wait for that.
interrupted() { # SIGNAL EXIT-CODE
  # shellcheck disable=SC2064
  trap "exit $2" INT TERM HUP
  if [ -n "$command" ]; then
    kill -s "$1" -- "-$command" 2>/dev/null || true
    wait "$command" 2>/dev/null || true
  fi
  exit "$2"
}

trap clean_up EXIT
trap 'interrupted INT 130' INT
trap 'interrupted TERM 143' TERM
trap 'interrupted HUP 129' HUP

# Another start may take the port between the look and the server: then one more try.
start() { # NAME SCRIPT; gives port
  local log controller_port
  for _ in 1 2 3; do
    log=$dir/$1.log
    free_port
    controller_port=$port
    free_port
    case $1 in
      Kafka) launch "$log" "$scripts/kafka.sh" "$dir/Kafka" "$port" "$controller_port" ;;
      Redis) launch "$log" "$scripts/redis.sh" "$dir/Redis" "$port" ;;
      MinIO) launch "$log" "$scripts/minio.sh" "$dir/MinIO" "$port" ;;
    esac
    servers+=("$pid")
    if await "$1" "$pid" "$log"; then return; fi
    grep -qi "already in use" "$log" || break
  done
  did_not_start "$1" "$log"
}

start Redis
export GOLDSTREAM_TEST_REDIS=redis://127.0.0.1:$port
start MinIO
export GOLDSTREAM_TEST_S3=http://127.0.0.1:$port
start Kafka
export GOLDSTREAM_TEST_KAFKA=127.0.0.1:$port

# In a process group of its own, to be ended as a whole. Such a group cannot read from a terminal.
if [ -t 0 ]; then exec </dev/null; fi
if command -v setpriv >/dev/null; then set -- setpriv --pdeathsig TERM -- "$@"; fi
set -m
"$@" &
command=$!
set +m
code=0
wait "$command" || code=$?
exit "$code"
