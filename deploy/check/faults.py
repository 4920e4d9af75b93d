"""Faults that are planted into good manifests, each for the assertion that must see it."""

import assembly
import assertions


def one(docs, kind, part=""):
    return next(doc for doc in docs if doc["kind"] == kind and part in doc["metadata"]["name"])


def pod(docs):
    return one(docs, "StatefulSet", "gold")["spec"]["template"]["spec"]


def box(docs):
    return pod(docs)["containers"][0]


def set_in(thing, **values):
    thing.update(values)


def env(docs, key):
    return next(entry for entry in box(docs)["env"] if entry["name"] == key)


FAULTS = [
    (assertions.the_schemas_of_kubernetes_take_it, "a field that Kubernetes does not know", lambda d: set_in(one(d, "Deployment")["spec"], replica=2)),
    (assertions.the_schemas_of_kubernetes_take_it, "a number as text", lambda d: set_in(one(d, "Deployment")["spec"], replicas="two")),
    (assertions.the_schemas_of_kubernetes_take_it, "a ScaledObject without a query", lambda d: one(d, "ScaledObject")["spec"]["triggers"][0]["metadata"].pop("query")),
    (assertions.the_schemas_of_kubernetes_take_it, "a PodMonitor without ports", lambda d: one(d, "PodMonitor")["spec"].pop("podMetricsEndpoints")),
    (assertions.the_schemas_of_kubernetes_take_it, "rules of another version", lambda d: set_in(one(d, "PrometheusRule"), apiVersion="v1")),
    (assertions.nothing_is_there_twice, "a second Service of one name", lambda d: d.append(one(d, "Service"))),
    (assertions.containers_have_no_rights, "a pod as root", lambda d: set_in(pod(d)["securityContext"], runAsUser=0)),
    (assertions.containers_have_no_rights, "a container as root", lambda d: set_in(box(d)["securityContext"], runAsUser=0)),
    (assertions.containers_have_no_rights, "a writable root", lambda d: box(d)["securityContext"].pop("readOnlyRootFilesystem")),
    (assertions.containers_have_no_rights, "a capability", lambda d: set_in(box(d)["securityContext"]["capabilities"], add=["NET_RAW"])),
    (assertions.containers_have_no_rights, "no seccomp profile", lambda d: pod(d)["securityContext"].pop("seccompProfile")),
    (assertions.containers_have_no_rights, "privileges to gain", lambda d: box(d)["securityContext"].pop("allowPrivilegeEscalation")),
    (assertions.containers_have_no_rights, "the host's network", lambda d: set_in(pod(d), hostNetwork=True)),
    (assertions.containers_have_no_rights, "a token of Kubernetes", lambda d: pod(d).pop("automountServiceAccountToken")),
    (assertions.containers_have_no_rights, "variables of Services", lambda d: pod(d).pop("enableServiceLinks")),
    (assertions.containers_have_probes_and_time_to_end, "no liveness probe", lambda d: box(d).pop("livenessProbe")),
    (assertions.containers_have_probes_and_time_to_end, "a readiness probe on no port", lambda d: set_in(box(d)["readinessProbe"]["httpGet"], port="http")),
    (assertions.containers_have_probes_and_time_to_end, "five seconds to end", lambda d: set_in(pod(d), terminationGracePeriodSeconds=5)),
    (assertions.containers_have_requests_and_limits, "no limit of memory", lambda d: box(d)["resources"].pop("limits")),
    (assertions.images_have_a_version, "latest", lambda d: set_in(box(d), image="registry.example:5000/goldstream:latest")),
    (assertions.images_have_a_version, "no tag", lambda d: set_in(box(d), image="registry.example:5000/goldstream")),
    (assertions.no_secret_stands_in_clear, "a password in the URL", lambda d: set_in(env(d, "GOLDSTREAM_REDIS"), value="redis://u:p@redis:6379")),
    (assertions.no_secret_stands_in_clear, "a token in clear", lambda d: box(d)["env"].append({"name": "GOLDSTREAM_TOKEN", "value": "x"})),
    (assertions.no_secret_stands_in_clear, "a password in the settings", lambda d: set_in(one(d, "ConfigMap")["data"], **{"goldstream.toml": '[kafka]\n"sasl.password" = "x"\n'})),
    (assertions.no_secret_stands_in_clear, "a Secret", lambda d: d.append({"kind": "Secret", "metadata": {"name": "s"}})),
    (assertions.settings_are_toml_and_name_mounted_files, "settings that are none", lambda d: set_in(one(d, "ConfigMap")["data"], **{"goldstream.toml": "a = \n"})),
    (assertions.settings_are_toml_and_name_mounted_files, "a password file that is not mounted", lambda d: set_in(env(d, "GOLDSTREAM_REDIS_PASSWORD_FILE"), value="/etc/x")),
    (assertions.settings_are_toml_and_name_mounted_files, "a mount without a volume", lambda d: pod(d)["volumes"].pop()),
    (assembly.selectors_find_their_pods, "a budget for nobody", lambda d: set_in(one(d, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"], x="y")),
    (assembly.selectors_find_their_pods, "a policy for nobody", lambda d: set_in(one(d, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"], x="y")),
    (assembly.selectors_find_their_pods, "a workload that selects others", lambda d: one(d, "StatefulSet")["spec"]["selector"]["matchLabels"].pop("app.kubernetes.io/component")),
    (assembly.every_pod_has_a_network_policy_or_none_has, "a role without a policy", lambda d: d.remove(one(d, "NetworkPolicy", "gold"))),
    (assembly.every_pod_has_a_network_policy_or_none_has, "egress to every port", lambda d: one(d, "NetworkPolicy", "gold")["spec"]["egress"][0].pop("ports")),
    (assembly.every_pod_has_a_network_policy_or_none_has, "metrics for everybody", lambda d: one(d, "NetworkPolicy", "gold")["spec"]["ingress"][0].pop("from")),
    (assembly.who_tells_traces_reaches_the_collector, "traces to where no policy leads", lambda d: set_in(env(d, "GOLDSTREAM_OTLP"), value="http://otel:14318")),
    (assembly.who_tells_traces_reaches_the_collector, "traces of who knows how many", lambda d: box(d)["env"].remove(env(d, "GOLDSTREAM_OTLP_ONE_IN"))),
    (assembly.ports_are_those_of_the_pods, "a Service to no port", lambda d: set_in(one(d, "Service")["spec"]["ports"][0], targetPort="https")),
    (assembly.ports_are_those_of_the_pods, "a PodMonitor of no port", lambda d: set_in(one(d, "PodMonitor")["spec"]["podMetricsEndpoints"][0], port="web")),
    (assembly.ports_are_those_of_the_pods, "a policy for no port", lambda d: set_in(one(d, "NetworkPolicy", "gold")["spec"]["ingress"][0]["ports"][0], port="http")),
    (assembly.ports_are_those_of_the_pods, "an Ingress to nowhere", lambda d: set_in(one(d, "Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"], name="x")),
    (assembly.ports_are_those_of_the_pods, "another port than the setting's", lambda d: set_in(box(d)["ports"][0], containerPort=9091)),
    (assembly.consumers_keep_their_names, "a consumer as a Deployment", lambda d: set_in(one(d, "StatefulSet"), kind="Deployment")),
    (assembly.consumers_keep_their_names, "consumers of one name", lambda d: set_in(env(d, "GOLDSTREAM_INSTANCE"), valueFrom={})),
    (assembly.consumers_keep_their_names, "no Service for the names", lambda d: set_in(one(d, "StatefulSet")["spec"], serviceName="x")),
    (assembly.scaling_ends_at_the_partitions, "more pods than partitions", lambda d: set_in(one(d, "ScaledObject")["spec"], maxReplicaCount=99)),
    (assembly.scaling_ends_at_the_partitions, "replicas beside the ScaledObject", lambda d: set_in(one(d, "StatefulSet", "gold")["spec"], replicas=2)),
    (assembly.scaling_ends_at_the_partitions, "a target that is not there", lambda d: set_in(one(d, "ScaledObject")["spec"]["scaleTargetRef"], name="x")),
]
