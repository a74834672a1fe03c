"""Every variable of ours is known, and one that cannot be is said before anything runs."""

import re
from pathlib import Path

import pytest

from pipeline.cli.environment import KNOWN, check_environment
from pipeline.errors import UserError
from tests.conftest import ROOT


def test_every_variable_that_is_read_is_known() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "pipeline").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"\bDANMU_[A-Z_]+\b", text)}
    assert named - {"DANMU_MSG"} == KNOWN  # which is a live message


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DANMU_CHECKPOINT_SECONDS", "5m", "set it to a number from 0 up, without a unit"),
        ("DANMU_CHECKPOINT_SECONDS", "-1", "set it to a number from 0 up"),
        ("DANMU_CHECKPOINT_SECONDS", "nan", "set it to a number from 0 up"),
        ("DANMU_THREADS", "0", "set it to a whole number from 1 up"),
        ("DANMU_THREADS", "²", "set it to a whole number from 1 up"),
        ("DANMU_ENGINE", "spark", "set it to local or ray"),
        ("DANMU_DEVICE", "gpu", "set it to auto, cpu or cuda"),
        ("DANMU_SCRATCH", "/no/such/folder", "which is no folder"),
        ("DANMU_CACHE", "/dev/null/cache", "which is no folder to write to"),
    ],
)
def test_a_value_that_cannot_be_is_one_sentence(
    variable: str, value: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=words) as raised:
        check_environment()
    assert str(raised.value).startswith(f"{variable} is {value!r}")


def test_a_misspelt_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    monkeypatch.setenv("DANMU_THREAD", "2")
    assert check_environment() == ["DANMU_THREAD"]
