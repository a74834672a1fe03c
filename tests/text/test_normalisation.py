import pytest

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
    ],
    ids=ascii,
)
def test_copies_of_a_text_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("好看", "看好"), ("来了", "来过"), ("第1条", "第11条"), ("？", "！")])
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)
