from pathlib import Path
from typing import Any

import pytest

from pipeline.danmu.readers.fields import BadField, onset, row_number, whole
from tests.danmu.samples import as_json, danmu, read, row


def one(folder: Path, **changes: str) -> dict[str, Any]:
    comments, rejected = read(folder, row(as_json([danmu(**changes)])))
    assert rejected == []
    return comments[0]


@pytest.mark.parametrize(
    ("spelled", "seconds"),
    [
        ("", 0.0),
        (" ", 0.0),
        ("9.9999997473788E-6", 0.0),
        ("73.37900", 73.379),
        ("12.345678901234", 12.346),
        ("99999", 99999.0),
        ("100001", 100.001),  # beyond a hundred thousand: milliseconds
        ("0.0005", 0.001),  # half up, as it is written; as a binary fraction it is a little more
        ("0.0625", 0.063),
    ],
)
def test_an_onset_is_seconds_to_the_millisecond(spelled: str, seconds: float) -> None:
    assert onset(spelled) == seconds


@pytest.mark.parametrize("spelled", ["1577000000", "1577000000000", "1577000000.0"])
def test_a_time_is_seconds_or_milliseconds_by_its_size(tmp_path: Path, spelled: str) -> None:
    assert one(tmp_path, time=spelled)["sent_at"].isoformat() == "2019-12-22T07:33:20+00:00"


@pytest.mark.parametrize(
    "spelled", ["", "0", "00", "5.43E+16", "5.43e16", "2.614e+16", "26140000000000001.0", "26140000000000001."]
)
def test_a_row_id_that_is_missing_or_went_through_a_float_is_no_key(tmp_path: Path, spelled: str) -> None:
    comment = one(tmp_path, row_id=spelled)
    assert comment["row_id"] is None
    assert comment["comment_id"].startswith("dx")


def test_row_ids_are_whole_to_the_last_of_sixty_three_bits() -> None:
    assert row_number("9223372036854775807") == 2**63 - 1
    with pytest.raises(BadField, match="row id '9223372036854775808'"):
        row_number("9223372036854775808")


def test_without_a_row_id_the_content_is_the_key_and_the_pool_where_the_sender_is_unknown(tmp_path: Path) -> None:
    same = [danmu(row_id="0"), danmu(row_id="", onset="12.500"), danmu(row_id="00", time="1577000000000")]
    other = [danmu(row_id="0", text="另一条"), danmu(row_id="0", onset="13"), danmu(row_id="0", sender="0")]
    listed = as_json(same + other)
    comments, _ = read(tmp_path, row(listed) + row(listed).replace("550001", "550002"))
    # the three alike are one comment, also in another pool; without a sender, those of another pool are others
    assert len(comments) == 1 + 2 + 2


@pytest.mark.parametrize("sender", ["00159abc", "5136", "3e396595", "2.89E+60", "D4f0", "DEADBEEF", "0", ""])
def test_a_sender_is_text_to_the_letter(tmp_path: Path, sender: str) -> None:
    assert one(tmp_path, sender=sender)["sender"] == sender


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u2060", "\u3000", "看\u200b见", "\u202e倒着\u202c", "🎉𠮷👨‍👩‍👧", "，", "&#39;", "/n", "0", "None"],
    ids=ascii,
)
def test_a_text_is_kept_as_it_is(tmp_path: Path, text: str) -> None:
    assert one(tmp_path, text=text)["text"] == text


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("onset", "-1", "onset '-1' is negative or no number of seconds"),
        ("onset", "1e15", "onset '1e15' is negative or no number of seconds"),
        ("onset", "nan", "onset 'nan' is no number"),
        ("onset", "1_0", "onset '1_0' is no number"),
        ("onset", "１２", "onset '１２' is no number"),
        ("onset", "开头", "onset '开头' is no number"),
        ("mode", "1.5", "mode '1.5' is no whole number from 0 to 99"),
        ("color", "4294967296", "colour '4294967296' is no whole number from 0 to 4294967295"),
        ("color", "-1", "colour '-1' is no whole number from 0 to 4294967295"),
        ("color", "9" * 5000, f"colour '{'9' * 20}' is no whole number from 0 to 4294967295"),
        ("time", "昨天", "time '昨天' is no number"),
        ("time", "999999999999999", "time '999999999999999' is after the year 9999"),
        ("row_id", "x7", "row id 'x7' is no whole number from 0 to 9223372036854775807"),
    ],
)
def test_a_bad_field_costs_its_comment_and_says_which(tmp_path: Path, field: str, value: str, reason: str) -> None:
    listed = as_json([danmu(row_id="1000001"), danmu(**{field: value}), danmu(row_id="3000001")])
    comments, rejected = read(tmp_path, row(listed))
    assert [comment["row_id"] for comment in comments] == [1000001, 3000001]
    assert [record["reason"] for record in rejected] == [reason]


def test_a_blank_number_counts_as_zero() -> None:
    assert whole("", "mode", 99) == 0
