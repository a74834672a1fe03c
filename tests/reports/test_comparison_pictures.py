import warnings
from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation.comparison import confusion
from pipeline.reports.comparison_pictures import draw_all, kept_apart
from pipeline.reports.drawing import LARGEST
from tests.reports.comparisons import comparison, many, size

PICTURES = ["class_f1.png", "confusion.png", "cost.png", "curves.png", "reliability.png", "scores.png"]


def test_every_picture_is_drawn_with_any_names_the_same_bytes_twice_and_without_a_clock(tmp_path: Path) -> None:
    made = comparison(["majority", "logistic/模型-赞$", "bert/<a|b>_$c$🧦", "llama/\\alpha"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # among them: "Glyph … missing from font(s)"
        for folder in ("one", "two"):
            draw_all(made, tmp_path / folder)
    assert sorted(file.name for file in (tmp_path / "one").iterdir()) == PICTURES
    for name in PICTURES:
        drawn = (tmp_path / "one" / name).read_bytes()
        assert drawn == (tmp_path / "two" / name).read_bytes()
        assert not any(word in drawn for word in (b"tIME", b"tEXt", b"matplotlib"))


def test_with_many_leaves_and_cells_pictures_stay_small(tmp_path: Path) -> None:
    leaves = [f"类别 {place}" for place in range(1500)]
    draw_all(comparison(many(300), leaves), tmp_path)
    for name in PICTURES:
        assert max(size(tmp_path / name)) <= LARGEST
        assert size(tmp_path / name)[0] < 2000  # a page shows it at half its size at worst


def test_a_comparison_without_training_steps_or_costs_is_drawn_too(tmp_path: Path) -> None:
    draw_all(comparison(["majority", "logistic/none"]), tmp_path)
    assert (tmp_path / "curves.png").exists()


def test_the_others_stand_together_and_no_item_is_lost() -> None:
    made = comparison(leaves=[str(place) for place in range(100)])
    assert confusion(made.best, made.truth, range(70, 100)).sum() == 80


def test_names_that_would_cover_each_other_move_apart_around_where_they_belong() -> None:
    assert kept_apart([], 10) == []
    assert kept_apart([0, 30, 10], 10) == [0, 30, 10]
    assert kept_apart([50, 50], 10) == [45, 55]
    assert kept_apart([50, 2, 52, 54], 10) == [42, 2, 52, 62]
    apart = sorted(kept_apart([3, 1, 4, 1, 5, 9, 2, 6], 10))
    assert np.diff(apart).min() == pytest.approx(10)
