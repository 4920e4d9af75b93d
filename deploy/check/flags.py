"""flags.py GOLDSTREAM FILE...: the binary knows every flag and every setting that rendered manifests give to it. Prints a
line a check; ends with 1 at the first that fails."""

import re
import subprocess
import sys

import yaml

from assertions import env, pods

# Of the system and of S3, not of goldstream.
OTHERS = re.compile("^(TMPDIR|AWS_.*)$")


def unknown(goldstream, container):
    """What the binary does not know."""
    asked = subprocess.run([goldstream, *container["args"], "--help"], capture_output=True, text=True)
    if asked.returncode != 0:
        return [" ".join(container["args"])]
    known = set(re.findall(r"\[env: (GOLDSTREAM_\w+)", asked.stdout))
    return sorted(key for key in env(container) if key not in known and not OTHERS.match(key))


goldstream, *files = sys.argv[1:]
for file in files:
    with open(file, encoding="utf-8") as text:
        docs = [doc for doc in yaml.safe_load_all(text) if doc]
    for who, _, _, container in pods(docs):
        found = unknown(goldstream, container)
        if found:
            sys.exit(f"FAILED  {who} of {file}: goldstream does not know {found}")
        print(f"ok  {who}: goldstream {' '.join(container['args'])} knows its settings")
for spoiled in ({"args": ["serve", "--metrics", "x"]}, {"args": ["lake"], "env": [{"name": "GOLDSTREAM_LISTENS"}]}):
    if not unknown(goldstream, spoiled):
        sys.exit(f"FAILED  planted: {spoiled} is seen")
    print(f"ok  planted: {spoiled} is seen")
