#!/usr/bin/env bash
# check.sh [GOLDSTREAM]: holds chart, rules and board against what they should be, without a cluster. A line a check; it
# ends with 1 at the first that fails. With a binary it also asks that for the flags and settings that the chart uses, and
# under scripts/with-servers.sh it starts some pods' containers as they stand.
# scripts/deploy-tools.sh makes what it needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
chart=$here/helm/goldstream
"$here/../scripts/deploy-tools.sh"
{ read -r helm && read -r promtool && read -r _ && read -r python; } < <("$here/../scripts/deploy-tools.sh" where)
export PYTHONDONTWRITEBYTECODE=1
dir=$(mktemp -d "${TMPDIR:-/tmp}/goldstream-deploy.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# helm tells of the two links to rules and board each time.
quiet() { # COMMAND...
  "$@" 2> >(grep -v "found symbolic link" >&2)
}

for values in "$chart"/ci/*.yaml; do
  case=$(basename "$values" .yaml)
  if ! said=$("$helm" lint --strict --kube-version 1.30.0 "$chart" -f "$values" 2>&1); then
    printf 'FAILED  %s: helm lint\n%s\n' "$case" "$said"
    exit 1
  fi
  echo "ok  $case: helm lint"
  quiet "$helm" template goldstream "$chart" --namespace shop --kube-version 1.30.0 -f "$values" >"$dir/$case.yaml"
done
"$python" "$here/check/page.py" "$helm" "$chart" "$dir"
# The one with everything last: faults are planted into it.
"$python" "$here/check/manifests.py" "$dir"/page-*.yaml "$dir"/{demo,minimal,secure,sentinel,all-on}.yaml
"$python" "$here/check/values.py" "$helm" "$chart"
"$python" "$here/check/rules.py" "$promtool"
"$python" "$here/check/board.py" "$promtool"
if [ $# -gt 0 ]; then
  "$python" "$here/check/flags.py" "$1" "$dir"/*.yaml
  [ -z "${GOLDSTREAM_TEST_KAFKA:-}" ] || "$python" "$here/check/pods.py" "$1" "$dir"/{demo,minimal}.yaml
fi
