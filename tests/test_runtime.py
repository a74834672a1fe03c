"""What is Linux's alone falls back where it is not there."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pipeline.runtime import measured, peak_memory_mib, threads
from tests.conftest import ROOT


def test_threads_are_the_cores_there_are_where_none_are_assigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DANMU_THREADS", raising=False)
    assert threads() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")  # macOS, Windows
    assert threads() == os.cpu_count()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads() == 1


def test_memory_is_in_mib_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(RUSAGE_SELF=0, getrusage=lambda who: SimpleNamespace(ru_maxrss=3 * 2**20))
    monkeypatch.setitem(sys.modules, "resource", usage)
    assert peak_memory_mib() == 3 * 2**10
    monkeypatch.setattr(sys, "platform", "darwin")
    assert peak_memory_mib() == 3
    monkeypatch.setitem(sys.modules, "resource", None)  # Windows: importing it fails
    with measured() as cost:
        pass
    assert cost.peak_memory_mib == 0


def test_every_module_can_be_imported_without_what_only_linux_has() -> None:
    """Of those that need no optional extra."""
    code = """
import importlib, os, pkgutil, sys
sys.modules |= dict.fromkeys(("resource", "fcntl", "pwd", "grp", "termios"))
del os.sched_getaffinity
import pipeline
for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
    if module.name not in ("pipeline.cli.__main__", "pipeline.danmu.collect.service"):
        importlib.import_module(module.name)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
