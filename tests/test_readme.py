"""The README's code blocks work: commands are commands, targets are targets, parameters are parameters."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.dag.declared import check_params
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, content) of every code block of a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page.name, block) for page in PAGES for block in pattern.findall(page.read_text(encoding="utf-8"))]


def commands() -> list[str]:
    """Every distinct line of the bash blocks."""
    lines = [line.strip() for _, block in blocks("bash") for line in block.splitlines()]
    return sorted({line for line in lines if line and not line.startswith("#")})


def merged(base: object, change: object) -> object:
    """`change` laid over `base`, key by key."""
    if isinstance(base, dict) and isinstance(change, dict):
        return base | {key: merged(base.get(key), value) for key, value in change.items()}
    return change


@pytest.mark.parametrize("line", commands())
def test_every_command_exists_and_takes_its_arguments(line: str, tmp_path: Path) -> None:
    words = shlex.split(line)
    if words[0] == "make":  # running it is what CI's second part does; here: the target and the profile are there
        planned = subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, capture_output=True, text=True)
        assert planned.returncode == 0, planned.stderr
        for profile in [word.split("=")[1] for word in words if word.startswith("PROFILE=")]:
            assert (ROOT / "profiles" / f"{profile}.txt").is_file()
    elif words[:2] == ["git", "clone"]:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / words[3])], check=True)
        assert words[4:] == ["&&", "cd", words[3]] and (tmp_path / words[3] / "Makefile").is_file()
    elif words[0] == "source":
        assert words[1:] == [".venv/bin/activate"]  # what `make setup` makes
    elif words[0] == "danmu":
        assert subprocess.run([BIN / "danmu", *words[1:]], cwd=ROOT, capture_output=True).returncode == 0
    else:  # DVC: let its own parser judge the arguments
        assert words[0] == "dvc", f"no test knows how to run {line!r}"
        known = next(n for n in (3, 2) if " ".join(words[1:n]) in ("repro", "exp run", "metrics show", "plots show"))
        options = [word for word in words[known:] if word.startswith("--")]
        answer = subprocess.run([BIN / "dvc", *words[1:known], "--help"], cwd=ROOT, capture_output=True, text=True)
        assert answer.returncode == 0 and all(option in answer.stdout for option in options)


@pytest.mark.parametrize(("page", "block"), blocks("yaml"))
def test_every_yaml_block_is_what_the_pipeline_takes(page: str, block: str, tmp_path: Path) -> None:
    from pipeline.annotation.tree.taxonomy import load_taxonomy

    yaml = YAML(typ="safe", pure=True)
    content = yaml.load(block)
    if "nodes" in content:
        (tmp_path / "taxonomy.yaml").write_text(block, encoding="utf-8")
        assert load_taxonomy(tmp_path / "taxonomy.yaml").leaves
        return
    params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    merged_params = merged(params, content)
    assert isinstance(merged_params, dict)
    check_params(merged_params)


def test_every_profile_sets_parameters_that_exist() -> None:
    yaml = YAML(typ="safe", pure=True)
    for profile in (ROOT / "profiles").glob("*.txt"):
        params = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        for line in profile.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                name, value = line.split("=", 1)
                section, key = name.split(".")
                assert key in params[section], f"{profile.name}: {name}"
                params[section][key] = yaml.load(value)
        check_params(params)


def test_every_link_leads_to_a_file() -> None:
    for page in [*PAGES, ROOT / "data" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_is_there_for_it() -> None:
    assert shutil.which("make")
