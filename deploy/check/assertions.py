"""What every rendered manifest keeps. Each function gives a sentence for each thing that is wrong."""

import re
import tomllib

import kubernetes_validate

# The oldest version that the chart takes, and the newest that is known.
KUBERNETES = ("1.27.0", "1.37.0")
# What Kubernetes' schemas do not know: what must be there, by path.
CUSTOM = {
    "ScaledObject": ("keda.sh/v1alpha1", ["spec.scaleTargetRef.name", "spec.maxReplicaCount", "spec.triggers.0.type",
                                         "spec.triggers.0.metadata.serverAddress", "spec.triggers.0.metadata.query",
                                         "spec.triggers.0.metadata.threshold"]),
    "PodMonitor": ("monitoring.coreos.com/v1", ["spec.selector.matchLabels", "spec.podMetricsEndpoints.0.port"]),
    "PrometheusRule": ("monitoring.coreos.com/v1", ["spec.groups.0.name", "spec.groups.0.rules.0.expr"]),
}
PREFIX = "/etc/goldstream/"


def at(doc, path):
    for step in path.split("."):
        doc = doc[int(step)] if isinstance(doc, list) and int(step) < len(doc) else doc.get(step) if isinstance(doc, dict) else None
        if doc is None:
            return None
    return doc


def name(doc):
    return f"{doc['kind']} {doc['metadata']['name']}"


def workloads(docs):
    return [doc for doc in docs if at(doc, "spec.template.spec.containers")]


def pods(docs):
    """Name, labels, spec and container of each pod."""
    for doc in workloads(docs):
        template = doc["spec"]["template"]
        for container in template["spec"]["containers"]:
            yield name(doc), template["metadata"]["labels"], template["spec"], container


def env(container):
    return {entry["name"]: entry for entry in container.get("env", [])}


def of_kind(docs, *kinds):
    return [doc for doc in docs if doc["kind"] in kinds]


def selected(docs, labels):
    return [pod for pod in pods(docs) if labels and labels.items() <= pod[1].items()]


def the_schemas_of_kubernetes_take_it(docs):
    for doc in docs:
        if doc["kind"] in CUSTOM:
            version, paths = CUSTOM[doc["kind"]]
            if doc["apiVersion"] != version:
                yield f"{name(doc)} is {doc['apiVersion']}, not {version}"
            yield from (f"{name(doc)} has no {path}" for path in paths if at(doc, path) in (None, "", {}))
            continue
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(doc, version, strict=True)
            except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                yield f"{name(doc)} for Kubernetes {version}: {getattr(error, 'message', error)}"


def nothing_is_there_twice(docs):
    seen = [name(doc) for doc in docs]
    yield from (f"{one} is there twice" for one in set(seen) if seen.count(one) > 1)


def containers_have_no_rights(docs):
    for who, _, spec, container in pods(docs):
        pod, own = spec.get("securityContext", {}), container.get("securityContext", {})
        capabilities = own.get("capabilities", {})
        for is_so, wrong in [
            (pod.get("runAsNonRoot") is True and pod.get("runAsUser", 0) > 0, "may run as root"),
            (own.get("runAsUser", 1) > 0 and own.get("runAsNonRoot", True), "may run as root"),
            (at(pod, "seccompProfile.type") == "RuntimeDefault", "has no seccomp profile"),
            (own.get("readOnlyRootFilesystem") is True, "may write to its root"),
            (own.get("allowPrivilegeEscalation") is False and not own.get("privileged"), "may gain privileges"),
            (capabilities.get("drop") == ["ALL"] and not capabilities.get("add"), "has capabilities"),
            (not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), "shares the host's namespaces"),
            (spec.get("automountServiceAccountToken") is False, "has a token of Kubernetes"),
            (spec.get("enableServiceLinks") is False, "takes names of Services for settings"),
        ]:
            if not is_so:
                yield f"{who} {wrong}"


def containers_have_probes_and_time_to_end(docs):
    for who, _, spec, container in pods(docs):
        ports = [port["name"] for port in container.get("ports", [])]
        for probe, path in [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]:
            asked = at(container, f"{probe}.httpGet") or {}
            if asked.get("path") != path or asked.get("port") not in ports:
                yield f"{who} has no {probe} on {path} of a port of its own: {asked}"
        # A role ends within 10 s, the balancer's 5 s come before it.
        if spec.get("terminationGracePeriodSeconds", 0) < 20:
            yield f"{who} is killed before it has ended"


def containers_have_requests_and_limits(docs):
    for who, _, _, container in pods(docs):
        for path in ("requests.cpu", "requests.memory", "limits.memory"):
            if not at(container.get("resources", {}), path):
                yield f"{who} has no resources.{path}"


def images_have_a_version(docs):
    for who, _, _, container in pods(docs):
        image = container["image"].rsplit("/", 1)[-1]
        if "@sha256:" not in image and (":" not in image or image.endswith((":latest", ":"))):
            yield f"{who} runs {container['image']}, which may be any version"


def no_secret_stands_in_clear(docs):
    for doc in of_kind(docs, "Secret"):
        yield f"{name(doc)} is rendered: its content would stand in the release"
    for doc in of_kind(docs, "ConfigMap"):
        for file, text in doc["data"].items():
            if re.search(r'(?im)^\s*"?[\w.]*(password|secret|token)"?\s*[=:]', text) or re.search(r"://[^/\s]*:[^/\s]*@", text):
                yield f"{name(doc)} has a secret in {file}"
    for who, _, _, container in pods(docs):
        for key, entry in env(container).items():
            value = entry.get("value", "")
            if re.search("PASSWORD|SECRET|TOKEN|ACCESS_KEY", key) and "value" in entry and not key.endswith("_FILE"):
                yield f"{who} has {key} in clear"
            if re.search(r"://[^/]*:[^/]*@", value):
                yield f"{who} has a password in {key}"
        if any("password" in word or "token" in word for word in container.get("args", [])):
            yield f"{who} has a secret among its arguments"


def settings_are_toml_and_name_mounted_files(docs):
    maps = {doc["metadata"]["name"]: doc["data"] for doc in of_kind(docs, "ConfigMap")}
    for who, _, spec, container in pods(docs):
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        mounts = {mount["name"]: mount for mount in container.get("volumeMounts", [])}
        yield from (f"{who} mounts {one}, which is no volume, or has a volume that nobody mounts" for one in volumes.keys() ^ mounts.keys())
        there, wanted = set(), {entry.get("value") for key, entry in env(container).items() if key.endswith("_FILE")}
        for key in volumes.keys() & mounts.keys():
            root = mounts[key]["mountPath"]
            for source in at(volumes[key], "projected.sources") or []:
                there |= {f"{root}/{item['path']}" for of in source.values() for item in of["items"]}
            if at(volumes[key], "configMap.name"):
                there.add(root)
                text = maps.get(volumes[key]["configMap"]["name"], {}).get("goldstream.toml", "")
                try:
                    kafka = tomllib.loads(text).get("kafka", {})
                except tomllib.TOMLDecodeError as error:
                    yield f"{who}: goldstream.toml is no TOML: {error}"
                    continue
                wanted |= {value for of, value in kafka.items() if of.endswith((".file", ".location"))}
                wanted.add(at(env(container), "GOLDSTREAM_CONFIG.value"))
        yield from (f"{who} is told of {file}, which is not mounted" for file in wanted - there)
        yield from (f"{who} has {file}, and is not told of it" for file in there - wanted)
