"""`danmu check` on a whole project: what it approves runs, and what would fail later fails here with one sentence."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main as cli
from tests.cli.project import Said
from tests.dag.copies import Copy

Check = Callable[..., Said]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path) -> Copy:
    return Copy(tmp_path_factory.mktemp("check") / "copy", tiny_bert, tiny_llama)


@pytest.fixture
def here(copied: Copy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    """The copy as the present folder; params.yaml is put back afterwards."""
    monkeypatch.chdir(copied.folder)
    monkeypatch.setenv("DANMU_CACHE", str(copied.folder / ".danmu"))
    before = Path("params.yaml").read_bytes()
    yield copied
    Path("params.yaml").write_bytes(before)


@pytest.fixture
def check(here: Copy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    def call(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["danmu", "check", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call


def test_a_whole_project_passes_also_under_a_profile(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANMU_THREAD", "2")
    for arguments in ((), ("--profile", "quick")):
        said = check(*arguments)
        assert (
            said.status == 0
            and "checked: 3 raw files" in said.out
            and "read by nothing: DANMU_THREAD (did you mean DANMU_THREADS?); " in said.out
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bert.seed": 3}, "bert.seed is 3, but this parameter is swept, so it takes a list"),
        ({"bert.epoch": 3}, "there is no parameter bert.epoch (did you mean epochs?); "),
        (
            {"bert.learning_rate": ["fast"]},
            "bert.learning_rate has 'fast' in its list, where each value has to be",
        ),
        ({"embed.model": "no-such-model"}, "embed.model names 'no-such-model', which the models section does not have"),
        ({"data.raw": "data/empty"}, "data/empty"),
        ({"toy": {}}, "there is no parameter toy; "),
        ({"data.raw": "data"}, "DVC does not take this DAG (Same item(s) are defined as both a dependency and an"),
        ({"data.annotations": "reports"}, "DVC does not take this DAG"),
        ({"data.raw": ""}, "DVC does not take this DAG (AssertionError)"),
        ({"bert.max_length": 513}, "bert.max_length is 513, and tiny-bert reads at most 512 tokens"),
        ({"embed.max_length": 1}, "embed.max_length is 1, and tiny-bert puts 2 special tokens around a text"),
        ({"llama.lora_targets": ["query"]}, "llama.lora_targets names 'query', and tiny-llama has no such layer"),
        ({"bert.model": ["tiny-llama"]}, "names tiny-llama, whose model_type llama is a decoder"),
        ({"llama.model": ["tiny-bert"]}, "names tiny-bert, whose model_type bert is an encoder"),
        (
            {"silver.model": "tiny-bert"},
            "silver.model (params.yaml) names tiny-bert, whose model_type bert is an encoder",
        ),
        ({"models.tiny-bert.source": "hub"}, "say `source: path`"),
        ({"models.tiny-bert.name": "data"}, "there is no data/config.json"),
        ({"models.tiny-llama.layers": 3}, "has 2 layers"),
        ({"split.given": "none.csv"}, "There is no file none.csv, which split.given (params.yaml) names"),
        ({"split.frozen": "params.yaml"}, "params.yaml: there is no column comment_id"),
    ],
)
def test_what_would_fail_later_fails_here(here: Copy, check: Check, change: dict[str, Any], words: str) -> None:
    Path("data/empty").mkdir(exist_ok=True)
    here.edit(change)
    said = check()
    assert said.status == 2 and words in said.err and said.err.count("\n") == 1, said.err


def test_a_profile_is_resolved_by_dvc_too(here: Copy, check: Check) -> None:
    profile = Path("profiles/odd.txt")
    profile.write_text("data.raw=results\n", encoding="utf-8")
    said = check("--profile", "odd")
    assert said.status == 2 and "profiles/odd.txt: DVC does not take this DAG" in said.err


def test_a_damaged_lock_and_a_folder_without_dvc_are_one_sentence(here: Copy, check: Check) -> None:
    Path("dvc.lock").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    said = check()
    assert said.status == 2 and "dvc.lock" in said.err and said.err.count("\n") == 1
    Path("dvc.lock").unlink()
    Path(".dvc").rename("aside")
    try:
        assert "run `dvc init`" in check().err
    finally:
        Path("aside").rename(".dvc")
