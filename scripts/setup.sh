#!/usr/bin/env bash
# What the project needs: `setup.sh build` to be built and run, `setup.sh` also to be tested. Looks, and
# changes nothing that is there. What is missing it installs where it may (Debian and Ubuntu, as root or
# with a sudo that does not ask); elsewhere it says what to install.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

missing=()
packages=()
need() { # SENTENCE DEBIAN-PACKAGE...
  missing+=("$1")
  shift
  packages+=("$@")
}

has() { command -v "$1" >/dev/null; }

# At least WANTED.
reaches() { # WANTED VERSION
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

check_rust() {
  local wanted have
  wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' "$root/Cargo.toml")
  has cargo || { need "Rust $wanted or newer: https://rustup.rs" && return; }
  have=$(rustc --version | cut -d ' ' -f 2)
  reaches "$wanted" "$have" || need "Rust $wanted or newer, here is $have: rustup update stable"
}

# librdkafka, zstd and jemalloc are compiled with these. Nothing else: zlib comes with its crate where
# the machine has none.
check_build() {
  local apple="xcode-select --install (macOS)"
  check_rust
  has cc || need "a C compiler: apt-get install gcc (Debian), $apple" gcc libc6-dev
  has c++ || need "a C++ compiler: apt-get install g++ (Debian), $apple" g++
  has make || need "make: apt-get install make (Debian), $apple" make
  check_node
}

# The dashboard is built with it. Debian's own is new enough from version 13 on.
check_node() {
  local have
  have=$( (node --version 2>/dev/null || true) | tr -d v)
  reaches 20.19 "${have:-0}" && has npm ||
    need "Node 20.19 or newer with npm${have:+, here is $have}: apt-get install nodejs npm (Debian 13), brew install node (macOS)" nodejs npm
}

# The browser in which the dashboard is tested.
check_browser() {
  has chromium || has chromium-browser || has google-chrome || [ -x "${CHROMIUM:-}" ] ||
    need "Chromium: apt-get install chromium (Debian), or CHROMIUM=PATH names one" chromium
}

# What plays a terminal, what signs certificates, and what users take to the feed.
check_programs() {
  has python3 || need "Python 3: apt-get install python3 (Debian), brew install python3 (macOS)" python3
  [ -d "$python_home" ] || python3 -c "import ensurepip, venv" 2>/dev/null ||
    need "Python's venv: apt-get install python3-venv (Debian)" python3-venv
  pkg-config --exists openssl 2>/dev/null ||
    need "OpenSSL's headers, for TLS to Kafka: apt-get install libssl-dev pkg-config (Debian), brew install openssl pkgconf (macOS)" libssl-dev pkg-config
  has openssl || need "OpenSSL's command: apt-get install openssl (Debian), brew install openssl (macOS)" openssl
  has curl || need "curl: apt-get install curl (Debian), brew install curl (macOS)" curl
}

# The servers that tests work on.
check_servers() {
  local java redis go
  # `1.8` is 8. macOS has a `java` that only says that there is none.
  java=$( (java -version 2>&1 || true) | sed -n 's/.* version "\([0-9.]*\).*/\1/p' | head -n 1)
  reaches 17 "${java:-0}" ||
    need "Java 17 or newer: apt-get install openjdk-17-jre-headless (Debian), brew install openjdk (macOS)" openjdk-17-jre-headless
  redis=$( (redis-server --version 2>/dev/null || true) | sed -n 's/.* v=\([0-9.]*\).*/\1/p')
  reaches 7 "${redis:-0}" ||
    need "Redis 7 or newer${redis:+, here is $redis}: apt-get install redis-server (Debian), brew install redis (macOS)" redis-server
  # Maven's one task.
  [ -d "$kafka_home" ] || has mvn ||
    need "Maven, to fetch Kafka: apt-get install maven (Debian), brew install maven (macOS)" maven
  # Go's one task.
  go=$( (go version 2>/dev/null || true) | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
  [ -x "$minio" ] || reaches 1.24 "${go:-0}" ||
    need "a minio on the PATH, or Go 1.24 or newer${go:+, here is $go}, to build it: apt-get install golang-go (Debian 13), brew install minio (macOS), https://go.dev/dl" golang-go
}

check() {
  missing=()
  packages=()
  check_build
  if [ "$what" = all ]; then check_servers && check_browser && check_programs; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  has apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# What apt-get cannot do is said and not yet the end: all is checked again afterwards.
install_packages() {
  local wanted="${packages[*]}" said
  as_root apt-get update -qq || true
  said=$(apt-cache policy openjdk-17-jre-headless)
  if [[ $said != *"Candidate: "[0-9]* ]]; then
    wanted=${wanted/openjdk-17-jre-headless/default-jre-headless}
  fi
  echo "installing $wanted" >&2
  # Slim images have cut it away, and Java's package does not go without.
  as_root mkdir -p /usr/share/man/man1
  # shellcheck disable=SC2086
  said=$(as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y \
    --no-install-recommends -o DPkg::Lock::Timeout=300 $wanted 2>&1) || tail -n 20 <<<"$said" >&2
  # systemd starts what is installed, now and whenever the machine starts; the tests start their own.
  if [[ $wanted == *redis-server* && -d /run/systemd/system ]]; then
    as_root systemctl disable --quiet --now redis-server || true
  fi
}

tell() {
  printf 'goldstream needs:\n' >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
}

fetch_kafka() {
  [ ! -d "$kafka_home" ] || return 0
  echo "fetching Kafka $kafka_version, once: into $kafka_home" >&2
  begin_new "$kafka_home"
  mvn -q -B -C -Dstyle.color=never -f "$kafka_pom" dependency:copy-dependencies "-DoutputDirectory=$new/libs" >&2 ||
    fail "Kafka could not be fetched; Maven says above why"
  keep_new "$kafka_home"
}

build_minio() {
  [ ! -x "$minio" ] || return 0
  echo "building MinIO, once, for some minutes: into $minio_home" >&2
  begin_new "$minio_home"
  CGO_ENABLED=0 GOBIN=$new go install -trimpath -ldflags "-s -w" "github.com/minio/minio@$minio_version" >&2 ||
    fail "MinIO could not be built; Go says above why. Any minio on the PATH will do, too"
  keep_new "$minio_home"
}

# What the examples in the documents read Parquet with. It may be moved: its python finds itself.
make_python() {
  [ ! -d "$python_home" ] || return 0
  echo "making a Python with pandas, polars and DuckDB, once: in $python_home" >&2
  begin_new "$python_home"
  python3 -m venv "$new" && "$new/bin/python" -m pip --quiet --disable-pip-version-check \
    install --only-binary :all: --requirement "$python_packages" >&2 ||
    fail "the Python of the tests could not be made; pip says above why"
  keep_new "$python_home"
}

# Starts Kafka once, so that Java writes down its classes; all later starts take half the time.
note_classes() {
  [ ! -f "$kafka_classes" ] || return 0
  new=$(mktemp -d "${TMPDIR:-/tmp}/goldstream-setup.XXXXXX")
  trap 'kill -KILL "$pid" 2>/dev/null || true; rm -rf "$new"' EXIT
  export KAFKA_OPTS="-XX:ArchiveClassesAtExit=$new/classes.jsa"
  free_port
  launch "$new/log" "$scripts/kafka.sh" "$new" "$port" $((port + 1))
  await Kafka "$pid" "$new/log" || did_not_start Kafka "$new/log"
  kill -TERM "$pid"
  wait "$pid" || true
  mv "$new/classes.jsa" "$kafka_classes"
}

case ${1:-all} in
  build | all) what=${1:-all} ;;
  *) fail "usage: setup.sh [build]" ;;
esac

check
if [ ${#packages[@]} -gt 0 ] && may_install; then
  install_packages
  check
fi
[ ${#missing[@]} -eq 0 ] || tell
[ "$what" = all ] || exit 0
make_python
fetch_kafka
build_minio
note_classes
"$scripts/deploy-tools.sh"
