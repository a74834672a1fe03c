"""The pictures' fonts, and names as these can draw them.

DejaVu Sans, which comes with matplotlib, has Latin, Greek, Cyrillic and many signs; Noto Sans SC has Chinese (all of
GB 2312 and GBK) and kana. Matplotlib asks them in this order for every sign.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline.reports.markdown import one_line
from pipeline.text.columns import display_width

IGNORE = "MPL_IGNORE_SYSTEM_FONTS"
LONGEST = 48  # columns of a name in a picture: with more of them names leave no room for what they name
ENDING = 16  # of these, columns at the end of a name that is cut: keys of cells differ there


@cache
def families() -> list[str]:
    """The fonts' names for matplotlib, which knows them from now on.

    The names are our own, so that no font installed on the machine is taken in their place.
    """
    from dataclasses import replace

    from matplotlib.font_manager import fontManager, get_font, ttfFontProperty

    files = font_files()
    fontManager.ttflist += [replace(ttfFontProperty(get_font(file)), name=name) for name, file in files.items()]
    return list(files)


@contextmanager
def our_fonts() -> Iterator[list[str]]:
    """The fonts' names, while matplotlib finds both.

    Where MPL_IGNORE_SYSTEM_FONTS is set it looks in its own folder alone; the Chinese font lies beside its package.
    """
    ignored = os.environ.pop(IGNORE, None)
    try:
        yield families()
    finally:
        if ignored is not None:
            os.environ[IGNORE] = ignored


@cache
def signs() -> frozenset[int]:
    """The code points that one of the fonts has a glyph for."""
    from matplotlib.font_manager import get_font

    return frozenset(sign for file in font_files().values() for sign in get_font(file).get_charmap())


def font_files() -> dict[str, Path]:
    """Our name of each font → its file."""
    import matplotlib
    from pylopdf_fonts_zh_cn import sans_path

    latin = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return {"pictures, Latin": latin, "pictures, Chinese": sans_path()}


def label(name: str) -> str:
    """A name for a picture: in one line, cut in the middle where it is long."""
    return cut(drawable(one_line(name)))


def drawable(text: str) -> str:
    """The text with a code point, as `[U+1F9E6]`, in place of each sign that no font has, which would be a box."""
    return "".join(sign if ord(sign) in signs() else f"[U+{ord(sign):04X}]" for sign in text)


def cut(text: str) -> str:
    """The beginning and the end of a long text."""
    if display_width(text) <= LONGEST:
        return text
    start, end = len(text), 0
    while display_width(text[:start]) > LONGEST - ENDING - 1:
        start -= 1
    while display_width(text[end:]) > ENDING:
        end += 1
    return f"{text[:start]}…{text[end:]}"
