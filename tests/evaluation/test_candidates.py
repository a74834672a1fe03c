"""What the cells are scored on, as the stages before left it."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.artifacts.silver import ADDED, ADDED_FILES
from pipeline.evaluation.candidates import read_truth
from tests.annotation.model.test_questionnaire import write_rooms
from tests.annotation.model.test_silver import corpus, split_as
from tests.reports.pages import LEAVES, tree


def test_a_comment_is_seen_where_its_text_is_that_of_a_training_comment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    comments = corpus(
        ("a", "v1", "来了来了"),
        ("b", "v2", "来了！"),  # as a trains
        ("c", "v3", "泪目"),  # as d, which is left out
        ("d", "v3", "泪目"),
        ("e", "v3", "第一"),  # as f, which is validated alone
        ("f", "v2", "第一"),
        ("g", "v2", "冲"),  # as x, which nobody labelled
        ("x", "v1", "冲"),
    )
    gold = pl.DataFrame([(key, LEAVES[0]) for key in "abcdefg"], schema=ADDED, orient="row")
    a, b, c = "train", "validation", "test"
    sides = dict(zip("abcdefg", [a, b, c, "left_out", c, b, b], strict=True))
    write_rooms(comments, gold, split_as(**sides))
    ADDED_FILES["gold"].write(pl.DataFrame(schema=ADDED))
    truth = read_truth(tree(*LEAVES))
    assert truth.items.select("comment_id", "split", "seen").rows() == [
        ("b", "validation", True),
        ("c", "test", False),
        ("e", "test", False),
        ("f", "validation", False),
        ("g", "validation", False),
    ]
