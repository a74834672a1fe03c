"""Danmu as they really come: the twelve things that are seen in real files, and what becomes of each.

Every record here is invented. A record is the nine fields of samples.danmu, ten where it has a weight.
"""

import csv
import gzip
import json
import lzma
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.danmu.corpus import shards
from pipeline.danmu.corpus.identity import SENDER_KEY, sender_key
from pipeline.danmu.corpus.output import COMMENTS_NAME, REJECTED_NAME
from pipeline.danmu.corpus.parsing import parse_corpus
from pipeline.danmu.readers.segment_pb2 import DanmakuElem, DmSegMobileReply
from pipeline.errors import UserError
from tests.danmu.samples import PLAIN, as_fragments, as_joined, as_json, as_python, danmu, parsed, quoted, row
from tests.danmu.test_round_trip import PACKERS
from tests.danmu.writers import SEGMENT_NAME

Records = list[list[str]]

COLUMNS = ["onset_s", "mode", "font_size", "color", "sent_at", "pool", "sender", "row_id"]


def xml(records: Records, head: str = '<?xml version="1.0" encoding="UTF-8"?><i><chatid>550001</chatid>') -> str:
    return head + "\n".join(as_fragments([one]) for one in records) + "</i>"


def table(records: Records, delimiter: str = ",") -> str:
    file = StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow([*COLUMNS, *["weight"] * (len(records[0]) > 9), "text"])
    writer.writerows(records)
    return file.getvalue()


def attribute_table(records: Records) -> str:
    """A CSV with the XML's attributes joined in one column."""
    file = StringIO()
    csv.writer(file).writerows([["p", "m"], *([",".join(one[:-1]), one[-1]] for one in records)])
    return file.getvalue()


def json_lines(records: Records) -> str:
    rows = ({"p": ",".join(one[:-1]), "m": one[-1]} for one in records)
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)


FORMS: dict[str, Callable[[Records], str]] = {
    "XML": xml,
    "day file, tuples": lambda records: row(as_python(records)),
    "day file, JSON": lambda records: row(as_json(records)),
    "day file, fragments": lambda records: row(as_fragments(records)),
    "day file, joined": lambda records: row(as_joined(records, "|")),
    "CSV": table,
    "TSV": lambda records: table(records, "\t"),
    "CSV of attributes": attribute_table,
    "JSON lines": json_lines,
}
every_form = pytest.mark.parametrize("form", FORMS)

Result = tuple[list[dict[str, Any]], list[str]]


def read(folder: Path, content: str | bytes, name: str = "file") -> Result:
    """Comments in the order of their ids, and the reasons of what was rejected."""
    return read_files(folder, {name: content})


def read_files(folder: Path, files: dict[str, str | bytes]) -> Result:
    for name, content in files.items():
        path = folder / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    comments, rejected, _ = parsed(folder / "raw")
    return comments.to_dicts(), rejected["reason"].to_list()


def values(comments: list[dict[str, Any]], *names: str) -> list[Any]:
    """Some fields of each comment."""
    return [comment[names[0]] if len(names) == 1 else tuple(comment[name] for name in names) for comment in comments]


# 1. The attribute list has 8 fields until 2021 and 9 (weight) later; p="" occurs, and a missing <chatid>.


@every_form
def test_01_eight_attributes_have_no_weight_and_nine_have_one(tmp_path: Path, form: str) -> None:
    old, new = danmu(row_id="11000001"), [*danmu(row_id="12000001")[:-1], "9", "有权重"]
    comments, rejected = read(tmp_path, FORMS[form]([old]))
    assert (values(comments, "weight", "text"), rejected) == ([(None, PLAIN[-1])], [])
    if form != "day file, joined":  # one comment alone cannot tell a weight from a text such as "9,…"
        comments, rejected = read(tmp_path, FORMS[form]([new]))
        assert (values(comments, "weight", "text"), rejected) == ([(9, "有权重")], [])


@pytest.mark.parametrize("form", ["XML", "day file, fragments", "CSV of attributes", "JSON lines"])
def test_01_attributes_that_are_empty_cost_their_comment(tmp_path: Path, form: str) -> None:
    comments, rejected = read(tmp_path, FORMS[form]([["", "没有属性"], danmu()]))
    assert values(comments, "text") == [PLAIN[-1]]
    of_elements = "<d" in FORMS[form]([danmu()])
    assert rejected == ["2 fields where 9 or 10 belong" if of_elements else "the attributes '' are none of a comment"]


def test_01_without_a_chatid_the_pool_is_not_known(tmp_path: Path) -> None:
    assert values(read(tmp_path, xml([danmu()], "<i>"))[0], "chat_id", "text") == [(None, PLAIN[-1])]
    assert values(read(tmp_path, xml([danmu()], "<i><chatid></chatid>"))[0], "chat_id") == [None]
    assert values(read(tmp_path, xml([danmu()]))[0], "chat_id") == ["550001"]


# 2. Row ids have 8 to 10 digits before 2018, 16 in 2018, 17 in 2019 and 2020, 19 from 2023; floats corrupt them.

ERAS = {
    "2011": ("1308000000", "30723621"),
    "2012": ("1340000000", "116408000"),
    "August 2015": ("1439000000", "1132361397"),
    "2017": ("1500000000", "3570000001"),
    "2018": ("1535000000", "4241280000000001"),  # 2**29 · 7,900,000 s since the epoch
    "2019": ("1577000000", "26790000000000001"),  # 2**29 · 49,900,000 s
    "2024": ("1712300000", "1553596416000000001"),  # 2**23 · 185,200,000,000 ms
}


@every_form
@pytest.mark.parametrize("era", ERAS)
def test_02_row_ids_of_every_era_keep_their_digits(tmp_path: Path, form: str, era: str) -> None:
    sent, row_id = ERAS[era]
    (comment,), _ = read(tmp_path, FORMS[form]([danmu(time=sent, row_id=row_id)]))
    assert (comment["row_id"], comment["comment_id"], comment["row_id_damaged"]) == (
        int(row_id),
        f"dm{row_id}",
        False,
    )


FLOATS = ["5.43E+16", "5.43e16", "26140000000000001.0", "2.6140000000000001E+016"]


@every_form
@pytest.mark.parametrize("spelled", FLOATS)
def test_02_a_row_id_that_a_float_spells_is_no_key(tmp_path: Path, form: str, spelled: str) -> None:
    records = [danmu(row_id=spelled), danmu(row_id=spelled, text="另一条"), danmu(row_id=spelled)]
    comments, rejected = read(tmp_path, FORMS[form](records))
    assert values(comments, "row_id", "row_id_damaged") == [(None, True)] * 2  # the first and the last are the same
    assert {comments[0]["text"], comments[1]["text"]} == {PLAIN[-1], "另一条"}
    assert all(comment["comment_id"].startswith("dx") for comment in comments) and rejected == []


#: twelve ids, ten of them ending in 00, as 17 digits do that went through a float
ROUNDED = [danmu(row_id=str(26140000000000000 + 1600 * n + 4 * (n > 9)), onset=str(n)) for n in range(12)]


@every_form
def test_02_a_file_whose_long_ids_end_in_zeros_lost_their_digits(tmp_path: Path, form: str) -> None:
    comments, rejected = read(tmp_path, FORMS[form](ROUNDED))
    assert values(comments, "row_id", "row_id_damaged") == [(None, True)] * 12
    assert all(comment["comment_id"].startswith("dx") for comment in comments) and rejected == []


@every_form
def test_02_in_such_a_file_ids_that_a_float_can_hold_are_sound(tmp_path: Path, form: str) -> None:
    comments, _ = read(tmp_path, FORMS[form]([*ROUNDED, danmu(row_id="30723621")]))
    assert values(comments, "row_id", "row_id_damaged")[0] == (30723621, False)


@every_form
def test_02_a_few_zeros_are_chance(tmp_path: Path, form: str) -> None:
    sound = [danmu(row_id=str(26140000000000000 + 160007 * n), onset=str(n)) for n in range(12)]
    comments, _ = read(tmp_path, FORMS[form]([*ROUNDED[:4], *sound[1:]]))
    assert {comment["row_id_damaged"] for comment in comments} == {False}


def test_02_in_another_encoding_too(tmp_path: Path) -> None:
    comments, _ = read(tmp_path, xml(ROUNDED).encode("utf-16"))
    assert values(comments, "row_id_damaged", "chat_id") == [(True, "550001")] * 12


# 3. The sender is text.


@every_form
@pytest.mark.parametrize(
    "sender",
    ["3e396595", "159", "0159", "12345678", "00000001", "2.89E+60", "3e5", "D1a2b3c4", "DEADBEEF", "0", "none"],
)
def test_03_senders_are_kept_letter_by_letter(tmp_path: Path, form: str, sender: str) -> None:
    (comment,), _ = read(tmp_path, FORMS[form]([danmu(sender=sender)]))
    assert comment["sender"] == sender


def test_03_a_sender_without_its_leading_zeros_is_the_same(tmp_path: Path) -> None:
    """A collection that read senders as numbers lost them."""
    records = [
        danmu(sender="00123456", row_id="0"),
        danmu(sender="123456", row_id="0"),
        danmu(sender="12345", row_id="0"),
    ]
    comments, _ = read(tmp_path, xml(records))
    assert sorted(values(comments, "sender")) == ["00123456", "12345"]


# 4. In a concatenated list the joins row id|text and text|next onset are ambiguous.


def glued(records: Records) -> str:
    """Joined attributes without a comma behind the row id."""
    return "".join(",".join(one[:-1]) + one[-1] for one in records)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("text", ["233真好", "666的", "2020年见", "10.5分啊"])
def test_04_the_eras_length_parts_a_row_id_from_a_text_that_begins_with_digits(
    tmp_path: Path, era: str, text: str
) -> None:
    sent, row_id = ERAS[era]
    records = [danmu(time=sent, row_id=row_id, text=text), danmu(time=sent, row_id=row_id[:-1] + "4", text="普通的")]
    comments, rejected = read(tmp_path, row(glued(records)))
    assert set(values(comments, "row_id", "text")) == {(int(row_id), text), (int(row_id[:-1] + "4"), "普通的")}
    assert rejected == []


def test_04_where_nothing_parts_them_digits_at_a_texts_end_go_to_the_next_onset(tmp_path: Path) -> None:
    records = [
        danmu(row_id="11000001", text="第2"),
        danmu(row_id="12000001", onset="7.5"),
        danmu(row_id="13000001", text="3"),
    ]
    comments, _ = read(tmp_path, row(as_joined(records)))
    assert values(comments, "row_id", "onset_s", "text") == [
        (11000001, 12.5, "第"),
        (12000001, 27.5, PLAIN[-1]),
        (13000001, 12.5, "3"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "|", " "])
def test_04_with_a_separator_digits_stay_where_they_are(tmp_path: Path, separator: str) -> None:
    records = [
        danmu(row_id="11000001", text="第2"),
        danmu(row_id="12000001", onset="7.5", text="3.3"),
        danmu(row_id="13000001", text="4"),
    ]
    comments, _ = read(tmp_path, row(as_joined(records, separator)))
    assert values(comments, "onset_s", "text") == [(12.5, "第2"), (7.5, "3.3"), (12.5, "4")]


# 5. maxlimit is not a cap.


@pytest.mark.parametrize("limit", ["2", "0", "", "500"])
def test_05_more_comments_than_maxlimit_are_all_read(tmp_path: Path, limit: str) -> None:
    listed = as_json([danmu(row_id=str(number)) for number in (11000001, 12000001, 13000001)])
    comments, rejected = read(tmp_path, row(listed).replace("\t500\t", f"\t{limit}\t"))
    assert (values(comments, "row_id"), rejected) == ([11000001, 12000001, 13000001], [])


# 6. Onset: 9.9999997473788E-6, none to twelve decimals, blank for zero.


@every_form
@pytest.mark.parametrize(
    ("spelled", "seconds"),
    [
        ("9.9999997473788E-6", 0.0),
        ("12", 12.0),
        ("12.3", 12.3),
        ("73.37900", 73.379),
        ("1052.123456789012", 1052.123),
        ("0.0005", 0.001),  # half up
        ("", 0.0),
        ("0", 0.0),
        ("86399.999", 86399.999),
    ],
)
def test_06_an_onset_is_seconds_however_it_is_spelled(tmp_path: Path, form: str, spelled: str, seconds: float) -> None:
    (comment,), rejected = read(tmp_path, FORMS[form]([danmu(onset=spelled)]))
    assert (comment["onset_s"], rejected) == (seconds, [])


# 7. Times are milliseconds in live recordings; colours reach 4294967295; sender and row id may both be 0.


@every_form
def test_07_times_in_milliseconds_and_large_colours(tmp_path: Path, form: str) -> None:
    (comment,), rejected = read(tmp_path, FORMS[form]([danmu(time="1577000000123", color="4294967295")]))
    assert comment["sent_at"] == datetime(2019, 12, 22, 7, 33, 20, 123000, tzinfo=UTC)
    assert (comment["color"], rejected) == (4294967295, [])


@every_form
def test_07_without_sender_and_row_id_content_and_pool_are_the_key(tmp_path: Path, form: str) -> None:
    nobody = danmu(sender="0", row_id="0")
    (comment,), rejected = read(tmp_path, FORMS[form]([nobody, nobody]))
    assert (comment["sender"], comment["row_id"], comment["row_id_damaged"], rejected) == ("0", None, False, [])
    assert comment["comment_id"].startswith("dx")


def test_07_nobody_in_two_pools_is_two_comments(tmp_path: Path) -> None:
    listed = as_json([danmu(sender="0", row_id="0")])
    other = row(listed).replace("550001", "550002")
    comments, _ = read(tmp_path, row(listed) + other + row(listed, "2019122223"))
    assert sorted(values(comments, "chat_id", "snapshots")) == [("550001", 2), ("550002", 1)]


# 8. Mode 7 is a JSON array, sometimes broken; JSON stands under mode 1 too, and so do texts in brackets.

FIVE = '[0.1,0.2,"1-1",4.5,"字/n幕"]'
SEVEN = '[120,"80","0.5-1","4.5","慢慢来",0,0]'
ELEVEN = '["0.2",0.3,"1-0","3","左边",0,0,"0.4","0.5",800,0]'
THIRTEEN = ELEVEN[:-1] + ',1,"黑体"]'
FOURTEEN = THIRTEEN[:-1] + ",1]"
FIFTEEN = FOURTEEN[:-1] + ',"M1,1L2,2"]'
TAB, QUOTE = '[0.1,"1-1",\t4.5,"跳格"]', '[0.1,"1-1",4.5,"缺引号,0]'


@every_form
@pytest.mark.parametrize("mode", ["7", "1"])
@pytest.mark.parametrize(
    "text", [FIVE, SEVEN, ELEVEN, THIRTEEN, FOURTEEN, FIFTEEN, TAB, QUOTE, "[前方高能]", "[]", "[0"], ids=range(11)
)
def test_08_an_array_is_a_text_whole_or_broken(tmp_path: Path, form: str, mode: str, text: str) -> None:
    comments, rejected = read(
        tmp_path, FORMS[form]([danmu(mode=mode, row_id="11000001", text=text), danmu(row_id="12000001")])
    )
    assert values(comments, "mode", "text") == [(int(mode), text), (1, PLAIN[-1])]
    assert rejected == []


# 9. Modes 8 and 9 are code with newlines and quotes, up to 2.1 million characters; /n is literal in mode 7.

CODE = 'var a = "x";\nfunction f(b) {\n\n\tif (a < b && b > 0) {\n\t\ttrace(\'<d>\' + "]");\n\t}\n}\nf(1, 2);'
LONG = 'g.lineStyle(2, 0xFFFFFF); trace("好");\n' * 55_000  # 2.1 million characters


@pytest.mark.parametrize("form", [form for form in FORMS if form != "day file, joined"])
@pytest.mark.parametrize("mode", ["8", "9"])
def test_09_code_keeps_its_lines_and_quotes(tmp_path: Path, form: str, mode: str) -> None:
    records = [danmu(row_id="11000001"), danmu(row_id="12000001", mode=mode, text=CODE), danmu(row_id="13000001")]
    comments, rejected = read(tmp_path, FORMS[form](records))
    assert (values(comments, "text"), rejected) == ([PLAIN[-1], CODE, PLAIN[-1]], [])


@pytest.mark.parametrize("mode", ["7", "8", "9"])
def test_09_raw_line_breaks_of_code_in_joined_lists(tmp_path: Path, mode: str) -> None:
    records = [danmu(row_id="11000001"), danmu(row_id="12000001", mode=mode, text=CODE), danmu(row_id="13000001")]
    comments, rejected = read(tmp_path, row(as_joined(records, "|")) + row(as_json([danmu(row_id="14000001")])))
    assert (values(comments, "text"), rejected) == ([PLAIN[-1], CODE, PLAIN[-1], PLAIN[-1]], [])


@pytest.mark.parametrize("spell", [as_json, as_python])
def test_09_raw_line_breaks_of_code_in_a_list(tmp_path: Path, spell: Callable[[Records], str]) -> None:
    listed = spell(
        [danmu(row_id="11000001"), danmu(row_id="12000001", mode="8", text="a();\nb();"), danmu(row_id="13000001")]
    )
    comments, rejected = read(tmp_path, row(listed.replace("\\n", "\n")) + row(as_json([danmu(row_id="14000001")])))
    assert (values(comments, "text"), rejected) == ([PLAIN[-1], "a();\nb();", PLAIN[-1], PLAIN[-1]], [])


@every_form
def test_09_two_million_characters_are_a_text(tmp_path: Path, form: str) -> None:
    text = LONG.replace("\n", " ") if form == "day file, joined" else LONG
    comments, rejected = read(
        tmp_path, FORMS[form]([danmu(row_id="11000001", mode="8", text=text), danmu(row_id="12000001")])
    )
    assert [len(text) for text in values(comments, "text")] == [len(LONG), 5]
    assert (comments[0]["text"] == text, rejected) == (True, [])


def test_09_also_in_a_segment(tmp_path: Path) -> None:
    elements = [DanmakuElem(id=11, mode=8, ctime=1_577_000_000, content=LONG.encode(), midHash=b"3e396595")]
    comments, _ = read(tmp_path, DmSegMobileReply(elems=elements).SerializeToString(), SEGMENT_NAME)
    assert values(comments, "text") == [LONG]


@every_form
def test_09_a_slash_and_an_n_are_no_line_break(tmp_path: Path, form: str) -> None:
    (comment,), _ = read(tmp_path, FORMS[form]([danmu(mode="7", text="上/n下")]))
    assert comment["text"] == "上/n下"


# 10. Pool 1 holds blocks of subtitles; pool 3 appears from 2023.


@every_form
def test_10_pools(tmp_path: Path, form: str) -> None:
    comments, rejected = read(
        tmp_path, FORMS[form]([danmu(row_id=str(1_100_000 + pool), pool=str(pool)) for pool in range(4)])
    )
    assert (values(comments, "pool"), rejected) == ([0, 1, 2, 3], [])


# 11. Blank texts, marks that are not seen, emoji, and what means something to a form.


@every_form
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t",
        "\u2060",
        "\u3000",
        "a\u200bb",
        "\u200e左\u200f右\u202e",
        "🎉👩‍👩‍👧",
        "𠮷野家",
        "一,二，三",
        'a"b""c"',
        "'",
    ],
)
def test_11_odd_texts_are_texts(tmp_path: Path, form: str, text: str) -> None:
    comments, rejected = read(tmp_path, FORMS[form]([danmu(row_id="11000001", text=text), danmu(row_id="12000001")]))
    assert (values(comments, "text"), rejected) == ([text, PLAIN[-1]], [])


@every_form
@pytest.mark.parametrize("text", ["a < b", "<3", "Tom & Jerry", "&#39;", "&amp;lt;", "<d>", "</d>", "]]>", "<!--"])
def test_11_a_text_of_marks_that_was_escaped_comes_back(tmp_path: Path, form: str, text: str) -> None:
    comments, rejected = read(tmp_path, FORMS[form]([danmu(row_id="11000001", text=text), danmu(row_id="12000001")]))
    assert (values(comments, "text"), rejected) == ([text, PLAIN[-1]], [])


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a < b", "a < b"),
        ("<3", "<3"),
        ("Tom & Jerry", "Tom & Jerry"),
        ("&#39;", "'"),
        ("&nbsp", "\xa0"),
        ("a&b;", "a&b;"),
        ("<![CDATA[a & b]]>", "a & b"),
        ("&#x1F389;", "🎉"),
    ],
)
def test_11_raw_marks_in_xml_are_kept_and_entities_resolved(tmp_path: Path, raw: str, text: str) -> None:
    element = as_fragments([danmu(text="TEXT")]).replace("TEXT", raw)
    for content in (f"<i>{element}</i>", row(element)):
        comments, rejected = read(tmp_path, content)
        assert (values(comments, "text"), rejected) == ([text], [])


# 12. Damage.


@every_form
def test_12_a_byte_order_mark_is_no_part_of_anything(tmp_path: Path, form: str) -> None:
    plain, _ = read(tmp_path, FORMS[form]([danmu()]))
    assert read(tmp_path, "\ufeff" + FORMS[form]([danmu()])) == (plain, [])


THREE = [danmu(row_id="11000001"), danmu(row_id="12000001", text="第二条"), danmu(row_id="13000001", text="第三条")]


@pytest.mark.parametrize("wrap", [xml, lambda records: row(as_fragments(records))], ids=["XML", "day file"])
@pytest.mark.parametrize(
    ("mark", "damage", "reason"),
    [
        ("第二条</d>", "第二条", "unclosed <d> element"),
        ('12000001">', '12000001"', "no > behind the attributes of <d>"),
        ('12000001">', "12000001", "no > behind the attributes of <d>"),
    ],
)
def test_12_a_damaged_element_costs_itself(
    tmp_path: Path, wrap: Callable[[Records], str], mark: str, damage: str, reason: str
) -> None:
    comments, rejected = read(tmp_path, wrap(THREE).replace(mark, damage))
    assert (values(comments, "row_id"), rejected) == ([11000001, 13000001], [reason])


MANY = [danmu(row_id=str(1_000_001 + number), text=f"第{number}条弹幕") for number in range(200)]


@every_form
def test_12_a_file_that_is_cut_gives_what_stands_before_the_cut(tmp_path: Path, form: str) -> None:
    content = FORMS[form](MANY)
    cut = content.index("第150条弹幕") + 2
    comments, rejected = read(tmp_path, content[:cut])
    assert values(comments, "row_id")[:150] == list(range(1_000_001, 1_000_151))
    if len(comments) == 150:
        assert len(rejected) == 1
    else:  # the cut text is a text
        assert (values(comments, "text")[150:], rejected) == (["第1"], [])


@pytest.mark.parametrize("spell", [as_json, as_python, as_fragments, lambda records: as_joined(records, "|")])
def test_12_so_does_a_row_in_quotes_that_never_close(tmp_path: Path, spell: Callable[[Records], str]) -> None:
    content = quoted(spell(MANY))
    comments, rejected = read(tmp_path, content[: content.index("第150条弹幕")])
    assert values(comments, "row_id")[:150] == list(range(1_000_001, 1_000_151))
    assert len(comments) + len(rejected) == 151


@pytest.mark.parametrize("packer", PACKERS)
@every_form
def test_12_so_does_a_packed_one_and_the_fault_is_on_record(tmp_path: Path, form: str, packer: str) -> None:
    """A decompressor gives back blocks of at most 128 KiB: what is whole of them before the cut must be read."""
    hashes = [f"{number * 2654435761 % 2**64:016x}" for number in range(40_000)]  # hardly compressible
    records = [danmu(row_id=str(1_001_000 + number), text=text) for number, text in enumerate(hashes)]
    packed = PACKERS[packer](FORMS[form](records).encode())
    comments, rejected = read(tmp_path, packed[: len(packed) // 2])
    assert len(comments) > 17_000
    assert [reason for reason in rejected if reason.startswith(f"{packer} is damaged or cut short")] == rejected[-1:]
    assert len(rejected) <= 2  # the fault, and the comment that is cut


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("size", [0, 7, 20])
def test_12_a_packed_file_of_which_nothing_is_left_is_on_record(tmp_path: Path, packer: str, size: int) -> None:
    packed = PACKERS[packer](xml(THREE).encode())
    rows, rejected = read_files(tmp_path, {"a": xml(THREE), "b": packed[:size]})
    assert len(rows) == 3
    assert len(rejected) == (size > 0)


def test_12_damage_amid_a_packed_file_costs_what_follows(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(json_lines(MANY).encode(), 0))  # stored, not compressed
    packed[-4:] = b"\0\0\0\0"
    comments, rejected = read(tmp_path, bytes(packed))
    assert (len(comments), len(rejected)) == (200, 1)
    packed = bytearray(lzma.compress(json_lines(MANY).encode()))
    packed[len(packed) // 2] ^= 0xFF
    others, rejected = found_beside(tmp_path, bytes(packed))
    assert others >= 3 and rejected


def found_beside(folder: Path, content: bytes) -> tuple[int, list[str]]:
    """How many comments a folder gives that holds this file beside a sound one."""
    comments, rejected = read_files(folder, {"file": content, "sound": xml(THREE)})
    return len(comments), rejected


@pytest.mark.parametrize("packer", PACKERS)
def test_12_a_packed_parquet_file_that_is_cut_is_rejected(tmp_path: Path, packer: str) -> None:
    file = tmp_path / "table.parquet"
    pl.DataFrame({"row_id": [11, 12] * 5000, "text": ["好", "行"] * 5000}).write_parquet(
        file, compression="uncompressed"
    )
    packed = PACKERS[packer](file.read_bytes())
    others, rejected = found_beside(tmp_path, packed[: len(packed) // 2])
    assert others == 3 and rejected


@pytest.mark.parametrize("head", ["<i><chatid>550001</chatid>", "", "\n\n<i>", "<i>", "<!-- saved --><i>"])
def test_12_a_document_needs_no_declaration(tmp_path: Path, head: str) -> None:
    comments, rejected = read(tmp_path, xml(THREE, head))
    assert (values(comments, "row_id"), rejected) == ([11000001, 12000001, 13000001], [])


ERROR = '{"code":-412,"message":"请求被拦截","ttl":1}'
ON_RECORD = "error page saved as data (code -412, 请求被拦截)"
PAGE = "<!DOCTYPE html>\n<html><head><title>404</title></head>\n<body>找不到</body></html>\n"


@pytest.mark.parametrize("name", ["1_danmu_day", "a.xml", "a.csv", "a.json", "a.pb", "a"])
@pytest.mark.parametrize(("page", "reason"), [(ERROR, ON_RECORD), (PAGE, "a web page saved as data")])
def test_12_a_page_saved_as_data_is_one_rejected_record(tmp_path: Path, name: str, page: str, reason: str) -> None:
    comments, rejected = read_files(tmp_path, {name: page, "sound": xml(THREE)})
    assert (len(comments), rejected) == (3, [reason])


@pytest.mark.parametrize("page", [ERROR + "\n", PAGE])
def test_12_a_page_amid_a_day_file_costs_its_own_lines(tmp_path: Path, page: str) -> None:
    comments, rejected = read(tmp_path, row(as_json(THREE[:1])) + page + row(as_joined(THREE[1:], "|")))
    assert values(comments, "row_id", "text") == [
        (11000001, PLAIN[-1]),
        (12000001, "第二条"),
        (13000001, "第三条"),
    ]
    assert set(rejected) == {ON_RECORD} if page.startswith("{") else len(rejected) == page.count("\n")


def test_12_a_page_as_the_list_of_a_row_costs_that_row(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, row(as_json(THREE)) + row(ERROR, "2019122223"))
    assert (values(comments, "row_id"), rejected) == ([11000001, 12000001, 13000001], [ON_RECORD])


@pytest.mark.parametrize("page", [ERROR + "\n", PAGE])
def test_12_a_page_amid_json_lines_and_tables_costs_its_own_lines(tmp_path: Path, page: str) -> None:
    for content in (json_lines(THREE), table(THREE)):
        head, *lines = content.splitlines(keepends=True)
        comments, rejected = read(tmp_path, "".join([head, *lines[:1], page, *lines[1:]]))
        assert values(comments, "row_id") == [11000001, 12000001, 13000001]
        assert len(rejected) == page.count("\n")


@pytest.mark.parametrize("commas", [1, 3, 25])
def test_12_unquoted_commas_in_a_table_are_the_texts(tmp_path: Path, commas: int) -> None:
    """Nine columns or, with their commas, up to 34; and four or up to 29."""
    text = ",".join(["好"] * (commas + 1))
    wide = table([danmu(row_id="11000001", text="TEXT"), danmu(row_id="12000001")]).replace("TEXT", text)
    narrow = f"row_id,mode,onset_s,text\n11000001,1,12.5,{text}\n12000001,1,12.5,{PLAIN[-1]}\n"
    for content in (wide, narrow):
        comments, rejected = read(tmp_path, content)
        assert (values(comments, "row_id", "text"), rejected) == ([(11000001, text), (12000001, PLAIN[-1])], [])


CONTROLS = "响\x07声\x0b\x1b[0m\x1c\x1d\x7f\x85尾"


@every_form
def test_12_control_characters_cost_nothing(tmp_path: Path, form: str) -> None:
    comments, rejected = read(
        tmp_path, FORMS[form]([danmu(row_id="11000001", text=CONTROLS), danmu(row_id="12000001")])
    )
    assert (values(comments, "text"), rejected) == ([CONTROLS, PLAIN[-1]], [])


@every_form
def test_12_nul_is_dropped(tmp_path: Path, form: str) -> None:
    content = FORMS[form]([danmu(row_id="11000001", text="零MARK一"), danmu(row_id="12000001")]).replace("MARK", "\0")
    comments, rejected = read(tmp_path, content)
    assert (values(comments, "text"), rejected) == (["零一", PLAIN[-1]], [])


@every_form
def test_12_bytes_that_are_no_utf8_cost_a_character(tmp_path: Path, form: str) -> None:
    content = FORMS[form]([danmu(row_id="11000001", text="坏MARK的" + "好" * 30), danmu(row_id="12000001")]).encode()
    comments, rejected = read(tmp_path, content.replace(b"MARK", b"\xe5"))
    assert (values(comments, "text"), rejected) == (["坏\ufffd的" + "好" * 30, PLAIN[-1]], [])


def test_12_replacement_characters_are_no_sign_of_another_encoding(tmp_path: Path) -> None:
    comments, _ = read(tmp_path, row(as_json([danmu(text="\ufffd\ufffd\ufffd\ufffd")])))
    assert values(comments, "text") == ["\ufffd\ufffd\ufffd\ufffd"]


def test_12_a_damaged_character_does_not_spoil_a_file_in_gb18030(tmp_path: Path) -> None:
    content = xml([danmu(row_id=str(number), text="这是一条很普通的弹幕") for number in range(2_000_020, 2_000_030)])
    comments, _ = read(tmp_path, content.encode("gb18030") + b'<d p="1,1,25,1,1577000000,0,a,1100001">\xd5\xff</d>')
    assert values(comments, "text")[1:] == ["这是一条很普通的弹幕"] * 10


# Whole corpora


def reply(records: Records) -> bytes:
    """The segment that holds the same comments."""
    names = ("progress", "mode", "fontsize", "color", "ctime", "pool", "midHash", "idStr", "content")
    kinds = [lambda value: round(float(value) * 1000), int, int, int, int, int, str.encode, str.encode, str.encode]
    elements = [DanmakuElem(**{name: kind(value) for name, kind, value in zip(names, kinds, one)}) for one in records]
    return DmSegMobileReply(elems=elements).SerializeToString()


def acfun(records: Records) -> str:
    return "".join(f"{one[0]},{one[3]},{one[1]},{one[2]},{one[6]},{one[4]},{one[8]}\n" for one in records)


def every_file(records: Records) -> dict[str, str | bytes]:
    """The same comments in one file of each form."""
    files: dict[str, str | bytes] = {f"{number}": write(records) for number, write in enumerate(FORMS.values())}
    return {**files, f"below/{SEGMENT_NAME}": reply(records), "packed": PACKERS["xz"](xml(records).encode())}


def test_recollections_in_every_form_give_one_row_per_comment(tmp_path: Path) -> None:
    comments, rejected = read_files(tmp_path, every_file(THREE))
    assert values(comments, "comment_id", "video_id", "chat_id", "text") == [
        ("dm11000001", "780001", "550001", PLAIN[-1]),
        ("dm12000001", "780001", "550001", "第二条"),
        ("dm13000001", "780001", "550001", "第三条"),
    ]
    assert rejected == []


@pytest.mark.parametrize("row_id", ["0", "", "2.61E+16"], ids=["zero", "blank", "float"])
@every_form
def test_a_recollection_without_row_ids_is_a_duplicate_of_the_one_that_has_them(
    tmp_path: Path, form: str, row_id: str
) -> None:
    bare = [[*one[:7], row_id, one[8]] for one in THREE]
    for name, other in {"XML": xml(THREE), "segment": reply(THREE), "day file": row(as_json(THREE))}.items():
        comments, rejected = read_files(tmp_path / name, {"0": FORMS[form](bare), SEGMENT_NAME: other})
        assert values(comments, "comment_id", "row_id", "row_id_damaged") == [
            ("dm11000001", 11000001, False),
            ("dm12000001", 12000001, False),
            ("dm13000001", 13000001, False),
        ]
        assert rejected == []


def test_what_a_whole_file_lost_in_floats_comes_back_from_a_sound_one(tmp_path: Path) -> None:
    sound = [danmu(row_id=str(26140000000000001 + 1600 * number), onset=str(number)) for number in range(12)]
    comments, _ = read_files(tmp_path, {"a.xml": xml(ROUNDED), "b": row(as_json(sound))})
    assert values(comments, "comment_id") == [f"dm{one[7]}" for one in sound]
    assert {comment["row_id_damaged"] for comment in comments} == {False}


def test_acfuns_rows_and_the_others_stand_side_by_side(tmp_path: Path) -> None:
    other = [danmu(text="别处来的"), danmu(onset="1.5", text="也是")]
    comments, rejected = read_files(tmp_path, {"a": acfun(other), "b.csv": "id,text\nx1,好\n", "c": xml(THREE)})
    assert sorted(values(comments, "text")) == sorted(["别处来的", "也是", "好", PLAIN[-1], "第二条", "第三条"])
    assert rejected == []


def test_hourly_snapshots_in_several_files_are_one_comment(tmp_path: Path) -> None:
    """A pool that turns over: the hours that hold a comment are counted, wherever they stand."""
    hours = [f"20191222{hour}" for hour in range(20, 24)]
    files: dict[str, str | bytes] = {
        "1_danmu_day": row(as_json(THREE[:1]), hours[0]) + row(as_python(THREE[:2]), hours[1]),
        "2_danmu_day": row(as_joined(THREE[1:], "|"), hours[2]) + row(as_fragments(THREE[1:]), hours[3]),
        "again": row(as_json(THREE[:2]), hours[1]),
        SEGMENT_NAME: reply(THREE[2:]),  # of the hour 22
        "pool.xml": xml(THREE),  # of no known hour
    }
    comments, _ = read_files(tmp_path, files)
    seen = [(one["row_id"], one["first_seen"].hour, one["last_seen"].hour, one["snapshots"]) for one in comments]
    # in UTC: 20:00 in Beijing is 12:00
    assert seen == [(11000001, 12, 13, 2), (12000001, 13, 15, 3), (13000001, 14, 15, 2)]


@pytest.mark.parametrize("size", [1, 300, 1000])
def test_where_files_are_cut_makes_no_difference(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(as_json(MANY[begin : begin + 9]), f"20191222{10 + begin % 13}") for begin in range(0, 200, 4)]
    broken = row("[[1,2", "2019122209") + "垃圾\n\n" + row(as_joined([danmu(mode="8", text=CODE)]), "2019122208")
    files: dict[str, str | bytes] = {"1": "".join(rows), "2": broken + "".join(rows[:5]), "3.xml": xml(MANY)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    whole = parsed(tmp_path)[:2]
    monkeypatch.setattr(shards, "SHARD", size)
    monkeypatch.setattr(shards, "TOGETHER", size)
    monkeypatch.setattr(shards, "MOST", 5)
    cut = parsed(tmp_path)[:2]
    assert cut[0].equals(whole[0]) and cut[1].equals(whole[1])


# Senders


def hashed(folder: Path, files: dict[str, str], key: bytes | None) -> tuple[pl.DataFrame, bytes]:
    """Comments, and all bytes of the output, unpacked."""
    raw, out = folder / "raw", folder / "out"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_text(content, encoding="utf-8")
    parse_corpus([raw], out, key)
    assert sorted(path.name for path in out.iterdir()) == [COMMENTS_NAME, REJECTED_NAME]
    frames = [pl.read_parquet(path) for path in sorted(out.iterdir())]
    packed = b"".join(path.read_bytes() for path in sorted(out.iterdir()))
    return frames[0], packed + "".join(frame.write_csv() for frame in frames).encode()


SENT = {
    "a.xml": xml([danmu(row_id="11000001", sender="3e396595"), danmu(row_id="0", sender="3e396595", text="无号")]),
    "b": row(as_json([danmu(row_id="12000001", sender="0015a2b4"), danmu(row_id="13000001", sender="0")])),
    "c.csv": table([danmu(row_id="14000001", sender="15a2b4"), danmu(row_id="15000001", sender="D1a2b3c4")]),
}
KEY, OTHER = b"a key of the tests", b"another key of the tests"


def test_the_same_sender_has_the_same_hash_under_the_same_key_alone(tmp_path: Path) -> None:
    senders = {}
    for name, key in {"one": KEY, "two": KEY, "three": OTHER}.items():
        frame, _ = hashed(tmp_path / name, SENT, key)
        senders[name] = dict(frame.select("text", "row_id", "sender").select("row_id", "sender").iter_rows())
    one = senders["one"]
    assert senders["two"] == one
    assert one[13000001] == "0"  # nobody stays nobody
    assert one[11000001] == one[None] and one[12000001] == one[14000001]  # the latter without its leading zeros
    assert len({one[11000001], one[12000001], one[15000001]}) == 3
    assert all(len(one[row_id]) == 16 and int(one[row_id], 16) >= 0 for row_id in (11000001, 12000001, 15000001))
    assert not set(one.values()) & set(senders["three"].values()) - {"0"}


def test_with_a_key_no_sender_is_left_anywhere(tmp_path: Path) -> None:
    bad = {
        "bad.xml": '<i><d p="-1,1,25,1,1577000000,0,3e396595,21">坏</d><d p="1,1,25,1,1577000000,0,3e396595">短</d>'
        '<d p="1,1,25,1,1577000000,3e396595,0,22">错位</d><d p="1,1,25,1,1577000000,0,3e396595,23">没有结尾',
        "bad": row(as_json([danmu(sender="3e396595", mode="x")])) + "x,3e396595\n" + row("[('1','3e396595'"),
        "bad.csv": table([danmu(row_id="14000001", sender="3e396595", mode="x")]),
        "bad.json": json_lines([danmu(row_id="14000001", sender="3e396595", mode="x"), danmu(sender="15a2b4")]),
    }
    _, output = hashed(tmp_path / "plain", {**SENT, **bad}, None)
    assert b"3e396595" in output and b"15a2b4" in output and b"D1a2b3c4" in output
    _, output = hashed(tmp_path / "keyed", {**SENT, **bad}, KEY)
    assert not any(sender in output for sender in (b"3e396595", b"15a2b4", b"D1a2b3c4"))


def test_with_a_key_an_id_made_from_content_cannot_be_made_without_it(tmp_path: Path) -> None:
    """Else it would tell a sender: all of them can be tried in a second."""
    ids = [
        hashed(tmp_path / str(key), SENT, key)[0].filter(pl.col("row_id").is_null())["comment_id"].item()
        for key in (None, KEY, OTHER)
    ]
    assert len(set(ids)) == 3 and all(one.startswith("dx") for one in ids)


@pytest.mark.parametrize("form", FORMS)
def test_with_a_key_recollections_are_duplicates_as_without(tmp_path: Path, form: str) -> None:
    bare = [[*one[:7], "0", one[8]] for one in THREE]
    frame, _ = hashed(tmp_path, {"0": FORMS[form](bare), "1": xml(THREE)}, KEY)
    assert frame["row_id"].to_list() == [11000001, 12000001, 13000001]


@pytest.mark.parametrize(("value", "fault"), [(None, "not set"), ("", "not set"), ("short", "too short")])
def test_a_missing_or_short_key_is_named(value: str | None, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SENDER_KEY, raising=False)
    if value is not None:
        monkeypatch.setenv(SENDER_KEY, value)
    with pytest.raises(UserError, match=f"^Senders are to be hashed, and DANMU_SENDER_KEY is {fault}; set it "):
        sender_key()
    monkeypatch.setenv(SENDER_KEY, "sixteen letters!")
    assert sender_key() == b"sixteen letters!"


# What a user can do wrong


@pytest.mark.parametrize("files", [{}, {".hidden": "x"}, {"notes.md": "x"}])
def test_a_folder_without_data_is_named(tmp_path: Path, files: dict[str, str]) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, content in files.items():
        (raw / name).write_text(content)
    with pytest.raises(UserError, match=f"^{raw} is empty; put raw data there"):
        parse_corpus([raw], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^There is no {tmp_path / 'raw'}; "):
        parse_corpus([tmp_path / "raw"], tmp_path / "out")


@pytest.mark.parametrize(
    "content", ["", "\n", "[]", xml([]), row(""), "id,text\n", "只是一段话\n", escape(PAGE), ERROR], ids=range(9)
)
def test_files_without_a_comment_are_named_and_leave_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "file").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=f"^{tmp_path / 'raw'} holds no comment"):
        parse_corpus([tmp_path / "raw"], tmp_path / "out")
    assert not (tmp_path / "out" / COMMENTS_NAME).exists()
