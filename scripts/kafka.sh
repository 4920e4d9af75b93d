#!/usr/bin/env bash
# kafka.sh DIR PORT CONTROLLER_PORT: one Kafka on 127.0.0.1:PORT, data and settings in DIR, in the
# foreground and in the place of this script. Started again in the same DIR it goes on with its data.
# KAFKA_ADVERTISED_PORT is the port that it names to clients, where they come through a proxy.
# KAFKA_NODE, its number, KAFKA_VOTERS, NODE@HOST:CONTROLLER_PORT of all, and KAFKA_COPIES, of its own topics, make it
# one of several.
# KAFKA_OPTS gives Java more options, as with Kafka's own scripts.
# With KAFKA_CERTIFICATES, a directory with ca.pem, server.pem and server.key, it lets nobody do what no rule
# allows, and has a listener for logins over TLS on KAFKA_SASL_SSL_PORT and one for certificates on
# KAFKA_SSL_PORT; who comes over PORT is its administrator. KAFKA_PLAIN_USERS is what PLAIN knows: user_NAME="PASSWORD" ….
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 3 ] || fail "usage: kafka.sh DIR PORT CONTROLLER_PORT"
require_kafka
mkdir -p "$1/tmp"
dir=$(cd "$1" && pwd)
port=$2
controller_port=$3

listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised=PLAINTEXT://127.0.0.1:${KAFKA_ADVERTISED_PORT:-$port}
if [ -n "${KAFKA_CERTIFICATES:-}" ]; then
  secured=SASL_SSL://127.0.0.1:$KAFKA_SASL_SSL_PORT,SSL://127.0.0.1:$KAFKA_SSL_PORT
  listeners=$listeners,$secured
  advertised=$advertised,$secured
fi

# What formatting writes last.
formatted=$dir/data/meta.properties
# A killed broker is believed alive until its session ends, and a new one waits for that. Short only
# where it matters: a machine that is busy must not cost a broker its leadership.
session_ms=9000
if [ -f "$formatted" ]; then session_ms=2500; fi

cat >"$dir/server.properties" <<SETTINGS
process.roles=broker,controller
node.id=${KAFKA_NODE:-1}
listeners=$listeners
advertised.listeners=$advertised
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
controller.listener.names=CONTROLLER
controller.quorum.voters=${KAFKA_VOTERS:-1@127.0.0.1:$controller_port}
log.dirs=$dir/data
broker.session.timeout.ms=$session_ms
broker.heartbeat.interval.ms=500

# Topics are made by goldstream, with its settings.
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0

# Few partitions are quickly there.
offsets.topic.replication.factor=${KAFKA_COPIES:-1}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=${KAFKA_COPIES:-1}
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4

# It shares the machine with what works on it.
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=2097152
SETTINGS

if [ -n "${KAFKA_CERTIFICATES:-}" ]; then
  # Certificate and key in one file, as Kafka wants them.
  cat "$KAFKA_CERTIFICATES/server.key" "$KAFKA_CERTIFICATES/server.pem" >"$dir/server.pem"
  login=org.apache.kafka.common.security
  cat >>"$dir/server.properties" <<SETTINGS

authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location=$dir/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$KAFKA_CERTIFICATES/ca.pem
listener.name.ssl.ssl.client.auth=required
# The user of a certificate is its common name.
ssl.principal.mapping.rules=RULE:^CN=([^,]*).*\$/\$1/,DEFAULT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_ssl.plain.sasl.jaas.config=$login.plain.PlainLoginModule required ${KAFKA_PLAIN_USERS:-};
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$login.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$login.scram.ScramLoginModule required;
# Tokens that nobody signed: what is tried is the client's way of showing one.
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=$login.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
SETTINGS
fi

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
