"""A value that cannot be read costs itself and not its comment, in whatever form it stands."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.danmu.readers.attributes import in_order
from pipeline.danmu.readers.fields import BadField, moment, sender_and_site
from tests.danmu.samples import as_fragments, as_joined, as_json, as_python, danmu, parsed, row, written


def xml(records: list[list[str]]) -> str:
    return f"<i><chatid>550001</chatid>{as_fragments(records)}</i>"


FORMS = {
    "XML": xml,
    "tuples": lambda records: row(as_python(records)),
    "JSON": lambda records: row(as_json(records)),
    "fragments": lambda records: row(as_fragments(records)),
    "joined": lambda records: row(as_joined(records, "|")),
}
every_form = pytest.mark.parametrize("form", FORMS)


def read(folder: Path, form: str, *changes: dict[str, str]) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """The comments by their text, and what was left blank."""
    records = [danmu(**{"text": f"第{number}条", "row_id": "", **change}) for number, change in enumerate(changes)]
    comments, rejected, census = parsed(written(folder, FORMS[form]([danmu(), *records, danmu(row_id="")])))
    assert rejected.is_empty()
    return {comment["text"]: comment for comment in comments.to_dicts()}, census.blanked


@every_form
@pytest.mark.parametrize("time", ["", "0", "NULL", "None", "-1", "0.0"])
def test_a_time_that_nobody_knows_is_none(tmp_path: Path, form: str, time: str) -> None:
    if form == "joined" and time == "0.0":
        pytest.skip("not told from a text")
    said, blanked = read(tmp_path, form, {"time": time})
    assert (said["第0条"]["sent_at"], blanked) == (None, {})


@pytest.mark.parametrize("form", ["XML", "tuples", "JSON", "fragments"])
@pytest.mark.parametrize("time", ["86400", "1104537599", "4102444800", "昨天", "9" * 30])
def test_an_impossible_time_is_none_and_is_counted(tmp_path: Path, form: str, time: str) -> None:
    said, blanked = read(tmp_path, form, {"time": time})
    assert (said["第0条"]["sent_at"], blanked) == (None, {"time": 1})


@pytest.mark.parametrize("spelled", ["1577000000", "1577000000000", "1577000000000000", "1577000000.0"])
def test_a_time_is_known_by_its_size(spelled: str) -> None:
    assert moment(spelled, "time").isoformat() == "2019-12-22T07:33:20+00:00"


@pytest.mark.parametrize("spelled", ["1104537599", "4102444800", "-5", "x"])
def test_no_other_number_is_a_time(spelled: str) -> None:
    with pytest.raises(BadField):
        moment(spelled, "time")


@every_form
@pytest.mark.parametrize("sender", ["", "NULL", "None", "null", "undefined", "-1", "nan", "NaN"])
def test_what_stands_for_nobody_is_no_sender(tmp_path: Path, form: str, sender: str) -> None:
    assert read(tmp_path, form, {"sender": sender})[0]["第0条"]["sender"] is None


def test_a_tag_names_the_site_and_no_sender() -> None:
    assert sender_and_site("[iqiyi]") == (None, "iqiyi")
    assert sender_and_site("[BiliBili]1a2b") == ("1a2b", "bilibili")
    assert sender_and_site("1a2b") == ("1a2b", None)


@every_form
@pytest.mark.parametrize(
    ("color", "number"),
    [
        ("#FFFFFF", 0xFFFFFF),
        ("#fff", 0xFFFFFF),
        ("0xFF0000", 0xFF0000),
        ("FF00aa", 0xFF00AA),
        ("123456", 123456),
        ("16777215.0", 0xFFFFFF),
        ("white", 0xFFFFFF),
        ("", None),
    ],
)
def test_a_colour_is_read_however_it_is_spelled(tmp_path: Path, form: str, color: str, number: int | None) -> None:
    said, blanked = read(tmp_path, form, {"color": color})
    assert (said["第0条"]["color"], blanked) == (number, {})


def test_a_colour_by_its_parts_is_read_where_commas_may_stand(tmp_path: Path) -> None:
    assert read(tmp_path, "JSON", {"color": "rgb(1, 2, 3)"})[0]["第0条"]["color"] == 0x010203


@pytest.mark.parametrize("form", ["XML", "tuples", "JSON", "fragments"])
@pytest.mark.parametrize(
    ("field", "column", "value", "name"),
    [
        ("color", "color", "-1", "colour"),
        ("color", "color", "undefined", "colour"),
        ("color", "color", "4294967296", "colour"),
        ("font", "font_size", "大", "size"),
        ("mode", "mode", "滚动", "mode"),
        ("mode", "mode", "100", "mode"),
        ("pool", "pool", "-1", "pool"),
        ("onset", "onset_s", "开头", "onset"),
        ("onset", "onset_s", "1577000000", "onset"),
        ("row_id", "row_id", "x7", "row id"),
        ("row_id", "row_id", "-1189105972", "row id"),
    ],
)
def test_decoration_that_cannot_be_read_is_blank(
    tmp_path: Path, form: str, field: str, column: str, value: str, name: str
) -> None:
    said, blanked = read(tmp_path, form, {field: value})
    assert (said["第0条"][column], blanked) == (None, {name: 1})


@pytest.mark.parametrize("form", ["XML", "tuples", "JSON", "fragments"])
def test_numbers_that_a_float_column_wrote_are_whole(tmp_path: Path, form: str) -> None:
    said, blanked = read(tmp_path, form, {"mode": "5.0", "font": "25.0", "pool": "1.0"})
    assert [said["第0条"][name] for name in ("mode", "font_size", "pool")] == [5, 25, 1]
    assert blanked == {}


@every_form
def test_before_a_live_begins_an_onset_is_negative(tmp_path: Path, form: str) -> None:
    assert read(tmp_path, form, {"onset": "-3.25"})[0]["第0条"]["onset_s"] == -3.25


def test_an_onset_may_be_a_time_of_the_clock(tmp_path: Path) -> None:
    said, _ = read(tmp_path, "XML", {"onset": "00:05.5"}, {"onset": "1:02:03"})
    assert [said[f"第{number}条"]["onset_s"] for number in (0, 1)] == [5.5, 3723.0]


@pytest.mark.parametrize("chat", ["", "0", "-1", "NULL", "null", "None"])
def test_what_stands_for_no_pool_is_none(tmp_path: Path, chat: str) -> None:
    rows = "".join(row(as_json([danmu(text=f"第{hour}条", row_id="")]), f"20191222{hour}") for hour in (10, 11))
    comments, rejected, _ = parsed(written(tmp_path, rows.replace("\t550001\t", f"\t{chat}\t")))
    assert (len(comments), rejected.is_empty()) == (2, True)
    assert comments["chat_id"].to_list() == [None, None] and set(comments["video_id"]) == {"780001"}


@pytest.mark.parametrize(
    ("spelled", "fields"),
    [
        ("12.5", "12.5|||||||"),
        ("12.5,1,255", "12.5|1||255||||"),
        ("12.5,1,255,1a2b", "12.5|1||255|||[dandanplay]1a2b|"),
        ("12.5,1,25,255,[iqiyi]", "12.5|1|25|255|||[iqiyi]|"),
        ("12.5,1,25,255,1577836800", "12.5|1|25|255|1577836800|||"),
        ("12.5,1,25,255,1577836800,1a2b", "12.5|1|25|255|1577836800||1a2b|"),
        ("12.5,1,25,255,1577836800,0", "12.5|1|25|255|1577836800|0||"),
        ("12.5,1,25,255,1577836800,1a2b,26732601000067074", "12.5|1|25|255|1577836800||1a2b|26732601000067074"),
        ("12.5,1,25,255,1577836800,0,1a2b", "12.5|1|25|255|1577836800|0|1a2b|"),
        ("12.5,1,25,255,1577836800,0,1a2b,7,9,x,y", "12.5|1|25|255|1577836800|0|1a2b|7|9"),
        ("26732601000067074,0,12500,1,25,255,1577836800,0,1a2b", "12.500|1|25|255|1577836800|0|1a2b|26732601000067074"),
        ("26732601000067074,0,-1,1,25,255,1577836800,0,1a2b,3", "-0.001|1|25|255|1577836800|0|1a2b|26732601000067074"),
    ],
)
def test_attributes_of_any_number_are_put_in_order(spelled: str, fields: str) -> None:
    assert in_order(spelled.split(",")) == fields.split("|")


@pytest.mark.parametrize("spelled", ["", "text", "x,y,z"])
def test_what_has_no_onset_has_not_the_shape_of_a_comment(spelled: str) -> None:
    assert in_order(spelled.split(",")) == spelled.split(",")
