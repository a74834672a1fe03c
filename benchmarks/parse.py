"""How fast raw danmu are read, in how much memory, beside other readers: writes results/parse.md and parse.json.

python -m benchmarks.parse                                  1, 5 and 20 million records, day files and XML
python -m benchmarks.parse --records 200000 --repeat 1      a first look
python -m benchmarks.parse --unique --name parse-unique     no duplicates: the worst case, beside other readers

pandas, lxml and biliass, which it compares with, are the optional extra `compare` (pip install -e ".[compare]",
or make extras); a reader whose package is missing is left out.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from benchmarks.corpus_maker import ROOT, SPELLINGS, Make, Truth, make_corpus, real_texts
from benchmarks.parse_report import Cold, Measurement, difference, report
from benchmarks.readers import ALONE, NEEDS, OTHERS, OURS, PARSER, READERS, REJECTED_OUT
from benchmarks.run import RESULTS, processor

DAMAGED = {"day-file": 0.001, "xml": 0.002}
#: records; on the first of them ours is measured beside other readers, on the rest alone
SIZES = {"day-file": [1_000_000, 5_000_000, 20_000_000], "xml": [600_000, 1_000_000, 5_000_000]}
WORST = 5_000_000  # records of the day files without duplicates
RAW_BYTES = {"day-file": 135, "xml": 120}  # of a record
WRITTEN_BYTES = 200  # of a comment, in what a reader writes and on the way there; biliass's .ass are the most


def peak_mib() -> float:
    """Largest resident memory of this process. Not ru_maxrss: exec hands that on from the parent (getrusage(2))."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


def written_mib() -> float:
    """What this process has handed to write(), or where the kernel does not count that, 0."""
    counts = Path("/proc/self/io")
    return int(re.findall(r"wchar: (\d+)", counts.read_text())[0]) / 2**20 if counts.exists() else 0.0


def child(order: str) -> None:
    """Run one reader in this process, first on a tiny corpus, and print what it took."""
    told = json.loads(order)
    if told["code"] is not None:
        import numba

        import pipeline.danmu.compiled  # noqa: F401  # names a folder of its own, which the next line replaces

        numba.config.CACHE_DIR = told["code"]  # type: ignore[attr-defined]
    reader, out = READERS[told["reader"]], Path(told["out"])
    (out / "warm").mkdir(parents=True)
    reader(Path(told["warm"]), out / "warm", told["spelling"])
    cold, before, written = time.monotonic() - told["start"], peak_mib(), written_mib()
    begin = time.perf_counter()
    comments = reader(Path(told["corpus"]), out, told["spelling"])
    seconds = time.perf_counter() - begin
    shutil.rmtree(out / "warm")
    took = {"comments": comments, "seconds": seconds, "peak_mib": peak_mib(), "before_mib": before}
    print(json.dumps(took | {"cold_seconds": cold, "written_mib": written_mib() - written}))


def run_child(reader: str, spelling: str, corpus: Path, warm: Path, out: Path, code: Path | None = None) -> Any:
    """What a fresh process with one reader says; its compiled code comes from, and goes to, `code`."""
    shutil.rmtree(out, ignore_errors=True)
    told: dict[str, Any] = {"reader": reader, "spelling": spelling, "corpus": str(corpus), "warm": str(warm)}
    told |= {"out": str(out), "code": None if code is None else str(code)}
    alone = reader == ALONE
    core = min(os.sched_getaffinity(0))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.parse", "--child", json.dumps(told | {"start": time.monotonic()})],
        cwd=ROOT,
        env=os.environ | ({"DANMU_THREADS": "1"} if alone else {}),
        preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if alone else None,  # before polars counts cores
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{reader} failed on {corpus}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(reader: str, make: Make, truth: Truth, place: Path, repeat: int) -> Measurement:
    """Run a reader on the corpus in `place` in fresh processes; its last output stays in place/out."""
    runs = [
        run_child(reader, make.spelling, place / "corpus", place / "warm" / make.form, place / "out")
        for _ in range(repeat)
    ]
    outputs = sum(file.stat().st_size for file in (place / "out").rglob("*") if file.is_file())
    result = Measurement(
        reader,
        make,
        truth,
        runs[-1]["comments"],
        [round(run["seconds"], 3) for run in runs],
        round(max(run["peak_mib"] for run in runs), 1),
        round(max(run["before_mib"] for run in runs), 1),
        round(median(run["cold_seconds"] for run in runs), 2),
        round(median(run["written_mib"] for run in runs), 1),
        round(outputs / 2**20, 1),
    )
    said = f"{reader:28} {median(result.seconds):8.2f} s  {result.rate:12,.0f} records/s  {result.peak_mib:8,.0f} MiB"
    print(said, file=sys.stderr, flush=True)
    return result


def measure_corpus(make: Make, readers: list[str], texts: list[str], place: Path, repeat: int) -> list[Measurement]:
    """Make a corpus, run the readers on it, the first of them ours, and remove it."""
    begin = time.perf_counter()
    truth = make_corpus(make, place / "corpus", texts)
    said = f"{make.form}, {truth.records:,} records, {make.damaged:.1%} damaged, {truth.mib:,.0f} MiB"
    said += ", no duplicates" if make.unique else ", many videos" if make.wide else ""
    print(f"\n{said}, made in {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    results = [measure(readers[0], make, truth, place, repeat)]
    own = (place / "out").rename(place / "own")
    rejected = len(pl.read_parquet(own / REJECTED_OUT))
    if (results[0].comments, rejected) != (truth.comments, truth.rejected):
        said = f"{truth.comments:,} comments and {truth.rejected:,} rejected records"
        raise SystemExit(f"ours has {results[0].comments:,} and {rejected:,} where there are {said}")
    for reader in readers[1:]:
        results.append(measure(reader, make, truth, place, repeat))
        results[-1].same = difference(place / "out", own)
    for name in ("corpus", "own", "out"):
        shutil.rmtree(place / name, ignore_errors=True)
    return results


def planned(told: argparse.Namespace, versions: dict[str, str]) -> list[tuple[Make, list[str]]]:
    """The corpora in turn, and who reads each."""
    plan: list[tuple[Make, list[str]]] = []
    for form in told.forms:
        sizes = sorted(told.records or SIZES[form])
        like = {"spelling": told.spelling, "order": told.order}
        others = [reader for reader in OTHERS[form] if NEEDS.get(reader, "polars") in versions]
        if told.ours_only:
            plan.append((Make(form, sizes[0], DAMAGED[form], told.unique, **like), [OURS]))
        else:
            careful = [reader for reader in others if reader != PARSER]
            plan.append((Make(form, sizes[0], DAMAGED[form], told.unique, **like), [OURS, *careful]))
            plan.append((Make(form, sizes[0], 0.0, told.unique, **like), [OURS, *others]))
        plan += [(Make(form, size, DAMAGED[form], told.unique, **like), [OURS]) for size in sizes[1:]]
        if form == "day-file" and not (told.unique or told.no_unique):
            plan.append((Make(form, sizes[-1], DAMAGED[form], wide=True, **like), [OURS]))
            plan.append((Make(form, min(WORST, sizes[-1]), DAMAGED[form], True, **like), [OURS]))
    return plan


def disk_bytes(make: Make) -> float:
    """What a corpus needs, with what ours and one other reader write of it, while it is measured."""
    comments = make.records / (make.stay if make.form == "day-file" and not make.unique else 1)
    return make.records * RAW_BYTES[make.form] + 2 * comments * WRITTEN_BYTES


def check_disk(plan: list[tuple[Make, list[str]]], place: Path) -> None:
    """Say how much disk the run takes; each corpus is removed before the next is made."""
    need, free = max(disk_bytes(make) for make, _ in plan), shutil.disk_usage(place).free
    print(f"{place} takes up to {need / 1e9:.1f} GB; {free / 1e9:.1f} GB are free", file=sys.stderr, flush=True)
    if need > free:
        raise SystemExit("That is too little; name another folder with --place, or smaller sizes with --records.")


def installed(names: Iterable[str]) -> dict[str, str]:
    versions = {"Python": platform.python_version()}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+",
                        help="sizes of the corpora; other readers are measured on the smallest "
                        "(default: 1, 5 and 20 million in day files, 600,000, 1 and 5 million in XML)")  # fmt: skip
    parser.add_argument("--forms", nargs="+", choices=list(DAMAGED), default=list(DAMAGED))
    parser.add_argument("--unique", action="store_true", help="day files in which every record is another comment")
    parser.add_argument(
        "--no-unique", action="store_true", help="leave out ours on 5 million such records, and on many videos"
    )
    parser.add_argument("--spelling", choices=list(SPELLINGS), default="python", help="of the lists in day files")
    parser.add_argument("--order", choices=["hour", "video"], default="hour", help="of the rows in day files")
    parser.add_argument("--place", type=Path, help="folder for the corpora, which are removed (default: temporary)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each reader")
    parser.add_argument("--ours-only", action="store_true", help="no other readers, and no runs on one core")
    parser.add_argument("--name", default="parse", help="of the results, or a path without its ending "
                        "(default: parse, for results/parse.md and parse.json)")  # fmt: skip
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure and write the results."""
    told = arguments()
    if told.child is not None:
        child(told.child)
        return
    from pipeline.runtime import threads

    versions = installed(["polars", "numba", "pandas", "lxml", "biliass"])
    plan = planned(told, versions)
    with tempfile.TemporaryDirectory(prefix="danmu-bench-", dir=told.place) as name:
        place = Path(name)
        check_disk(plan, place)
        texts = real_texts()
        warm = place / "warm"
        for form in told.forms:
            make_corpus(Make(form, damaged=0.01, spelling=told.spelling), warm / form, texts)
        print("ours, compiled anew, and with what that kept", file=sys.stderr, flush=True)
        seconds = [
            run_child(OURS, told.spelling, warm, warm, place / "out", place / "code")["cold_seconds"] for _ in range(2)
        ]
        groups = [measure_corpus(make, readers, texts, place, told.repeat) for make, readers in plan]
    machine: dict[str, Any] = {"processor": processor(), "cores": os.cpu_count(), "threads": threads()}
    machine |= {"texts": len(texts), "versions": versions}
    text = report(groups, machine, Cold(*seconds))
    (RESULTS / told.name).parent.mkdir(exist_ok=True)
    (RESULTS / f"{told.name}.md").write_text(text, encoding="utf-8")
    measurements = [
        asdict(one) | {"records_per_second": round(one.rate), "ours_times_as_fast": round(group[0].rate / one.rate, 3)}
        for group in groups
        for one in group
    ]
    content = {
        "machine": machine,
        "compile_seconds": seconds[0],
        "kept_seconds": seconds[1],
        "measurements": measurements,
    }
    (RESULTS / f"{told.name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
