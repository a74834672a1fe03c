"""Columns of type: wide signs, tables for a terminal."""

from pipeline.text.columns import aligned, display_width


def test_chinese_takes_two_columns() -> None:
    assert (display_width("joy"), display_width("赞赏"), display_width("赞joy")) == (3, 4, 5)


def test_tables_stand_straight_whatever_is_in_them() -> None:
    rows = [("file", "form", "records"), ("赞\n赏", "XML", "1,000"), ("a", "", "2")]
    assert aligned(rows, words=2) == ["file    form  records", "赞\\n赏  XML     1,000", "a                   2"]
