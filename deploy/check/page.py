"""page.py HELM CHART FOLDER: the values on docs/kubernetes.md are taken by the chart, the first alone and each later one
over it; into FOLDER goes what they render. Prints a line a check; ends with 1 at the first that fails."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
helm, chart, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```$", (ROOT / "docs/kubernetes.md").read_text())
if not blocks:
    sys.exit("FAILED  the page has values")
files = []
for number, block in enumerate(blocks, 1):
    files.append(folder / f"page-{number}.values")
    files[-1].write_text(block)
    values = [word for file in {files[0]: 0, files[-1]: 0} for word in ("-f", file)]
    lint = subprocess.run([helm, "lint", "--strict", chart, "--kube-version", "1.30.0", *values], capture_output=True, text=True)
    made = subprocess.run([helm, "template", "goldstream", chart, "--namespace", "shop", "--kube-version", "1.30.0", *values], capture_output=True, text=True)
    if lint.returncode or made.returncode:
        sys.exit(f"FAILED  the values of block {number} of the page are taken\n{lint.stdout}{made.stderr}")
    (folder / f"page-{number}.yaml").write_text(made.stdout)
    print(f"ok  the values of block {number} of the page are taken")
