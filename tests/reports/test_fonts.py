import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.reports.fonts import LONGEST, cut, drawable, font_files, label, our_fonts, signs
from pipeline.text.columns import display_width

NAMES = [
    "赞赏",
    "好奇$",
    "a|b",
    "<x>",
    "$a_b$",
    "\\alpha",
    "\\$x$",
    "😀🧦❤️",
    "뭐",
    "two\nlines",
    "\u202eleft\x00",
    "$",
    "\\",
]


def drawn(text: str) -> Any:
    """The pixels of a text."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with our_fonts() as names, rc_context({"font.family": names, "text.parse_math": False}):
        figure = Figure(figsize=(6, 0.5))
        figure.text(0, 0.5, text)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())


@pytest.mark.parametrize("name", NAMES)
def test_no_sign_of_a_name_becomes_a_box(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # "Glyph … missing from font(s)"
        assert (drawn(label(name)) < 255).any()


def test_chinese_is_drawn_and_boxes_would_be_seen() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        socks, cap = drawn("🧦"), drawn("🧢")
    assert np.array_equal(socks, cap)  # two signs that no font has are the same box
    assert not np.array_equal(drawn(label("赞")), drawn(label("赏")))
    assert not any(np.array_equal(drawn(label(name)), socks) for name in ("赞", "🧦"))


def test_the_fonts_have_every_sign_of_the_national_standards() -> None:
    pairs = (bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    chinese = {sign for pair in pairs if len(sign := pair.decode("gbk", errors="ignore")) == 1 and sign > "\x7f"}
    assert len(chinese) > 21_000
    assert {ord(sign) for sign in chinese} <= signs()


def test_what_no_font_has_is_named_by_its_code_point() -> None:
    assert drawable("a🧦b") == "a[U+1F9E6]b"
    assert label("two\r\nlines \u202e\x07") == "two lines"


def test_both_fonts_are_found_where_the_system_s_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import FontProperties, fontManager

    monkeypatch.setenv("MPL_IGNORE_SYSTEM_FONTS", "1")
    with our_fonts() as names:
        found = [fontManager.findfont(FontProperties(family=[name]), fallback_to_default=False) for name in names]
    assert [Path(str(file)).resolve() for file in found] == [file.resolve() for file in font_files().values()]
    assert os.environ["MPL_IGNORE_SYSTEM_FONTS"] == "1"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (drawn(label("赞赏")) < 255).any()


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    name = "llama/" + "very_" * 20 + "long-0.0003-sqrt-0-gold-7"
    assert display_width(cut(name)) == LONGEST
    assert cut(name).startswith("llama/very_") and cut(name).endswith("0.0003-sqrt-0-gold-7"[-16:]) and "…" in cut(name)
    assert display_width(cut("赞" * 100)) <= LONGEST
    assert cut("x" * LONGEST) == "x" * LONGEST
