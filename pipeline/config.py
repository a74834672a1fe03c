"""params.yaml as typed, checked objects: the only reader of it.

YAML is read with ruamel as YAML 1.2, exactly as DVC reads it: `1e-5` is a number, `no` is a word.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline.errors import UserError
from pipeline.settings import Params

PARAMS = Path("params.yaml")


def read_yaml(path: Path) -> Any:
    """Plain Python values from a YAML 1.2 file.

    Raises:
        UserError: the file is missing, empty or no YAML in UTF-8.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no {path}; restore it, or name another file.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not in UTF-8; save it so.") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path}{line}: this is no YAML ({getattr(error, 'problem', error)}); mend the line.") from None
    if content is None:
        raise UserError(f"{path} is empty; restore it, or name another file.")
    return content


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml.

    Raises:
        UserError: an unknown key, a wrong type, a value out of range; one of them.
    """
    return validated(read_yaml(path), path)


def load_profile(profile: Path, path: Path = PARAMS) -> Params:
    """params.yaml with a profile's lines (`section.key=value`) laid over it, as `dvc exp run` would.

    Raises:
        UserError: no such profile, a line that sets nothing, or what `load_params` refuses.
    """
    if not profile.is_file():
        there = ", ".join(sorted(file.stem for file in profile.parent.glob("*.txt")))
        raise UserError(f"There is no profile {profile}; there are {there}.")
    content = read_yaml(path)
    for number, line in enumerate(profile.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, value = line.partition("=")
        section, _, key = name.partition(".")
        if not isinstance(content.get(section), dict) or key not in content[section]:
            raise UserError(f"{profile}, line {number}: there is no parameter {name}; correct its spelling.")
        content[section][key] = YAML(typ="safe", pure=True).load(value)
    return validated(content, profile)


def validated(content: Any, path: Path) -> Params:
    """The typed parameters, or the sentence that says what is wrong in `path`."""
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {sentence(error)}") from None


def sentence(error: ValidationError) -> str:
    """One of the problems that pydantic found, as a sentence for the person who edits the file.

    A misspelt key is a missing one and an unknown one; only the latter shows the misspelling.
    """
    problem = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in problem["loc"])
    value = problem["input"]
    kind = problem["type"]
    if kind == "missing":
        return f"the key {key} is missing; add it (`git show HEAD:params.yaml` has it, with what it does)."
    if kind == "extra_forbidden":
        return f"there is no parameter {key}; remove it or correct its spelling."
    if kind == "list_type":
        return f"{key} is {value!r}, but this parameter is swept, so it takes a list: [{value}]."
    if kind == "value_error":
        message = problem["msg"].removeprefix("Value error, ")
        return f"{key + ': ' if key else ''}{message}; change one of them."
    return f"{key or 'the content'} is {value!r}, but {problem['msg'][0].lower()}{problem['msg'][1:]}; change it."
