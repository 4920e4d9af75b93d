#!/usr/bin/env bash
# kafka.sh DIR PORT CONTROLLER_PORT: one Kafka on 127.0.0.1:PORT, data and settings in DIR, in the
# foreground and in the place of this script. Started again in the same DIR it goes on with its data.
# KAFKA_ADVERTISED_PORT is the port that it names to clients, where they come through a proxy.
# KAFKA_OPTS gives Java more options, as with Kafka's own scripts.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 3 ] || fail "usage: kafka.sh DIR PORT CONTROLLER_PORT"
require_kafka
mkdir -p "$1/tmp"
dir=$(cd "$1" && pwd)
port=$2
controller_port=$3

# What formatting writes last.
formatted=$dir/data/meta.properties
# A killed broker is believed alive until its session ends, and a new one waits for that. Short only
# where it matters: a machine that is busy must not cost a broker its leadership.
session_ms=9000
if [ -f "$formatted" ]; then session_ms=2500; fi

cat >"$dir/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:${KAFKA_ADVERTISED_PORT:-$port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$controller_port
log.dirs=$dir/data
broker.session.timeout.ms=$session_ms
broker.heartbeat.interval.ms=500

# Topics are made by goldstream, with its settings.
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0

# There is no second broker, and few partitions are quickly there.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4

# It shares the machine with what works on it.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=2097152
SETTINGS

# Without the second compiler: in the minutes that a test takes it costs more than it gains.
java=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData)
if [ -f "$kafka_classes" ]; then java+=("-XX:SharedArchiveFile=$kafka_classes"); fi
java+=("-Dlog4j2.configurationFile=$root/tests/servers/kafka/log4j2.properties")
java+=("-Djava.io.tmpdir=$dir/tmp" -cp "$kafka_home/libs/*")

if [ ! -f "$formatted" ]; then
  "${java[@]}" kafka.tools.StorageTool format \
    --cluster-id goldstream-test-kafkaA --config "$dir/server.properties"
fi

# shellcheck disable=SC2086
exec "${java[@]}" -Xmx384m -XX:+ExitOnOutOfMemoryError ${KAFKA_OPTS:-} kafka.Kafka "$dir/server.properties"
