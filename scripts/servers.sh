#!/usr/bin/env bash
# A Kafka and a Redis on the ports of docker-compose.yml, in the foreground, for who has no Docker.
# Their data stays in .servers. KAFKA_PORT and REDIS_PORT choose other ports.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

kafka_port=${KAFKA_PORT:-9094}
redis_port=${REDIS_PORT:-6379}
require_kafka
require_redis

dir=$root/.servers
mkdir -p "$dir"
servers=()

# Told, not killed: what they have is kept.
clean_up() {
  trap '' INT TERM HUP
  if [ ${#servers[@]} -gt 0 ]; then kill -TERM "${servers[@]}" 2>/dev/null || true; fi
  wait 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 0' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

launch "$dir/redis.log" "$scripts/redis.sh" "$dir/redis" "$redis_port"
redis=$pid
servers+=("$redis")
launch "$dir/kafka.log" "$scripts/kafka.sh" "$dir/kafka" "$kafka_port" $((kafka_port + 1))
kafka=$pid
servers+=("$kafka")
await Redis "$redis" "$dir/redis.log" || did_not_start Redis "$dir/redis.log"
await Kafka "$kafka" "$dir/kafka.log" || did_not_start Kafka "$dir/kafka.log"
echo "Kafka on 127.0.0.1:$kafka_port, Redis on redis://127.0.0.1:$redis_port, data in $dir. Ctrl-C stops both."

while kill -0 "$kafka" 2>/dev/null && kill -0 "$redis" 2>/dev/null; do sleep 1; done
fail "one of them ended; the last words of both are in $dir/kafka.log and $dir/redis.log"
