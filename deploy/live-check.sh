#!/usr/bin/env bash
# live-check.sh GOLDSTREAM: every question of the board and the rules is put to a real Prometheus that reads real roles on a
# real Kafka and Redis: scripts/with-servers.sh starts those, or has them. It says what each gives, ends with 1 where one
# gives nothing that should, and leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || {
  echo "usage: live-check.sh GOLDSTREAM" >&2
  exit 2
}
if [ -z "${GOLDSTREAM_TEST_KAFKA:-}" ]; then exec "$here/../scripts/with-servers.sh" "$0" "$@"; fi
"$here/../scripts/deploy-tools.sh" prometheus
{ read -r _ && read -r _ && read -r prometheus; } < <("$here/../scripts/deploy-tools.sh" where)
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/live-check.py" "$1" "$prometheus"
