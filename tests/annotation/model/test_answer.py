"""What is read out of a model's answer, and what is not."""

import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.annotation.model.answer import Malformed, Reading, read_answer, read_confidence, read_said
from pipeline.annotation.model.question import INPUT_FILTER, REFUSAL, Said
from pipeline.annotation.model.request import COMPLAINT_BYTES, ECHO_BYTES, ask_again

LEAVES = ("joy", "moved", "worry", "social", "social_presence")


@pytest.mark.parametrize(
    "text",
    [
        '{"leaf": "joy", "also": ["moved"], "confidence": 0.9}',
        ' \n{"confidence": 0.9, "also": ["moved"], "leaf": " JOY "}\n',
        '```json\n{"leaf": "joy", "also": ["moved"], "confidence": 0.9}\n```',
        'Sure! Here is the label:\n{"leaf": "joy", "also": ["moved"], "confidence": 0.9}\nI hope this {helps}.',
        "{'leaf': 'joy', 'also': ['moved'], 'confidence': 0.9}",
        "{leaf: joy, also: [moved], confidence: 0.9,}",
        '[{"leaf": "joy", "also": ["moved"], "confidence": 0.9}]',
        '<think>{"leaf": "worry"}? No.</think>{"leaf": "joy", "also": ["moved"], "confidence": 0.9}',
        '{"leaf": "joy", "also": ["moved"], "confidence": 0.9}\n{"leaf": "joy", "also": ["moved"], "confidence": 0.9}',
        '{"leaf": "joy", "also": ["joy", "moved", "MOVED"], "confidence": "90%"}',
        '{"leaf": "joy", "also": "moved", "confidence": 90}',
        "[{'text': '弹幕'}, {'leaf': 'joy', 'also': ['moved'], 'confidence': 0.9}]",
    ],
)
def test_what_is_meant_is_read_however_it_is_wrapped(text: str) -> None:
    assert read_answer(text, LEAVES) == Reading("joy", ("joy", "moved"), 0.9)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("<think>joy, I think</think>", "is empty"),
        ("joy", "holds no JSON object"),
        ('"joy"', "holds no JSON object"),
        ("{}", "has no leaf"),
        ('{"label": "joy"}', "has no leaf"),
        ('{"leaf": null}', "not a word"),
        ('{"leaf": ["joy"]}', "not a word"),
        ('{"leaf": "anger"}', '"anger" is no leaf that may be answered'),
        ('{"leaf": "joy;moved"}', "no leaf"),
        ('{"leaf": "\\ud800"}', "no leaf"),
        ('{"leaf": "joy", "also": ["anger"]}', '"anger" is no leaf'),
        ('{"leaf": "joy", "also": {"moved": 1}}', "also is no list"),
        ('{"leaf": "joy"} or rather {"leaf": "moved"}', "several objects"),
        ('{"leaf": "joy", "leaf": "moved"}', "a key several values"),
        ("{'leaf': 'joy', 'leaf': 'moved'}", "a leaf more than once"),
        ("{'leaf': 'moved'}, no: {\"leaf\": \"joy\"}", "a leaf more than once"),
        ('{"leaf": "joy", "also": ["moved"], "confidence": 0.9', "breaks off"),
        ('{"leaf": "social', "breaks off"),  # of social_presence, perhaps
        ("{" + "'leaf': 'joy', " + "x" * 5000 + "}", "far too long"),
    ],
)
def test_what_is_not_plain_is_not_guessed(text: str, why: str) -> None:
    with pytest.raises(Malformed, match=why) as found:
        read_answer(text, LEAVES)
    assert str(found.value).encode()  # it can be written to a file


def test_an_object_may_say_more_of_its_leaf_and_a_text_around_it_may_not_name_another() -> None:
    inside = '{"leaf": "joy", "reason": "the leaf: joy fits, leaf: worry does not"}'
    assert read_answer(inside, LEAVES).leaf == read_answer(f"Sure.\n{inside}\n", LEAVES).leaf == "joy"
    assert read_answer('{"leaf": "joy", "others": [{"leaf": "worry"}]}', LEAVES).leaf == "joy"
    with pytest.raises(Malformed, match="names a leaf more than once"):
        read_answer(f'{inside} or perhaps leaf: "worry"', LEAVES)


def test_leaves_that_differ_in_case_only_have_to_be_spelled_out() -> None:
    assert read_answer('{"leaf": "Joy"}', ("joy", "Joy")).leaf == "Joy"
    with pytest.raises(Malformed, match='"JOY" is several leaves'):
        read_answer('{"leaf": "JOY"}', ("joy", "Joy"))


def test_at_most_two_further_leaves_are_taken_and_other_members_passed_over() -> None:
    text = '{"comment_id": "dm7", "also": ["moved", "worry", "social"], "leaf": "joy", "reason": {"a": [1]}}'
    assert read_answer(text, LEAVES) == Reading("joy", ("joy", "moved", "worry"), None)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[(0, 0.0), (1, 1.0), (0.25, 0.25), (100, 1.0), (85, 0.85), (10.5, 0.105)],
        *[("0.7", 0.7), ("70%", 0.7), (" 5 ％", 0.05), ("0%", 0.0)],
        *[(None, None), (True, None), ("high", None), ([], None), (-0.1, None), (101, None), ("150%", None)],
        *[(2, None), (5, None), (10, None)],  # marks out of five or ten, as likely as not
        *[(math.nan, None), (math.inf, None), (10**400, None), ("1e999", None)],
    ],
)
def test_a_confidence_is_a_share_or_a_percentage_or_none(value: object, read: float | None) -> None:
    assert read_confidence(value) == (read if read is None else pytest.approx(read))


@pytest.mark.parametrize(
    ("finish", "why"),
    [
        ("length", "cut off"),
        ("content_filter", "filter withheld"),
        (INPUT_FILTER, "filter refused the question"),
        (REFUSAL, 'the model refused: {"leaf": "joy"}'),
    ],
)
def test_an_answer_that_was_cut_off_or_withheld_is_not_read(finish: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_said(Said('{"leaf": "joy"}', finish), LEAVES)
    assert read_said(Said('{"leaf": "joy"}', "eos_token"), LEAVES).leaf == "joy"


PIECES = st.sampled_from(
    [
        *(
            '{"leaf":',
            '"',
            "{'leaf':",
            "'",
            "joy",
            "moved",
            '","also":[',
            '"moved"',
            "]",
            '"confidence":',
            "0.5",
            "}",
            "{",
        ),
        *(
            "[",
            "```json\n",
            "```",
            "<think>",
            "</think>",
            "\\",
            "\\ud800",
            "\\u0000",
            "NaN",
            "1e400",
            "-",
            ",",
            "：",
            "\n",
        ),
    ]
)
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(LEAVES) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["leaf", "also", "confidence", "x"]), inner)
    ),
    max_leaves=8,
)
TEXTS = st.text() | st.lists(PIECES, max_size=30).map("".join) | CONTENT.map(json.dumps) | CONTENT.map(repr)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.lists(st.sampled_from(LEAVES), unique=True).map(tuple))
def test_no_text_does_more_than_name_leaves_that_may_be_answered(text: str, allowed: tuple[str, ...]) -> None:
    try:
        reading = read_answer(text, allowed)
    except Malformed as why:
        assert str(why)
        again = ask_again((("user", "?"),), text, str(why))
        assert [role for role, _ in again] == ["user", "assistant", "user"] and all(said for _, said in again)
        assert len(again[1][1].encode()) <= ECHO_BYTES and len(again[2][1].encode()) <= COMPLAINT_BYTES
        return
    assert reading.leaf == reading.leaves[0] and set(reading.leaves) <= set(allowed)
    assert 1 <= len(reading.leaves) == len(set(reading.leaves)) <= 3
    assert reading.confidence is None or 0 <= reading.confidence <= 1


@pytest.mark.parametrize("piece", ["{", "[", '{"a":', "{'", '{"leaf": "', "\\", '"', "<think>", "{leaf: "])
def test_no_text_takes_long(piece: str) -> None:
    start = time.perf_counter()
    with pytest.raises(Malformed):
        read_answer(piece * 50_000, LEAVES)
    with pytest.raises(Malformed):
        read_answer(piece * (3900 // len(piece)) + "}", LEAVES)
    assert time.perf_counter() - start < 5
