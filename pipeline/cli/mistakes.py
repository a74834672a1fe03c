"""What is wrong with a command's words, in one sentence instead of a library's lines."""

from typing import Any

from pydantic import ValidationError

from pipeline.faults import NEEDED, needed


def mistake(error: Any) -> str:
    """The sentence of what Typer refuses.

    Args:
        error: as Typer raises it, with the option or argument that it concerns, and the command.
    """
    command = getattr(error.ctx, "command_path", "")
    help_of = " ".join(["danmu", *command.split(" ")[1:], "--help"])
    options = getattr(getattr(error, "param", None), "opts", None) or [""]
    name, cause = max(options, key=len), error.__cause__
    problem: Any = cause.errors()[0] if isinstance(cause, ValidationError) else {}
    if problem.get("type") in NEEDED:
        said = f"{name} is {problem['input']}, and has to be {needed(problem)}"
    elif problem:
        said = f"{name}: {problem['msg'].removeprefix('Value error, ')}"
    else:
        said = error.format_message()
    return f"{' '.join(said.split()).rstrip('.')}; see `{help_of}`."
