from hypothesis import given
from hypothesis import strategies as st

from pipeline.reports.markdown import LONGEST, in_rounds, listed, literal, one_line, quoted
from tests.reports.pages import shown, tables


@given(st.text() | st.text("`|*_[]()<>!~$&#;:/@.\\- \nawb弹", max_size=20))
def test_any_text_comes_out_of_a_table_as_it_went_in(text: str) -> None:
    ((_, (cell, last)),) = tables(f"| text | last |\n|---|---|\n| {literal(text)} | x |\n")
    assert (shown(cell), shown(last)) == (one_line(text), "x")


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    assert quoted("|" * LONGEST) == "“" + "&#124;" * LONGEST + "”"
    assert quoted("|" * (LONGEST + 1)) == "“" + "&#124;" * LONGEST + "…”"


def test_lists_and_rounds_read_as_a_sentence() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert (in_rounds([2]), in_rounds([2, 3])) == ("round 2", "rounds 2 and 3")
