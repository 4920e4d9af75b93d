"""live-check.py GOLDSTREAM PROMETHEUS: see live-check.sh. A line a check; ends with 1 at the first that fails."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
GOLDSTREAM, PROMETHEUS = (str(pathlib.Path(one).resolve()) for one in sys.argv[1:])
TOKEN = "a-token-of-the-live-check"
# As long as anything is waited for. It is never what is measured.
PATIENCE_SECONDS = 180
# What gives nothing while all is well, and why.
EMPTY = {
    "goldstream_rebuild_rows": "no rebuild is under way",
    "goldstream_rebuild_of_rows": "no rebuild is under way",
    'status=~"5.."': "no answer was an error",
}


class Running:
    """Processes, and what they say."""

    def __init__(self, folder):
        self.folder, self.processes = pathlib.Path(folder), {}
        servers = {"GOLDSTREAM_KAFKA": os.environ["GOLDSTREAM_TEST_KAFKA"], "GOLDSTREAM_REDIS": os.environ["GOLDSTREAM_TEST_REDIS"]}
        (self.folder / "token").write_text(TOKEN)
        # A row is in the lake within two seconds.
        (self.folder / "goldstream.toml").write_text("[lake]\nseconds = 2\n")
        own = {"GOLDSTREAM_TOKEN_FILE": f"{folder}/token", "GOLDSTREAM_PREFIX": f"live-{os.getpid()}", "GOLDSTREAM_CONFIG": f"{folder}/goldstream.toml"}
        self.environment = {**os.environ, **servers, **own}

    def start(self, name, *words, said=None):
        """Starts it, and gives what stands in its log where `said` is found."""
        log = self.folder / f"{name}.log"
        with log.open("w", encoding="utf-8") as out:
            self.processes[name] = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        return said and until(f"{name} says where it listens", lambda: re.search(said, log.read_text()), name=name).group(1)

    def end(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(what, found, name=None):
    began = time.monotonic()
    while not (it := found()):
        if name and running.processes[name].poll() is not None:
            fail(what, (running.folder / f"{name}.log").read_text()[-2000:])
        if time.monotonic() - began > PATIENCE_SECONDS:
            fail(what, "it did not come")
        time.sleep(0.2)
    return it


def fail(what, said):
    print(f"FAILED  {what}\n{said}")
    sys.exit(1)


def ok(what):
    print(f"ok  {what}", flush=True)


def ask(path, **parameters):
    url = f"http://{address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        return fail(f"Prometheus takes {parameters}", error.read().decode())


def series(expression):
    return ask("query", query=expression)["result"]


def plain(expression):
    """As Grafana would ask it; Prometheus reads each second here."""
    for variable, value in [("$job", "goldstream"), ("$instance", ".*"), ("$__rate_interval", "15s")]:
        expression = expression.replace(variable, value)
    return expression


def selectors(expression):
    """What it reads: a comparison gives nothing while all is well, what is compared does."""
    return sorted(set(re.findall(r'\b(?:goldstream|process)_\w+(?:\{[^}]*\})?|\bup\{[^}]*\}', expression)))


def questions():
    board = json.loads((HERE / "grafana/goldstream.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"board, {panel['title']}, {target['refId']}", plain(target["expr"])
    for group in ask("rules")["groups"]:
        for rule in group["rules"]:
            for number, one in enumerate(selectors(rule["query"]), 1):
                yield f"rule {rule['name']}, {number}", one


def put_all():
    """Each gives something at one time or another, as different things happen."""
    open_ones = dict(questions())
    empty = {what: why for what, one in open_ones.items() for words, why in EMPTY.items() if words in one}
    if not open_ones or len(empty) > 6:
        fail("there are questions, and few that may give nothing", empty)
    for what in empty:
        series(open_ones.pop(what))

    def left():
        for what, one in list(open_ones.items()):
            found = series(one)
            if found and any(sample["value"][1] != "NaN" for sample in found):
                ok(f"{what}: {len(found)} series, {found[0]['value'][1]}")
                del open_ones[what]
        return not open_ones

    began = time.monotonic()
    while not left():
        if time.monotonic() - began > PATIENCE_SECONDS:
            fail("every question gives something", "\n".join(f"{what}: {one}" for what, one in open_ones.items()))
        time.sleep(1)
    for what, why in empty.items():
        ok(f"{what}: can be asked, and gives nothing, for {why}")


def alerts(state):
    return {one["labels"]["alertname"] for one in ask("alerts")["alerts"] if one["state"] == state}


def go():
    global address
    # Little enough to be over in a minute: the numbers are proven when nothing waits to be counted.
    rows = ["--customer-count", "500", "--purchase-count", "8000"]
    subprocess.run([GOLDSTREAM, "generate", "--out", "shop", "--dirt", "10", *rows], cwd=running.folder, check=True, stdout=subprocess.DEVNULL)
    listens = r"metrics: http://([^/\s]+)/metrics"
    targets = {}
    for role, *words in [("produce", "produce", "shop", "--follow", "--rate", "150"), ("silver", "consume", "silver"),
                         ("gold", "consume", "gold"), ("lake", "lake", "--lake", "lake")]:
        instance = [] if role == "produce" else ["--instance", f"{role}-0"]
        targets[role] = running.start(role, GOLDSTREAM, *words, *instance, "--metrics", "127.0.0.1:0", said=listens)
    targets["serve"] = running.start("serve", GOLDSTREAM, "serve", "--audit-cpu-percent", "20", "--listen", "127.0.0.1:0", said=r"live: http://([^/\s]+)")
    running.start("watch", GOLDSTREAM, "watch", "summary", "--json", "--url", f"http://{targets['serve']}")
    jobs = [{"targets": [one], "labels": {"component": role, "namespace": "shop"}} for role, one in targets.items()]
    job = {"job_name": "goldstream", "static_configs": jobs, "authorization": {"credentials_file": f"{running.folder}/token"}}
    config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(HERE / "prometheus/rules.yaml")], "scrape_configs": [job]}
    (running.folder / "prometheus.json").write_text(json.dumps(config))
    address = running.start("prometheus", PROMETHEUS, f"--config.file={running.folder}/prometheus.json", f"--storage.tsdb.path={running.folder}/tsdb",
                            "--web.listen-address=127.0.0.1:0", said=r'msg="Listening on" address=(\S+)')
    until("Prometheus reads every role, with the token", lambda: len(series('up{job="goldstream"} == 1')) == len(targets))
    ok("Prometheus reads every role, with the token")
    put_all()
    unhealthy = [rule for group in ask("rules")["groups"] for rule in group["rules"] if rule["health"] != "ok"]
    if unhealthy or alerts("firing"):
        fail("each rule can be evaluated, and none fires", f"{unhealthy}, {alerts('firing')}")
    ok("each rule can be evaluated, and none fires")
    running.processes["gold"].send_signal(signal.SIGKILL)
    # Who has been silent for 15 s is not told of any more.
    until("planted: a killed consumer is seen", lambda: {"GoldstreamDown", "GoldstreamStageMissing"} <= alerts("pending") | alerts("firing"))
    ok("planted: a killed consumer is seen")


address = None
with tempfile.TemporaryDirectory(prefix="goldstream-live.") as place:
    running = Running(place)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        go()
    finally:
        running.end()
