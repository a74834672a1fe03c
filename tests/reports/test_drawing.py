from pathlib import Path

import pytest

from pipeline.reports.drawing import LARGEST, PALETTE, colors, largest, logarithmic, picture, reach, short
from pipeline.statistics.intervals import Interval
from tests.reports.comparisons import size


def test_no_picture_is_larger_than_it_may_be(tmp_path: Path) -> None:
    with picture(tmp_path / "a.png", 1000, 2, ncols=2):
        pass
    assert size(tmp_path / "a.png") == (LARGEST, 260)


def test_the_machine_s_settings_and_fonts_change_nothing(tmp_path: Path) -> None:
    from matplotlib import rc_context

    def draw(name: str) -> bytes:
        with picture(tmp_path / name, 4, 2) as (_, axis):
            axis.set_title("赞赏 joy")
            axis.plot([1, 2])
        return (tmp_path / name).read_bytes()

    with rc_context({"lines.linewidth": 7, "font.family": "monospace", "axes.grid": True}):
        other = draw("other.png")
    assert other == draw("usual.png")


@pytest.mark.parametrize(
    "name", ["$a$", "$", "a$b", "\\$a$", "$$a_{b}$$", "a\\", "x_y^z", "$\\foo{$", "$\\frac{", "%", "{x}", "\\"]
)
def test_a_text_is_no_formula_wherever_it_stands(name: str, tmp_path: Path) -> None:
    from matplotlib.text import Text

    with picture(tmp_path / "a.png", 4, 3) as (figure, axis):
        axis.plot([1, 2], label=name)
        axis.set_xticks([0, 1], [name, f"{name} (3)"])
        axis.set_title(name)
        axis.set_ylabel(name)
        axis.text(0, 0, name)
        axis.annotate(name, (1, 1))
        figure.legend(loc="outside upper center")
        figure.supxlabel(name)
        figure.canvas.draw()
        texts = [text for text in figure.findobj(Text) if name in text.get_text()]
        # what matplotlib makes of each before it draws: the text, and whether it is a formula
        assert len(texts) >= 8 and all(
            text._preprocess_math(text.get_text()) == (text.get_text(), False) for text in texts
        )


def test_a_logarithmic_axis_has_plain_numbers(tmp_path: Path) -> None:
    with picture(tmp_path / "a.png", 4, 3) as (figure, axis):
        axis.plot([0.05, 20000], [1, 2])
        logarithmic(axis)
        figure.canvas.draw()
        said = {text.get_text() for text in axis.get_xticklabels()}
        assert {"0.1", "1", "100", "10,000"} <= said and not any("$" in text for text in said)


def test_the_first_methods_have_the_palette_s_colours_and_no_two_are_alike() -> None:
    methods = ["majority", "logistic", "logistic", "xgboost", "bert", "llama"]
    assert colors(methods) == {
        "majority": "#8a8a8a", "logistic": "#4c78a8", "xgboost": "#54a24b", "bert": "#e45756", "llama": "#b279a2"
    }  # fmt: skip
    many = colors(f"method {place}" for place in range(60))
    assert len(set(many.values())) == 60 and list(many.values())[: len(PALETTE)] == list(PALETTE)


def test_the_largest_stand_in_their_order_and_the_first_of_equals_is_taken() -> None:
    assert largest([1, 5, 3, 5, 3], 3) == [1, 2, 3]
    assert largest([1, 5], 3) == [0, 1]
    assert largest([0, 0, 0], 2) == [0, 1]


@pytest.mark.parametrize(
    ("interval", "below", "above"),
    [
        (Interval(0.5, 0.4, 0.7), 0.1, 0.2),
        (Interval(0.5), 0, 0),
        (Interval(None), 0, 0),
        (Interval(0.5, 0.6, 0.7), 0, 0.2),  # the bootstrap's values all lie above
    ],
)
def test_an_interval_s_reach_is_never_negative(interval: Interval, below: float, above: float) -> None:
    assert reach(interval) == [[pytest.approx(below)], [pytest.approx(above)]]


def test_a_share_is_short_and_what_is_below_one_is_not_rounded_up_to_it() -> None:
    assert [short(share) for share in (0.0, 0.4, 0.949, 0.994, 0.999, 1.0)] == [".00", ".40", ".95", ".99", ".99", "1"]
