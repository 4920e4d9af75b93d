"""board.py PROMTOOL: the board can be imported, asks only what Prometheus can parse, of metrics that the code has; so do
the rules. Prints a line a check; ends with 1 at the first that fails."""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where metrics get their names; those of the process come from the client of Prometheus.
SOURCES = ["platform/src/metrics.rs", "api/src/metrics.rs", "api/src/http/metrics.rs"]
OF_GRAFANA = {"__rate_interval", "__all", "datasource"}


def queries(board):
    return [(panel["title"], target["expr"]) for panel in board["panels"] for target in panel.get("targets", [])]


def metrics(text):
    return {re.sub("_(bucket|sum|count)$", "", one) for one in re.findall(r"\bgoldstream_[a-z_]+", text)}


def unknown_metrics(text):
    literals = {one for source in SOURCES for one in re.findall(r'"(goldstream_[a-z_]+)"', (ROOT / source).read_text())}
    return sorted(metrics(text) - literals)


def form(board):
    """What Grafana would not show, or not as it is meant."""
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    yield from (f"two panels have the id {one}" for one in set(ids) if ids.count(one) > 1)
    if board.get("schemaVersion", 0) < 39 or not board.get("uid") or not board.get("title"):
        yield "no uid, no title, or an old schemaVersion"
    known = OF_GRAFANA | {one["name"] for one in board["templating"]["list"]}
    taken = {}
    for panel in panels:
        at = panel["gridPos"]
        if at["x"] + at["w"] > 24:
            yield f"{panel['title']} is wider than the board"
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            if cell in taken:
                yield f"{panel['title']} lies over {taken[cell]}"
                break
            taken[cell] = panel["title"]
        if panel["type"] == "row":
            continue
        if not panel.get("description") or not panel.get("targets"):
            yield f"{panel['title']} has no description, or asks nothing"
        for asked in [panel, *panel.get("targets", [])]:
            if asked["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                yield f"{panel['title']} has a datasource of its own"
    for title, expression in queries(board):
        if 'job="$job"' not in expression:
            yield f"{title} asks of every pipeline"
        yield from (f"{title} has ${one}, which nobody gives" for one in re.findall(r"\$\{?(\w+)", expression) if one not in known)


def refused(board, promtool):
    """What Prometheus cannot parse: each expression as a rule."""
    plain = [re.sub(r"\$__rate_interval", "1m", expression) for _, expression in queries(board)]
    rules = [{"record": f"x:{number}", "expr": one} for number, one in enumerate(plain)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump({"groups": [{"name": "board", "rules": rules}]}, file)
        file.flush()
        done = subprocess.run([promtool, "check", "rules", "--lint=none", file.name], capture_output=True, text=True)
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def check(what, wrong):
    if wrong:
        print(f"FAILED  {what}", *wrong, sep="\n  ")
        sys.exit(1)
    print(f"ok  {what}")


promtool = sys.argv[1]
board = json.loads((ROOT / "deploy/grafana/goldstream.json").read_text())
CHECKS = [
    ("the board can be shown", form),
    ("Prometheus can parse every question of the board", lambda one: refused(one, promtool)),
    ("the code has every metric of the board", lambda one: unknown_metrics(json.dumps(queries(one)))),
]
for what, wrong in CHECKS:
    check(what, list(wrong(board)))
check("the code has every metric of the rules", unknown_metrics((ROOT / "deploy/prometheus/rules.yaml").read_text()))
check("the code has every metric that scaling goes by", unknown_metrics((ROOT / "deploy/helm/goldstream/templates/autoscaling.yaml").read_text()))


def spoil(**values):
    return lambda one: next(panel for panel in one["panels"] if panel.get("targets"))["targets"][0].update(values)


for what, plant, at in [
    ("a panel over another", lambda one: one["panels"][2]["gridPos"].update(one["panels"][1]["gridPos"]), 0),
    ("a variable that nobody gives", spoil(expr='up{job="$job", pod="$pod"}'), 0),
    ("a datasource of its own", spoil(datasource={"type": "prometheus", "uid": "abc"}), 0),
    ("a question to every pipeline", spoil(expr="up"), 0),
    ("a question that cannot be parsed", spoil(expr='sum(up{job="$job"}'), 1),
    ("a metric that is not there", spoil(expr='goldstream_nothing{job="$job"}'), 2),
]:
    spoiled = copy.deepcopy(board)
    plant(spoiled)
    check(f"planted: {what} is seen", [] if list(CHECKS[at][1](spoiled)) else ["it was not"])
