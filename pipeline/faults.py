"""What is wrong with a value of params.yaml or of a command, in a plain sentence: the words are ours."""

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from pipeline.errors import near

#: what a value has to be, by pydantic's name of the fault
NEEDED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "string_type": "a text, in quotes where need be",
    "finite_number": "a finite number",
    "dict_type": "keys with a value each",
    "model_type": "keys with a value each",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
}
LONGEST = 60  # characters of a value that are shown


def sentence(error: ValidationError, section: str, known: Collection[str], swept: Collection[str] = ()) -> str:
    """One of the problems that pydantic found, as a sentence for the person who edits the file.

    A misspelt key is a missing one and an unknown one; only the latter shows the misspelling.

    Args:
        known: the keys that there are, where the fault may be in one.
        swept: keys of the section whose values make cells.
    """
    problem = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    place, value, kind = problem["loc"], problem["input"], problem["type"]
    key = ".".join([section, *(str(part) for part in place if part != "[key]" and not isinstance(part, int))])
    if kind == "missing":
        return f"the key {key} is missing; add it (`git show HEAD:params.yaml` has it, with what it does)."
    if kind == "extra_forbidden":
        return f"there is no parameter {key}{near(str(place[-1]), known)}; remove it or correct its spelling."
    if kind == "list_type":
        what = "is swept, so it takes a list" if place[0] in swept else "takes a list"
        return f"{key} is {shown(value)}, but this parameter {what}: [{'' if value is None else value}]."
    if kind == "too_short":
        return f"{key} is an empty list, and needs one value at least; give one."
    if kind == "value_error":
        return f"{key}: {problem['msg'].removeprefix('Value error, ')}."
    if any(isinstance(part, int) for part in place):
        return f"{key} has {shown(value)} in its list, where each value has to be {needed(problem)}; change it."
    return f"{key} is {shown(value)}, and has to be {needed(problem)}; change it."


def needed(problem: Any) -> str:
    """What a value has to be."""
    kind, facts = problem["type"], problem.get("ctx", {})
    if kind == "literal_error":
        return str(facts["expected"]).replace("'", "")
    bounds = {
        name: int(fact) if isinstance(fact, float) and fact.is_integer() else fact for name, fact in facts.items()
    }
    return NEEDED[kind].format(**bounds) if kind in NEEDED else f"another one ({kind.replace('_', ' ')})"


def shown(value: Any) -> str:
    """A value as the file has it, more or less."""
    if value is None or isinstance(value, bool):
        return {None: "empty", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
