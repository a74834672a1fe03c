"""dvc.yaml: written from declarations, current, short; and DVC sees in it what we see."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.config import read_params
from pipeline.dag.declared import sections
from pipeline.dag.dvc_yaml import dvc_yaml
from pipeline.dag.methods import all_cells
from tests.conftest import ROOT
from tests.dag.copies import Copy

STAGES: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def test_the_file_is_current_and_can_be_read_aloud() -> None:
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    assert text == dvc_yaml(read_params(ROOT / "params.yaml")), "run `danmu dag`"
    assert len(text.splitlines()) <= 275 and "pipeline/" not in text.partition("stages:")[2]


@pytest.mark.parametrize("section", [name for name in sections() if name != "data"])
def test_every_parameter_is_a_dependency_of_some_stage(section: str) -> None:
    """A parameter that no stage lists could be changed without anything being run again."""
    used = {str(name) for stage in STAGES.values() for name in stage.get("params", [])}
    swept = {str(value)[2:-1] for stage in STAGES.values() for value in stage.get("matrix", {}).values()}
    for key in sections()[section].model_fields:
        assert {section, f"{section}.{key}"} & (used | swept), f"{section}.{key}"


def test_a_file_that_a_section_names_is_a_dependency_where_it_is_set() -> None:
    params = read_params(ROOT / "params.yaml")
    assert "split.given" not in dvc_yaml(params)
    params["split"]["given"] = "data/split.csv"  # and frozen is empty still
    stages = YAML(typ="safe", pure=True).load(dvc_yaml(params))["stages"]
    assert stages["split"]["deps"][-1] == "${split.given}"
    stages["split"]["deps"].pop()
    assert stages == STAGES


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_depends_on_its_own_code_alone(stage: str) -> None:
    deps = [dep for dep in STAGES[stage].get("deps", []) if dep.startswith("data/derived/code")]
    assert deps == ([] if stage == "versions" else [f"data/derived/code/{stage}.txt"])


def test_dvc_and_we_agree_on_the_cells(copy: Copy) -> None:
    copy.edit({"bert.learning_rate": [1e-5, 0.0001], "bert.seed": [0, 1], "llama.class_weight": ["none", "balanced"]})
    listed = {line for line in copy.run(["dvc", "stage", "list", "--name-only"]).split() if "@" in line}
    assert listed == {cell.stage for cell in all_cells(read_params(copy.folder / "params.yaml"))}


def test_a_file_that_is_not_current_is_refused_before_anything_runs(copy: Copy) -> None:
    copy.rewrite("dvc.yaml", "always_changed: true", "frozen: false")
    assert "run `danmu dag`" in copy.danmu("check", fails=True)
    assert "run `danmu dag`" in copy.danmu("dag", "--check", fails=True)
    copy.danmu("dag")
    assert "is current" in copy.danmu("dag", "--check")
    assert (copy.folder / "dvc.yaml").read_bytes() == (ROOT / "dvc.yaml").read_bytes()


def resolved(copy: Copy) -> list[str]:
    """DVC's own view: every stage, its parameters and dependencies resolved; names of the stages."""
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    with Repo(str(copy.folder)) as repo:
        stages = repo.index.stages
        for stage in stages:
            for dep in stage.deps:
                if isinstance(dep, ParamsDependency):
                    dep.get_hash()  # raises where a parameter is missing
        return [stage.name for stage in stages]


@pytest.mark.parametrize("profile", sorted(file.stem for file in (ROOT / "profiles").glob("*.txt")))
def test_dvc_resolves_every_profile(profile: str, copy: Copy) -> None:
    """Keys that DVC reads as syntax (a dot splits a parameter's path) would never run."""
    from pipeline.config import with_profile

    params = with_profile(copy.folder / "profiles" / f"{profile}.txt", ROOT / "params.yaml")
    with (copy.folder / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(params, file)
    assert {cell.stage for cell in all_cells(params)} <= set(resolved(copy))


def test_dvc_resolves_every_key_of_the_models_section(copy: Copy) -> None:
    keys = list(read_params(ROOT / "params.yaml")["models"])
    copy.edit({"bert.model": keys, "llama.model": keys})
    for key in keys:
        copy.edit({"embed.model": key, "silver.model": key})
        assert any(stage.startswith(f"bert@{key}-") for stage in resolved(copy))


@pytest.mark.parametrize("key", ["llama-3.2-1b", "my model", "a;b", "$(x)", "a/b", "a@b", "模型"])
def test_a_key_that_is_syntax_to_somebody_is_refused(key: str, copy: Copy) -> None:
    copy.edit({"llama.model": [key]})
    yaml = YAML()
    path = copy.folder / "params.yaml"
    content = yaml.load(path.read_text(encoding="utf-8"))
    content["models"][key] = content["models"]["tiny-llama"]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)
    output = copy.danmu("check", fails=True)
    assert repr(key) in output and "use letters, digits, - and _ alone" in output


def test_a_swept_word_reaches_no_shell(copy: Copy) -> None:
    copy.edit({"logistic.class_weight": ["none; touch x #", "none'; touch y; '"]})
    ran, output = copy.repro(fails=True)
    assert not ran and "logistic.class_weight" in output
    assert not (copy.folder / "x").exists() and not (copy.folder / "y").exists()


def test_the_keys_of_the_hub_s_models_run_with_small_models_behind_them(copies: tuple[Copy, Copy]) -> None:
    """One cell of each network under the very keys that README and profiles name."""
    copy = copies[0]
    params = (copy.folder / "params.yaml").read_text(encoding="utf-8")
    models = read_params(copy.folder / "params.yaml")["models"]
    for key, tiny in (("bert-chinese", "tiny-bert"), ("llama-3-2-1b", "tiny-llama")):
        copy.edit({f"models.{key}": dict(models[tiny])})
    copy.edit({"bert.model": ["bert-chinese"], "llama.model": ["llama-3-2-1b"]})
    names = copy.run(["dvc", "stage", "list", "--name-only"]).split()
    cells = [name for name in names if name.startswith(("bert@bert-chinese-", "llama@llama-3-2-1b-"))]
    assert len(cells) == 2 and set(copy.repro(*cells)[0]) == set(cells)
    for cell in cells:
        assert (copy.folder / "results" / cell.replace("@", "/") / "predictions.parquet").is_file()
    (copy.folder / "params.yaml").write_text(params, encoding="utf-8")
    copy.repro()


def test_a_model_that_changed_under_its_name_re_runs_who_uses_it(
    copies: tuple[Copy, Copy], tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder whose file changes, and a hub repository whose branch goes on to another commit."""
    copy = copies[1]
    assert not copy.changed()
    config = tiny_bert / "config.json"
    text = config.read_text(encoding="utf-8")
    config.write_text(text + " ", encoding="utf-8")
    try:
        assert copy.changed() == {"embed", "bert"}
    finally:
        config.write_text(text, encoding="utf-8")

    repository = tmp_path / "models--somebody--bert"
    for commit in ("1" * 40, "2" * 40):
        shutil.copytree(tiny_bert, repository / "snapshots" / commit)
    branch = repository / "refs" / "main"
    branch.parent.mkdir()
    branch.write_text("1" * 40)
    for variable, value in (("HF_HUB_CACHE", str(tmp_path)), ("HF_HUB_OFFLINE", "1")):
        monkeypatch.setitem(copy.environment, variable, value)
    copy.edit({"models.hub-bert": {"source": "hub", "name": "somebody/bert", "pooling": "mean"},
               "embed.model": "hub-bert"})  # fmt: skip
    assert copy.repro("embed")[0] == ["embed"] and copy.repro("embed")[0] == []
    branch.write_text("2" * 40)
    assert copy.repro("embed")[0] == ["embed"]
    copy.edit({"embed.model": "tiny-bert"})
    copy.repro("embed")
