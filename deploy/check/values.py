"""values.py HELM CHART: wrong values are refused, each with the words that name it. Prints a line a check; ends with 1
at the first that fails."""

import subprocess
import sys

helm, chart = sys.argv[1:]
# What is set, and what the refusal says: by the schema, which `helm lint` and the editor see, too,
BY_SCHEMA = [
    (["silver.replica=3"], "replica"),
    (["silver.replicas=two"], "/silver/replicas"),
    (["gold.autoscaling.minReplicas=0"], "/gold/autoscaling/minReplicas"),
    (["partitions=0"], "/partitions"),
    (["image.tag=latest"], "/image/tag"),
    (["image.digest=abc"], "/image/digest"),
    (["kafka.brokers=kafka"], "/kafka/brokers"),
    (["kafka.config.sasl\\.password=x"], "sasl.password"),
    (["kafka.config.ssl\\.key\\.password=x"], "ssl.key.password"),
    (["kafka.config.bootstrap\\.servers=k:9092"], "bootstrap.servers"),
    (["kafka.config.batch\\.size=5"], "/kafka/config/batch.size"),
    (["redis.url=redis://user:password@redis:6379"], "/redis/url"),
    (["redis.url=http://redis"], "/redis/url"),
    (["redis.url=redis-sentinel://u:p@s1\\,s2#shop"], "/redis/url"),
    (["redis.ca.secret=a", "redis.ca.configMap=b"], "/redis/ca"),
    (["config=token = \"abc\""], "/config"),
    (["lake.address=gs://x"], "/lake/address"),
    (["serve.currency=euro"], "/serve/currency"),
    (["serve.resources.limits.memory=null"], "memory"),
    (["serve.resources.limits.memory=lots"], "/serve/resources/limits/memory"),
    (["fullnameOverride=shop"], "/fullnameOverride"),
    (["otlp.url=otel:4318"], "/otlp/url"),
    (["otlp.oneIn=0"], "/otlp/oneIn"),
    (["networkPolicy.kafka.ports[0]=99999"], "/networkPolicy/kafka/ports"),
]
# and what only a template can see.
BY_TEMPLATE = [
    (["silver.replicas=5"], "no work"),
    (["gold.autoscaling.enabled=true", "gold.autoscaling.maxReplicas=5"], "no work"),
    (["token.secret="], "token.secret"),
    (["config=[kafka]", "kafka.config.security\\.protocol=SSL"], "second one"),
    (["lake.enabled=true"], "lake.address"),
    (["produce.enabled=true"], "produce.volume"),
    (["serve.ingress.enabled=true"], "serve.ingress.host"),
    (["serve.ingress.enabled=true", "serve.ingress.host=x.example", "token.secret=", "insecureListen=true"], "wants token.secret"),
]
BASE = ["-f", f"{chart}/ci/minimal.yaml", "--kube-version", "1.30.0"]


def asked(command, values):
    sets = [word for value in values for word in ("--set", value)]
    done = subprocess.run([helm, *command, chart, *BASE, *sets], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


LINT, TEMPLATE = ["lint", "--strict"], ["template", "x"]
passes, said = asked(LINT, [])
if not passes:
    sys.exit(f"FAILED  good values are taken\n{said}")
print("ok  good values are taken")
for command, values, words in [(LINT, *one) for one in BY_SCHEMA] + [(TEMPLATE, *one) for one in BY_TEMPLATE]:
    passes, said = asked(command, values)
    if passes or words not in said:
        sys.exit(f"FAILED  {' '.join(values)} is refused, with {words!r}\n{said}")
    print(f"ok  {' '.join(values)} is refused by helm {command[0]}")
