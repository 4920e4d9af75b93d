#!/usr/bin/env bash
# minio.sh DIR PORT: one MinIO on 127.0.0.1:PORT, data in DIR, in the foreground and in the place of this
# script, without its console. It has a bucket `lake`; user and password are minioadmin.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ $# -eq 2 ] || fail "usage: minio.sh DIR PORT"
require_minio
# A folder is a bucket. Certificates in the user's home would make it a server of HTTPS.
mkdir -p "$1/data/lake" "$1/certs"
# Nor does it ask its makers whether there is a newer one.
export MINIO_ROOT_USER=minioadmin MINIO_ROOT_PASSWORD=minioadmin MINIO_BROWSER=off MINIO_UPDATE=off
exec "$minio" server --certs-dir "$1/certs" --address "127.0.0.1:$2" "$1/data"
