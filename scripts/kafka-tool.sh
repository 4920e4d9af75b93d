#!/usr/bin/env bash
# kafka-tool.sh acls|configs|console-consumer|console-producer|consumer-groups|delete-records|topics OPTIONS…: a tool of Kafka's own Java client, on
# the broker at GOLDSTREAM_TEST_KAFKA. Where that is a container, GOLDSTREAM_TEST_KAFKA_CONTAINER names it.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || fail "usage: kafka-tool.sh TOOL OPTIONS…"
tool=$1
shift
if [ -n "${GOLDSTREAM_TEST_KAFKA_CONTAINER:-}" ]; then
  # The listener for clients inside of the container.
  exec docker exec -i "$GOLDSTREAM_TEST_KAFKA_CONTAINER" "/opt/kafka/bin/kafka-$tool.sh" \
    --bootstrap-server localhost:9093 "$@"
fi
require_kafka
case $tool in
  acls) class=org.apache.kafka.tools.AclCommand ;;
  configs) class=kafka.admin.ConfigCommand ;;
  console-consumer) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
  consumer-groups) class=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
  console-producer) class=org.apache.kafka.tools.ConsoleProducer ;;
  delete-records) class=org.apache.kafka.tools.DeleteRecordsCommand ;;
  topics) class=org.apache.kafka.tools.TopicCommand ;;
  *) fail "no tool $tool" ;;
esac
exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  "-Dlog4j2.configurationFile=$root/tests/servers/kafka/log4j2.properties" \
  -cp "$kafka_home/libs/*" "$class" --bootstrap-server "$GOLDSTREAM_TEST_KAFKA" "$@"
