"""params.yaml as typed, checked sections: the only reader of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml.error import YAMLError

from pipeline.errors import UserError, near
from pipeline.faults import sentence
from pipeline.settings import Models, ModelSource, Section, swept_fields
from pipeline.yaml_values import yaml_values

S = TypeVar("S", bound=Section)

PARAMS = Path("params.yaml")


def read_yaml(path: Path) -> Any:
    """Plain Python values from a YAML 1.2 file.

    Raises:
        UserError: the file is missing, empty or no YAML in UTF-8.
    """
    try:
        content = yaml_values(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"There is no {path}; restore it, or name another file.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); mend that, or name another file.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not in UTF-8; save it so.") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply to be read; restore it, or name another file.") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        why = " ".join(str(getattr(error, "problem", error)).split())
        raise UserError(f"{path}{line}: this is no YAML ({why}); mend the line.") from None
    except ValueError as error:  # what looks like a date and is none: 2024-13-45
        raise UserError(f"{path}: this is no YAML ({error}); mend it, or quote what is meant as a text.") from None
    if content is None:
        raise UserError(f"{path} is empty; restore it, or name another file.")
    return content


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """The sections of params.yaml, not checked yet."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}: the content is {content!r}, and has to be sections, as `data:`; change it.")
    return content


def read_section(name: str, kind: type[S], path: Path = PARAMS) -> S:
    """One section of params.yaml; the others are not looked at.

    Raises:
        UserError: it is missing, or has an unknown key, a wrong type, a value out of range; one of them.
    """
    content = read_params(path)
    if name not in content:
        raise UserError(f"{path}: the section {name} is missing; add it (`git show HEAD:params.yaml` has it).")
    return checked(content[name], kind, name, path)


def read_models(path: Path = PARAMS) -> dict[str, ModelSource]:
    """The models section."""
    return models_in(read_params(path), path)


def models_in(params: Mapping[str, Any], path: Path = PARAMS) -> dict[str, ModelSource]:
    """The models section of what was read from `path`."""
    try:
        return TypeAdapter(Models).validate_python(params.get("models"), strict=True)
    except ValidationError as error:
        raise UserError(f"{path}: {sentence(error, 'models', ModelSource.model_fields)}") from None


def checked(value: Any, kind: type[S], name: str, path: Path) -> S:
    """A section as its type, or the sentence that says what is wrong in `path`."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise UserError(f"{path}: {sentence(error, name, kind.model_fields, swept_fields(kind))}") from None


def check_names(content: Mapping[str, Any], known: Mapping[str, object], path: Path) -> None:
    """Raise UserError where params.yaml has a section that nothing reads."""
    for name in content:
        if name not in known:
            raise UserError(
                f"{path}: there is no parameter {name}{near(name, known)}; remove it or correct its spelling."
            )


def with_profile(profile: Path, path: Path = PARAMS) -> dict[str, Any]:
    """params.yaml with a profile's lines (`section.key=value`) laid over it, as `dvc exp run` would.

    Raises:
        UserError: no such profile, or a line that sets nothing.
    """
    if not profile.is_file():
        there = ", ".join(sorted(file.stem for file in profile.parent.glob("*.txt")))
        raise UserError(f"There is no profile {profile}; there are {there}.")
    content = read_params(path)
    for number, line in enumerate(profile.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, value = line.partition("=")
        section, _, key = name.partition(".")
        if not isinstance(content.get(section), dict) or key not in content[section]:
            known = [f"{part}.{one}" for part, keys in content.items() if isinstance(keys, dict) for one in keys]
            raise UserError(
                f"{profile}, line {number}: there is no parameter {name}{near(name, known)}; correct its spelling."
            )
        content[section][key] = yaml_values(value)
    return content
