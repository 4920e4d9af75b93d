"""pods.py GOLDSTREAM FILE...: containers of rendered manifests, started as they stand on the Kafka and Redis of
scripts/with-servers.sh: they become ready, show their metrics to whom they should, write nowhere but where they may, and
end when they are told to. Prints a line a check; ends with 1 at the first that fails."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import yaml

from assertions import env, pods

# As long as anything is waited for. It is never what is measured.
PATIENCE_SECONDS = 120
TOKEN = "a-token-of-the-check"


def fail(what, log):
    sys.exit(f"FAILED  {what}\n{log.read_text()[-2000:]}")


def status(port, path, token=None):
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def until(what, log, process, found):
    began = time.monotonic()
    while not (it := found()):
        if process.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
            fail(what, log)
        time.sleep(0.1)
    return it


def environment(container, place, case):
    """As in the pod, with our servers, a folder in the place of its volumes, and whatever port is free."""
    values = {"PATH": os.environ["PATH"]}
    for key, entry in env(container).items():
        value = entry.get("value", f"pod-{place.name}")
        for of_pod, here in [("/run/goldstream", f"{place}/run"), ("/etc/goldstream/secrets", f"{place}")]:
            value = value.replace(of_pod, here)
        values[key] = re.sub(r"^0\.0\.0\.0:\d+$", "0.0.0.0:0", value)
    own = {"GOLDSTREAM_KAFKA": os.environ["GOLDSTREAM_TEST_KAFKA"], "GOLDSTREAM_REDIS": os.environ["GOLDSTREAM_TEST_REDIS"]}
    return values | own | {"GOLDSTREAM_PREFIX": f"{case}-{os.getpid()}-{values['GOLDSTREAM_PREFIX']}"}


def start(goldstream, case, folder, docs):
    for who, _, _, container in pods(docs):
        place = folder / who.rsplit(" ", 1)[-1]
        (place / "run").mkdir(parents=True)
        (place / "token").write_text(TOKEN)
        log = folder / f"{place.name}.log"
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen([goldstream, *container["args"]], env=environment(container, place, case), cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        yield who, container, place, log, process


def check(case, who, container, place, log, process):
    of = f"{case}: {who}"
    port = until(f"{of} listens", log, process, lambda: re.search(r"(?:metrics|live): http://\S+?:(\d+)", log.read_text())).group(1)
    for path in {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")}:
        until(f"{of} answers {path}", log, process, lambda path=path: status(port, path) == 200)
    has_token = "GOLDSTREAM_TOKEN_FILE" in env(container)
    if status(port, "/metrics") != (401 if has_token else 200) or status(port, "/metrics", TOKEN) != 200:
        fail(f"{of} shows its metrics to whom it should", log)
    until(f"{of} writes its heartbeat", log, process, lambda: list((place / "run").iterdir()))
    written = {one.name for one in (place / "run").iterdir() if not one.name.startswith("heartbeat")}
    if written - {"goldstream-instances"}:
        fail(f"{of} writes nothing but its heartbeat and the lock of its name: {written}", log)
    print(f"ok  {of} is ready, and shows its metrics {'to who has the token' if has_token else 'to all'}", flush=True)


goldstream, *files = sys.argv[1:]
for file in map(pathlib.Path, files):
    docs = [doc for doc in yaml.safe_load_all(file.read_text()) if doc]
    with tempfile.TemporaryDirectory(prefix="goldstream-pods.") as folder:
        running = []
        try:
            for one in start(str(pathlib.Path(goldstream).resolve()), file.stem, pathlib.Path(folder), docs):
                running.append(one)
            for one in running:
                check(file.stem, *one)
            for who, _, _, log, process in running:
                process.terminate()
                try:
                    code = process.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    fail(f"{file.stem}: {who} ends", log)
                if code != 0:
                    fail(f"{file.stem}: {who} ends with {code}", log)
                print(f"ok  {file.stem}: {who} ends when it is told to", flush=True)
        finally:
            for *_, process in running:
                process.kill()
                process.wait()
