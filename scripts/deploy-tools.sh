#!/usr/bin/env bash
# deploy-tools.sh: what deploy/check.sh and deploy/live-check.sh need: helm, promtool and prometheus, and a Python
# with the schemas of Kubernetes. A helm, a promtool and a prometheus on the PATH will do. What is missing it makes,
# once, beside the servers of the tests, and starts nothing.
# deploy-tools.sh prometheus: that alone. deploy-tools.sh where: the four places, one a line.
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

helm_version=v3.22.0
# Bundles the schemas of many versions of Kubernetes.
validate_version=1.37.0
helm_home=$cache/helm-$helm_version
prometheus_home=$cache/prometheus-debian
schemas_home=$cache/kubernetes-validate-$validate_version

helm=$(command -v helm || printf '%s' "$helm_home/helm")
promtool=$(command -v promtool || printf '%s' "$prometheus_home/promtool")
prometheus=$(command -v prometheus || printf '%s' "$prometheus_home/prometheus")

build_helm() {
  [ ! -x "$helm" ] || return 0
  command -v go >/dev/null || fail "there is no helm on the PATH and no Go to build one: brew install helm (macOS), or apt-get install golang-go (Debian 13)"
  echo "building helm, once, for two minutes: into $helm_home" >&2
  begin_new "$helm_home"
  CGO_ENABLED=0 GOBIN=$new go install -trimpath -ldflags "-s -w" "helm.sh/helm/v3/cmd/helm@$helm_version" >&2 ||
    fail "helm could not be built; Go says above why. Any helm 3 on the PATH will do, too"
  keep_new "$helm_home"
}

download_prometheus() (
  cd "$new" || exit
  apt-get download -qq -o APT::Sandbox::User=root prometheus && dpkg-deb --fsys-tarfile ./*.deb | tar -x ./usr/bin
)

# Taken out of Debian's package: it would start a service where it is installed.
fetch_prometheus() {
  if [ -x "$promtool" ] && [ -x "$prometheus" ]; then return 0; fi
  if ! { command -v apt-get && command -v dpkg-deb; } >/dev/null; then
    fail "there is no promtool and prometheus on the PATH: brew install prometheus (macOS)"
  fi
  echo "fetching Prometheus, once: into $prometheus_home" >&2
  begin_new "$prometheus_home"
  # Who has no lists of packages yet gets them, where he may.
  download_prometheus 2>/dev/null || { apt-get update -qq && download_prometheus; } >&2 ||
    fail "Prometheus could not be fetched; apt-get says above why, and after an \`apt-get update\` it may know the package"
  mv "$new"/usr/bin/* "$new"
  rm -r "${new:?}"/usr "$new"/*.deb
  keep_new "$prometheus_home"
}

make_schemas() {
  [ ! -d "$schemas_home" ] || return 0
  echo "making a Python with the schemas of Kubernetes, once: in $schemas_home" >&2
  begin_new "$schemas_home"
  { python3 -m venv "$new" && "$new/bin/python" -m pip --quiet --disable-pip-version-check \
    install --only-binary :all: "kubernetes-validate==$validate_version"; } >&2 ||
    fail "the Python with the schemas could not be made; pip says above why"
  keep_new "$schemas_home"
}

case ${1:-all} in
  all)
    build_helm
    fetch_prometheus
    make_schemas
    ;;
  prometheus) fetch_prometheus ;;
  where) printf '%s\n' "$helm" "$promtool" "$prometheus" "$schemas_home/bin/python" ;;
  *) fail "usage: deploy-tools.sh [prometheus | where]" ;;
esac
