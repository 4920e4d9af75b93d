# What the scripts share; sourced, never run. Bash 3.2 must understand it: macOS has no newer one.
# shellcheck shell=bash

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$scripts")
kafka_pom=$root/tests/servers/kafka/pom.xml
kafka_version=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$kafka_pom")
# Complete wherever it exists: setup.sh makes it elsewhere and renames it.
cache=${GOLDSTREAM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goldstream}
kafka_home=$cache/kafka-$kafka_version
# The broker's classes as Java has them once loaded: half the work of a start. One that another Java
# made is not used.
# shellcheck disable=SC2034
kafka_classes=$kafka_home/classes.jsa
# Its releases have no version that Go knows; a commit has this one.
minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
minio_home=$cache/minio-$minio_version
minio=$(command -v minio || printf '%s' "$minio_home/minio")
# A Python with what the examples in docs/api.md read Parquet with. Other versions are another one.
python_packages=$root/tests/data/python/requirements.txt
# shellcheck disable=SC2034
python_home=$cache/python-$(cksum <"$python_packages" | cut -d ' ' -f 1)

fail() { # SENTENCE
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

require_kafka() {
  command -v java >/dev/null || fail "there is no Java to run Kafka with; \`make setup\` sees to it"
  [ -d "$kafka_home" ] || fail "there is no Kafka in $kafka_home; \`make setup\` sees to it"
}

require_redis() {
  command -v redis-server >/dev/null || fail "there is no redis-server; \`make setup\` sees to it"
}

require_minio() {
  [ -x "$minio" ] || fail "there is no MinIO in $minio_home; \`make setup\` sees to it"
}

# Below those that a system gives to clients, so that no client takes one meanwhile.
free_port() { # gives port
  while :; do
    port=$((20000 + RANDOM % 12000))
    # Free where nobody answers.
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || return 0
  done
}

# Starts a server in the background, its words in LOG. Where Linux offers it, the server ends with
# this script, even with one that is killed.
launch() { # LOG COMMAND...; gives pid
  local log=$1
  shift
  if command -v setpriv >/dev/null; then set -- setpriv --pdeathsig KILL -- "$@"; fi
  : >"$log" # here already: whoever waits must not read an older one
  "$@" >>"$log" 2>&1 </dev/null &
  # shellcheck disable=SC2034
  pid=$!
}

# Waits for the words with which the server NAME says that it answers; fails where it ends instead, or
# says nothing for a minute.
await() { # NAME PID LOG
  local words looks=0
  case $1 in
    Kafka) words="Kafka Server started" ;;
    Redis) words="Ready to accept connections" ;;
    MinIO) words="API: http" ;;
  esac
  until grep -q "$words" "$3" 2>/dev/null; do
    kill -0 "$2" 2>/dev/null || return 1
    looks=$((looks + 1))
    [ "$looks" -lt 1200 ] || return 1
    sleep 0.05
  done
}

did_not_start() { # NAME LOG
  printf '%s: %s did not start. Its last words:\n' "${0##*/}" "$1" >&2
  tail -n 20 "$2" | sed 's/^/  /' >&2
  exit 1
}

# Half of a thing never has the name of a whole one: it is made beside, in $new, and then renamed.
begin_new() { # HOME; gives new
  mkdir -p "$cache"
  new=$(mktemp -d "$1.XXXXXX")
  trap 'rm -rf "$new"' EXIT
}

# Who was first at the same time has won.
keep_new() { # HOME
  [ -d "$1" ] || mv "$new" "$1"
  rm -rf "$new"
}
