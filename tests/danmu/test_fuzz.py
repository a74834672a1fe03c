"""No bytes whatever may stop a reader: see fuzz_readers.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> str:
    """Run the harness; what it prints, if it comments nothing."""
    command = [sys.executable, "-m", "tests.danmu.fuzz_readers", *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-8000:] + "".join(map(findings, arguments))
    return done.stdout


def findings(argument: str) -> str:
    """The bytes that libFuzzer kept of what it comments."""
    if not argument.startswith("-artifact_prefix="):
        return ""
    kept = Path(argument.removeprefix("-artifact_prefix=")).glob("*-*")
    return "".join(f"\n{file.name}: {file.read_bytes()!r}" for file in kept)


def test_a_guided_search_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris is for Linux, and optional")
    kept, corpus = tmp_path / "kept", tmp_path / "corpus"
    kept.mkdir()
    corpus.mkdir()
    bounds = ["-runs=3000", "-max_total_time=30", "-timeout=20", "-rss_limit_mb=4096"]
    run("-seed=1", "-max_len=4096", *bounds, f"-artifact_prefix={kept}/", str(corpus))


def test_damage_at_random_finds_nothing() -> None:
    run("--random", "1", "3000")


@pytest.mark.slow
def test_compiled_readers_stay_within_their_arrays(tmp_path: Path) -> None:
    """Compiled anew with a check of every index, which numba leaves out otherwise."""
    run("--random", "2", "2000", NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert list(tmp_path.rglob("*.nbi")), "the readers were not compiled anew"
