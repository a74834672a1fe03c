from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.normalisation import normalised


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("哈哈哈哈", "哈哈哈"),
        ("ＡＷＳＬ", "awsl"),
        ("？？？", "??"),
        ("前方 高能", "前方高能"),
        ("前方\u3000高\u200b能\u2060", "前方高能"),
        ("\u202e倒着\u202c", "倒着"),
        ("\u2067倒着\u2069", "倒着"),
        ("２３３３", "233"),
        ("来了", "来了！"),
        ("？", "？？？"),
        ("卧槽", "卧槽！！"),
        ("\u2060", ""),
        ("来了来了来了", "来了"),
        ("来了来了来了！！主播来了", "来了主播来了"),
        ("来了！来了！来了！", "来了"),
        ("前方高能 前方高能 啊啊啊", "前方高能啊"),
        ("哈哈哈嗝哈哈哈嗝", "哈嗝"),  # the signs first, then the string
        ("xswlXSWL", "xswl"),
        ("666啊666啊", "666啊"),  # digits within a string
        ("？！？！？！", "?!"),
        ("aabaabaab", "ab"),
    ],
    ids=ascii,
)
def test_copies_of_a_text_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("好看", "看好"),
        ("来了", "来过"),
        ("第1条", "第11条"),
        ("？", "！"),
        ("1212", "12"),
        ("是不是", "是"),
        ("一天一天", "一天两天"),
        ("来了没", "来了没来"),
    ],
)
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(st.sampled_from("来了哈ab12！ "), max_size=24))
def test_a_normalised_text_is_its_own_and_saying_it_again_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    if any(sign not in "12" for sign in once):
        assert normalised(once * 3) == once


def test_a_long_text_takes_no_long_time() -> None:
    begun = perf_counter()
    for text in ("ab" * 50_000, "12" * 20_000, "".join(chr(0x4E00 + at) for at in range(20_000))):
        normalised(text)
    assert perf_counter() - begun < 5
