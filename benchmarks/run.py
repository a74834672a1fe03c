"""`make bench`: measure what the documents claim, and write it to benchmarks/results/.

The DAG is run from nothing in a fresh clone (its own cache, its own rebuilt weights), then again without a
change, then with a changed compare parameter.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def seconds(command: list[str], folder: Path) -> float:
    """Wall-clock seconds of a command that has to succeed."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name in ("DANMU_CACHE", "MLFLOW_TRACKING_URI"):
        environment.pop(name, None)
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def processor() -> str:
    """The processor's name, as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> None:
    """Measure and write dag.md."""
    place = Path(tempfile.mkdtemp(prefix="danmu-bench-"))
    try:
        folder = place / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        rows = [("DAG from nothing, weights rebuilt", seconds(["dvc", "repro"], folder))]
        rows.append(("`dvc repro` again", seconds(["dvc", "repro"], folder)))
        params = folder / "params.yaml"
        params.write_text(
            params.read_text(encoding="utf-8").replace("confidence: 0.95", "confidence: 0.9"), encoding="utf-8"
        )
        rows.append(("`dvc repro` after compare.confidence changed", seconds(["dvc", "repro"], folder)))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    RESULTS.mkdir(exist_ok=True)
    lines = [f"`make bench` on {os.cpu_count()} cores, {processor()}, no GPU:", "", "| what | seconds |", "|---|---:|"]
    text = "\n".join([*lines, *(f"| {name} | {value:.1f} |" for name, value in rows)]) + "\n"
    (RESULTS / "dag.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
