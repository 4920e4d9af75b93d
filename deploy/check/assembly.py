"""How the rendered objects go together. Each function gives a sentence for each thing that is wrong."""

from assertions import at, env, name, of_kind, pods, selected, workloads


def selectors_find_their_pods(docs):
    for doc in workloads(docs):
        labels = at(doc, "spec.selector.matchLabels")
        if not any(who == name(doc) for who, *_ in selected(docs, labels)) or len(selected(docs, labels)) != 1:
            yield f"{name(doc)} does not select its own pods alone"
        for spread in at(doc, "spec.template.spec.topologySpreadConstraints") or [{}]:
            if at(spread, "labelSelector.matchLabels") != labels:
                yield f"{name(doc)} is spread by the labels of others"
    for kind, path in [("PodDisruptionBudget", "spec.selector.matchLabels"), ("NetworkPolicy", "spec.podSelector.matchLabels"),
                       ("Service", "spec.selector"), ("PodMonitor", "spec.selector.matchLabels")]:
        for doc in of_kind(docs, kind):
            if not selected(docs, at(doc, path)):
                yield f"{name(doc)} selects no pod"


def every_pod_has_a_network_policy_or_none_has(docs):
    policies = of_kind(docs, "NetworkPolicy")
    known = {who for doc in policies for who, *_ in selected(docs, at(doc, "spec.podSelector.matchLabels"))}
    yield from (f"{who} has no NetworkPolicy" for who, *_ in pods(docs) if policies and who not in known)
    for doc in policies:
        if set(doc["spec"]["policyTypes"]) != {"Ingress", "Egress"}:
            yield f"{name(doc)} leaves a direction open"
        for rule in doc["spec"].get("egress", []):
            if not rule.get("ports"):
                yield f"{name(doc)} lets pods go to every port"
        is_serve = doc["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "serve"
        for rule in doc["spec"].get("ingress") or []:
            if not rule.get("ports") or not (is_serve or rule.get("from")):
                yield f"{name(doc)} lets everybody in"


def who_tells_traces_reaches_the_collector(docs):
    policies = of_kind(docs, "NetworkPolicy")
    for who, labels, _, container in pods(docs):
        url = at(env(container), "GOLDSTREAM_OTLP.value")
        if (url is None) != ("GOLDSTREAM_OTLP_ONE_IN" not in env(container)):
            yield f"{who} has one setting of traces without the other"
        rules = [rule for doc in policies if at(doc, "spec.podSelector.matchLabels").items() <= labels.items()
                 for rule in doc["spec"].get("egress", [])]
        ports = {port["port"] for rule in rules for port in rule.get("ports", [])}
        if url and policies and int(url.rsplit(":", 1)[1]) not in ports:
            yield f"{who} tells traces to {url}, and may not go there"


def ports_are_those_of_the_pods(docs):
    def named(labels):
        return {port["name"] for *_, container in selected(docs, labels) for port in container["ports"]}

    for doc in of_kind(docs, "Service"):
        for port in doc["spec"]["ports"]:
            if port["targetPort"] not in named(doc["spec"]["selector"]):
                yield f"{name(doc)} goes to port {port['targetPort']}, which no pod of it has"
    for doc in of_kind(docs, "PodMonitor"):
        for end in doc["spec"]["podMetricsEndpoints"]:
            if end["port"] not in named(doc["spec"]["selector"]["matchLabels"]):
                yield f"{name(doc)} reads port {end['port']}, which no pod of it has"
    for doc in of_kind(docs, "NetworkPolicy"):
        for rule in doc["spec"].get("ingress") or []:
            for port in rule.get("ports", []):
                if port["port"] not in named(at(doc, "spec.podSelector.matchLabels")):
                    yield f"{name(doc)} opens port {port['port']}, which no pod of it has"
    services = {doc["metadata"]["name"]: [port["name"] for port in doc["spec"]["ports"]] for doc in of_kind(docs, "Service")}
    for doc in of_kind(docs, "Ingress"):
        for path in at(doc, "spec.rules.0.http.paths"):
            to = path["backend"]["service"]
            if to["port"]["name"] not in services.get(to["name"], []):
                yield f"{name(doc)} goes to {to}, which is no port of a Service"
    for who, _, _, container in pods(docs):
        setting = "GOLDSTREAM_LISTEN" if container["args"][0] == "serve" else "GOLDSTREAM_METRICS"
        listens = at(env(container), f"{setting}.value")
        if listens != f"0.0.0.0:{container['ports'][0]['containerPort']}":
            yield f"{who} has {setting}={listens}, and names port {container['ports'][0]}"


def consumers_keep_their_names(docs):
    services = [doc["metadata"]["name"] for doc in of_kind(docs, "Service")]
    for doc in workloads(docs):
        container = doc["spec"]["template"]["spec"]["containers"][0]
        is_member = container["args"][0] in ("consume", "lake")
        if is_member != (doc["kind"] == "StatefulSet"):
            yield f"{name(doc)} is a {doc['kind']}"
        if is_member and at(env(container), "GOLDSTREAM_INSTANCE.valueFrom.fieldRef.fieldPath") != "metadata.name":
            yield f"{name(doc)} has pods whose consumers are not named as they are"
        if is_member and doc["spec"]["serviceName"] not in services:
            yield f"{name(doc)} has the serviceName {doc['spec']['serviceName']}, which is no Service"


def scaling_ends_at_the_partitions(docs):
    targets = {at(doc, "spec.scaleTargetRef.name"): doc for doc in of_kind(docs, "ScaledObject")}
    there = {doc["metadata"]["name"]: doc for doc in workloads(docs)}
    yield from (f"ScaledObject for {one}, which is not there" for one in targets.keys() - there.keys())
    for one, doc in there.items():
        partitions = int(env(doc["spec"]["template"]["spec"]["containers"][0])["GOLDSTREAM_PARTITIONS"]["value"])
        scaled = targets.get(one)
        if scaled and (scaled["spec"]["maxReplicaCount"] > partitions or scaled["spec"]["minReplicaCount"] < 1):
            yield f"{name(scaled)} scales beyond 1 to {partitions}"
        if (scaled is None) == (doc["spec"].get("replicas") is None):
            yield f"{name(doc)} has replicas of its own beside a ScaledObject, or neither"
