#!/usr/bin/env bash
# redis.sh DIR PORT: one Redis on 127.0.0.1:PORT, data in DIR, in the foreground and in the place of
# this script; with the settings of docker-compose.yml, and without snapshots beside its log.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || fail "usage: redis.sh DIR PORT"
require_redis
mkdir -p "$1"
exec redis-server --bind 127.0.0.1 --port "$2" --dir "$1" \
  --appendonly yes --save "" --maxmemory-policy noeviction
