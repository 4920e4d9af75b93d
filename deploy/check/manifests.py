"""manifests.py FILE...: holds rendered manifests against every assertion, and each assertion against faults planted
into the last of them. Prints a line a check; ends with 1 at the first that fails."""

import copy
import pathlib
import sys

import yaml

import assembly
import assertions
from faults import FAULTS

ASSERTIONS = [
    assertions.the_schemas_of_kubernetes_take_it,
    assertions.nothing_is_there_twice,
    assertions.containers_have_no_rights,
    assertions.containers_have_probes_and_time_to_end,
    assertions.containers_have_requests_and_limits,
    assertions.images_have_a_version,
    assertions.no_secret_stands_in_clear,
    assertions.settings_are_toml_and_name_mounted_files,
    assembly.selectors_find_their_pods,
    assembly.every_pod_has_a_network_policy_or_none_has,
    assembly.who_tells_traces_reaches_the_collector,
    assembly.ports_are_those_of_the_pods,
    assembly.consumers_keep_their_names,
    assembly.scaling_ends_at_the_partitions,
]


def check(what, wrong):
    if wrong:
        print(f"FAILED  {what}", *wrong, sep="\n  ")
        sys.exit(1)
    print(f"ok  {what}")


docs = []
for file in map(pathlib.Path, sys.argv[1:]):
    docs = [doc for doc in yaml.safe_load_all(file.read_text()) if doc]
    check(f"{file.stem}: something is rendered", [] if docs else ["nothing"])
    for assertion in ASSERTIONS:
        check(f"{file.stem}: {assertion.__name__.replace('_', ' ')}", list(assertion(docs)))

untried = {assertion.__name__ for assertion in ASSERTIONS} - {assertion.__name__ for assertion, *_ in FAULTS}
check("each assertion has a fault that is planted for it", sorted(untried))
for assertion, what, plant in FAULTS:
    spoiled = copy.deepcopy(docs)
    plant(spoiled)
    check(f"planted: {what} is seen", [] if list(assertion(spoiled)) else [f"{assertion.__name__} did not see it"])
