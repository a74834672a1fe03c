"""A mistake in a command's words is one sentence, which names the command's help."""

import pytest

from tests.cli.project import Danmu

EXPORT = ("annotate", "export", "-o", "out")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            (*EXPORT, "--size", "many"),
            "--size is many, and has to be a whole number; see `danmu annotate export --help`",
        ),
        ((*EXPORT, "--seed", "-1"), "--seed is -1, and has to be at least 0; see `danmu annotate export --help`"),
        ((*EXPORT, "--sampling", "randm"), "--sampling: 'randm' is not one of 'random', "),
        (("agreement",), "Missing argument 'path'; see `danmu agreement --help`"),
        (("annotate", "import", "x.csv"), "Missing option '--round'; see `danmu annotate import --help`"),
        (("parse", "x", "--no-such"), "No such option: --no-such; see `danmu parse --help`"),
        (("models", "more"), "Got unexpected extra argument"),
        (("chekc",), "No such command 'chekc'. Did you mean 'check'?; see `danmu --help`"),
    ],
)
def test_one_sentence_and_status_2(danmu: Danmu, words: tuple[str, ...], sentence: str) -> None:
    said = danmu(*words)
    assert said.status == 2 and not said.out
    assert said.err.startswith(f"danmu: {sentence}") and said.err.endswith("--help`.\n") and said.err.count("\n") == 1


def test_help_is_no_mistake(danmu: Danmu) -> None:
    said = danmu("annotate", "export", "--help")
    assert said.status == 0 and "Write a batch" in said.out
    said = danmu()
    assert said.status == 2 and "Commands:" in said.out + said.err
