"""A spreadsheet computes nothing that others wrote, and whatever they wrote can be read again."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.spreadsheet import csv_text, guarded, unguarded

SIGNS = "='+-@＝＋－＠\t\r\n ,\"a弹"


@given(st.text() | st.text(SIGNS, max_size=6))
@example("''=1")
@example("'")
def test_what_was_guarded_is_given_back(text: str) -> None:
    assert unguarded(str(guarded(text))) == text


@given(st.text(SIGNS, max_size=6))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = str(guarded(text))
    assert cell[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
    assert cell.lstrip()[:1] not in ("=", "+", "-", "@")


@pytest.mark.parametrize("value", ["1+1=2", "joy", "'quoted'", "", -0.5, None, 3])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert guarded(value) == value


CELL = st.text(SIGNS, max_size=4)


@given(st.lists(st.tuples(CELL, CELL), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_every_cell_is_read_again_as_it_was(rows: list[tuple[str, str]], end: str) -> None:
    text = csv_text(["a", "b"], rows, end)
    read = [tuple(map(unguarded, row)) for row in csv.reader(io.StringIO(text, newline=""))]
    assert read == [("a", "b"), *rows]
