"""rules.py PROMTOOL: the alert rules are rules, each has its cases, and each case can fail. Prints a line a check; ends
with 1 at the first that fails."""

import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "deploy/prometheus"
promtool = sys.argv[1]


def check(what, is_so, said=""):
    if not is_so:
        sys.exit(f"FAILED  {what}\n{said}")
    print(f"ok  {what}")


def run(*arguments, cwd=HERE):
    done = subprocess.run([promtool, *arguments], cwd=cwd, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


check("rules.yaml has rules that promtool takes", *run("check", "rules", "rules.yaml"))
check("rules_test.yaml finds what it should", *run("test", "rules", "rules_test.yaml"))

text = (HERE / "rules.yaml").read_text()
rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
cases = {case["name"]: case for case in yaml.safe_load((HERE / "rules_test.yaml").read_text())["tests"]}
headings = re.findall(r"(?m)^#+ (.+)$", (ROOT / "docs/operating.md").read_text())
anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
for rule in rules:
    alert = rule["alert"]
    told = rule["annotations"]
    check(f"{alert} says what is wrong and what to do", all(told.get(key) for key in ("summary", "description", "runbook")), told)
    page, _, anchor = told["runbook"].partition("#")
    check(f"{alert} leads to a heading", page == "docs/operating.md" and anchor in anchors, f"no {told['runbook']}")
    fires = cases.get(f"{alert} fires", {}).get("promql_expr_test", [{}])[0].get("exp_samples")
    silent = cases.get(f"{alert} does not fire", {}).get("promql_expr_test", [{}])[0].get("exp_samples")
    check(f"{alert} has a case of each kind", fires and alert in str(fires) and silent == [], f"{fires}, {silent}")

with tempfile.TemporaryDirectory() as folder:
    for rule in rules:
        own = [cases[f"{rule['alert']} {word}"] for word in ("fires", "does not fire")]
        asked = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": own}
        (pathlib.Path(folder) / "rules_test.yaml").write_text(yaml.safe_dump(asked))
        for what, expression in [("never fires", "vector(1) > 2"), ("always fires", "vector(1)")]:
            spoiled = yaml.safe_load(text)
            for group in spoiled["groups"]:
                for one in group["rules"]:
                    if one["alert"] == rule["alert"]:
                        one.update(expr=expression)
            (pathlib.Path(folder) / "rules.yaml").write_text(yaml.safe_dump(spoiled))
            passes, said = run("test", "rules", "rules_test.yaml", cwd=folder)
            check(f"planted: {rule['alert']} that {what} is seen", not passes and rule["alert"] in said, said)
