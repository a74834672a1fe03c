from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.danmu.samples import (
    HEADER,
    PLAIN,
    as_fragments,
    as_joined,
    as_json,
    as_python,
    danmu,
    parsed,
    quoted,
    read,
    row,
    written,
)

THREE = [
    danmu(),
    danmu(onset="73.37900", mode="4", time="1577003600", sender="0159", row_id="26140000000000002", text="第一，别急"),
    danmu(onset="0.5", color="4294967295", sender="D1a2", row_id="26140000000000003", text="这里讲错了吧？"),
]
LISTS = {
    "JSON list": as_json(THREE),
    "Python tuples": as_python(THREE),
    "XML fragments": as_fragments(THREE),
    "joined": as_joined(THREE),
    "joined, comma": as_joined(THREE, ","),
    "joined, semicolon": as_joined(THREE, ";"),
    "joined, bar": as_joined(THREE, "|"),
    "joined, space": as_joined(THREE, " "),
}


@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
@pytest.mark.parametrize("columns", ["tabs", "commas", "CSV quotes"])
@pytest.mark.parametrize("spelling", LISTS)
def test_every_spelling_gives_the_same_comments(tmp_path: Path, spelling: str, columns: str, header: bool) -> None:
    line = quoted(LISTS[spelling]) if columns == "CSV quotes" else row(LISTS[spelling])
    first_line = HEADER + "\n" if header else ""
    if columns != "tabs":
        line, first_line = line.replace("\t", ","), first_line.replace("\t", ",")
    comments, rejected = read(tmp_path, first_line + line)
    names = ("comment_id", "video_id", "chat_id", "onset_s", "mode", "color", "sender", "row_id", "text")
    assert [tuple(comment[name] for name in names) for comment in comments] == [
        ("dm26140000000000001", "780001", "550001", 12.5, 1, 16777215, "3e396595", 26140000000000001, "开头就笑了"),
        ("dm26140000000000002", "780001", "550001", 73.379, 4, 16777215, "0159", 26140000000000002, "第一，别急"),
        ("dm26140000000000003", "780001", "550001", 0.5, 1, 4294967295, "D1a2", 26140000000000003, "这里讲错了吧？"),
    ]
    # 1577000000 is 2019-12-22 07:33:20 UTC, 1577003600 an hour later
    assert [comment["sent_at"].strftime("%F %T") for comment in comments] == [
        "2019-12-22 07:33:20",
        "2019-12-22 08:33:20",
        "2019-12-22 07:33:20",
    ]
    assert rejected == []


def test_unquoted_numbers_in_a_json_list_keep_all_digits_of_the_row_id(tmp_path: Path) -> None:
    listed = '[[12.5, 1, 25, 16777215, 1577000000, 0, "3e396595", 26140000000000001, "好"]]'
    comments, _ = read(tmp_path, row(listed))
    assert comments[0]["row_id"] == 26140000000000001  # as a float: 26140000000000000


@pytest.mark.parametrize("spell", [as_json, as_python, as_fragments, as_joined])
def test_nine_fields_before_the_text_end_in_a_weight(tmp_path: Path, spell) -> None:
    listed = spell([[*danmu()[:-1], "11", "有权重"], [*danmu(row_id="7000001")[:-1], "1", "3,2,1"]])
    comments, _ = read(tmp_path, row(listed))
    assert {(comment["weight"], comment["text"]) for comment in comments} == {(11, "有权重"), (1, "3,2,1")}


def test_a_single_comment_or_one_text_without_a_number_has_no_weight(tmp_path: Path) -> None:
    countdown = danmu(text="3,2,1")
    comments, _ = read(tmp_path, row(as_joined([countdown])) + row(as_joined([countdown, danmu(row_id="7000001")])))
    said = {(comment["weight"], comment["text"]) for comment in comments}
    # without a mark between comments, digits at a text's end go to the next onset: so that it is another text there
    assert said == {(None, "3,2,1"), (None, "3,2"), (None, "开头就笑了")}


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"row_id": "5.43E+16"}, True),
        ({"row_id": ""}, True),
        ({"sender": ""}, True),
        ({"onset": ""}, True),
        ({"time": "1577000000.0"}, True),
        ({"color": "-1"}, True),
        ({"color": "white"}, True),
        ({"row_id": "x7"}, True),
        ({"time": ""}, True),
        ({"time": "0"}, True),
        ({"time": "NULL", "sender": "NULL", "row_id": ""}, True),
    ],
)
def test_damaged_attributes_are_no_part_of_the_text_before(tmp_path: Path, change: dict[str, str], kept: bool) -> None:
    listed = as_joined([danmu(row_id="8000001"), danmu(text="损坏", **change), danmu(row_id="9000001")], "|")
    comments, rejected = read(tmp_path, row(listed))
    assert sorted(comment["text"] for comment in comments) == ["开头就笑了"] * 2 + ["损坏"] * kept
    assert len(rejected) == 1 - kept


@pytest.mark.parametrize("fields", [danmu()[1:], [*danmu(), "1", "2"], [""]])
def test_any_other_number_of_fields_is_rejected_with_its_count(tmp_path: Path, fields: list[str]) -> None:
    comments, rejected = read(tmp_path, row(as_json([fields, danmu()])))
    assert len(comments) == 1
    assert rejected == [
        {
            "file": "1_danmu_day",
            "line": 1,
            "reason": f"{len(fields)} fields where 9 or 10 belong",
            "excerpt": ",".join(fields)[:80],
        }
    ]


@pytest.mark.parametrize(
    "text", ["逗号,引号\"撇号'都在", "<b> & &#39;", "[前方高能]", "第26140000000000001条,25,1,", "🎉𠮷", "。"]
)
@pytest.mark.parametrize("spell", [as_json, as_python, as_fragments])
def test_marks_in_a_text_survive_the_spelling(tmp_path: Path, spell, text: str) -> None:
    comments, rejected = read(tmp_path, row(spell([danmu(text=text), danmu(row_id="7000001")])))
    assert [comment["text"] for comment in comments] == [text, "开头就笑了"]
    assert rejected == []


def test_entities_of_a_fragment_are_read_and_raw_marks_kept(tmp_path: Path) -> None:
    fragment = f'<d p="{",".join(danmu()[:-1])}">别&#39;急 & 慢 < 快</d>'
    assert read(tmp_path, row(fragment))[0][0]["text"] == "别'急 & 慢 < 快"


CODE = ['[0.1,0.2,"1-1",4.5,"字/n幕",0,0]', '[0.1,"1-1",4.5,\t"缺引号,0]', 'function f(){\n\ttrace("好");\n}']


@pytest.mark.parametrize("text", CODE)
@pytest.mark.parametrize("mode", ["8", "7", "1"])
def test_code_in_a_text_is_a_text_whole_or_broken(tmp_path: Path, mode: str, text: str) -> None:
    comments, _ = read(tmp_path, row(as_json([danmu(mode=mode, text=text)])))
    assert (comments[0]["mode"], comments[0]["text"]) == (int(mode), text)


def test_a_byte_order_mark_is_no_part_of_the_first_video(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, "\ufeff" + row(as_json([danmu()])))
    assert (comments[0]["video_id"], rejected) == ("780001", [])


def test_control_characters_stay_in_the_text_and_cost_nothing(tmp_path: Path) -> None:
    listed = as_joined([danmu(text="铃\x07声\x0b"), danmu(row_id="26140000000000002")], "|")
    comments, rejected = read(tmp_path, row(listed))
    assert [comment["text"] for comment in comments] == ["铃\x07声\x0b", "开头就笑了"]
    assert rejected == []


@pytest.mark.parametrize(
    "stump", ["761.27,1,25", "761.27,1,25,1677", "761.27,1,25,255,1583653037,0,fb31", "1.5,1,25,255,1583653037,0,a,7"]
)
@pytest.mark.parametrize("mark", [",", "|", ""])
def test_attributes_that_are_cut_are_no_part_of_the_text_before(tmp_path: Path, stump: str, mark: str) -> None:
    comments, rejected = read(
        tmp_path, row(as_joined([danmu(), danmu(row_id="7000001", text="快，看啊")], mark) + mark + stump)
    )
    assert {comment["text"] for comment in comments} == {"开头就笑了", "快，看啊"}
    assert [(record["reason"], record["excerpt"]) for record in rejected] == [("damaged head of a comment", stump)]


@pytest.mark.parametrize("spell", [as_json, as_python])
def test_a_damaged_list_loses_the_damaged_comments_and_says_so(tmp_path: Path, spell) -> None:
    comments, rejected = read(tmp_path, row(spell(THREE)[:-8]) + row(spell(THREE).replace("'", "", 1)[:-8]))
    assert [comment["row_id"] for comment in comments] == [26140000000000001, 26140000000000002]
    assert {record["reason"] for record in rejected} == {"list cut short or damaged"}


@pytest.mark.parametrize(
    ("mark", "damage", "which", "reason"),
    [
        ("</d>", "", 0, "unclosed <d> element"),
        ("</d>", "", 2, "unclosed <d> element"),
        ('">', '"', 0, "no > behind the attributes of <d>"),
        ("<d", "<", 1, "no <d> element"),
    ],
)
def test_a_damaged_fragment_costs_only_itself(tmp_path: Path, mark: str, damage: str, which: int, reason: str) -> None:
    spelled = [as_fragments([fields]) for fields in THREE]
    spelled[which] = spelled[which].replace(mark, damage)
    comments, rejected = read(tmp_path, row("".join(spelled)))
    assert [comment["row_id"] for comment in comments] == [int(THREE[i][7]) for i in range(3) if i != which]
    assert [record["reason"] for record in rejected] == [reason]


def test_half_an_emoji_becomes_a_replacement_character(tmp_path: Path) -> None:
    listed = as_json([danmu(text="HALF")]).replace("HALF", "好\\ud83d")
    assert read(tmp_path, row(listed))[0][0]["text"] == "好\ufffd"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("780001\t2019122222\t5500\n", "no day-file row: five columns were expected"),
        (row("[]", hour="2019129922"), "collect_YMDH 2019129922 is no hour"),
        (row("[7]"), "no tuple of fields"),
        (row('["\\ud83d"]'), "no tuple of fields"),
        (row('[["1","1","25","1","1577000000","0","a","5",null]]'), "no text"),
        (row("乱码"), "no comment begins here"),
        (row("1" * 300_000), "no comment begins here"),
        (row("[(1.5, 1-, 25) x"), "list cut short or damaged"),
        (row("['a\\xzz']"), "list cut short or damaged"),
        (row("[" + "1, " * 10_000), "list cut short or damaged"),  # not in exponential time
        (row("[" * 100_000), "list cut short or damaged"),
        (row('{"a":' * 100_000), "a JSON object where the list of comments belongs"),
        (row('{"code":-412,"message":"拦截"}'), "error page saved as data (code -412, 拦截)"),
        (row("[]", hour="0001010100"), "collect_YMDH 0001010100 is no hour"),
    ],
)
def test_a_damaged_row_names_its_line_and_leaves_the_others(tmp_path: Path, line: str, reason: str) -> None:
    comments, rejected = read(
        tmp_path, f"\n{HEADER}\n{row(as_json([danmu()]))}{line}{row(as_json([danmu(row_id='8000001')]))}"
    )
    assert len(comments) == 2
    assert [(record["file"], record["line"], record["reason"]) for record in rejected] == [("1_danmu_day", 4, reason)]


def test_a_damaged_first_row_does_not_hide_the_form(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, "780001\t20191\n" + row(as_json([danmu()])))
    assert (len(comments), [record["line"] for record in rejected]) == (1, [1])


def test_a_list_without_a_comment_is_no_record(tmp_path: Path) -> None:
    comments, rejected = read(tmp_path, row("") + row("[]") + row(as_json([danmu()])))
    assert (len(comments), rejected) == (1, [])


INSERTED = st.text(st.characters(blacklist_categories=["Cs", "Nd"], blacklist_characters="\r\n"), max_size=6)


@st.composite
def damaged_rows(draw: st.DrawFn) -> str:
    """A good row of any spelling; a list is cut short, of the others a stretch is replaced."""
    spelling = draw(st.sampled_from(sorted(LISTS)))
    line = row(LISTS[spelling])[:-1]
    begin = draw(st.integers(line.index(PLAIN[-1]), len(line)))
    if spelling in ("JSON list", "Python tuples"):
        return line[:begin] + "\n"
    end = draw(st.integers(begin, len(line)))
    return line[:begin] + draw(INSERTED) + line[end:] + "\n"


@given(damage=st.lists(damaged_rows() | INSERTED.map(lambda text: text + "\n"), max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_is_damaged_the_sound_rows_are_read_and_the_numbers_add_up(damage: list[str]) -> None:
    first = row(as_json([danmu(row_id="1001000001"), danmu(row_id="1002000001")]), video="1")
    last = row(as_python([danmu(row_id="1002000001"), danmu(row_id="1003000001")]), video="1")
    with TemporaryDirectory() as folder:
        comments, _, census = parsed(written(Path(folder), first + "".join(damage) + last))
    assert {"dm1001000001", "dm1002000001", "dm1003000001"} <= set(comments["comment_id"])
    assert census.total("duplicates") >= 1  # dm1002000001 stands in two rows
