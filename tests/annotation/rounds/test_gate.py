import math
from dataclasses import replace

import pytest

from pipeline.annotation.rounds.gate import judge
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.round_agreement import round_agreement
from pipeline.artifacts.agreement import RoundAgreement
from pipeline.statistics.intervals import Interval

LONG = "一二三四五六七八九十" * 4  # as long as a message shows: 40 characters


def measured(number: int = 2, times: int = 0, **items: str) -> RoundAgreement:
    """`x="joy awe;joy"`: A said joy, B awe and further joy."""
    annotations = [
        Annotation(item, annotator, number, tuple(labels.split(";")), None)
        for item, line in items.items()
        for annotator, labels in zip("ABCD", line.split())
    ]
    return round_agreement(number, annotations, None, times, 0, {})


#: alpha 16/30, as aa, aa, ab, bb in test_agreement.py
HALF = {"x": "joy joy", "y": "joy joy", "z": "joy awe", "w": "awe awe"}


def passes(found: RoundAgreement, minimum: float, kind: str = "single-label") -> bool:
    return judge([found], minimum, kind, {}, "label.minimum_alpha").passed


def test_the_threshold_itself_passes() -> None:
    alpha = measured(**HALF).levels[-1].alpha.value
    assert alpha == pytest.approx(16 / 30)
    assert passes(measured(**HALF), alpha)
    assert not passes(measured(**HALF), math.nextafter(alpha, 1))


def test_a_pass_names_the_round_and_its_alpha() -> None:
    verdict = judge([measured(**HALF)], 0.5, "single-label", {}, "label.minimum_alpha")
    assert (verdict.passed, verdict.message) == (True, "round 2: Krippendorff's alpha 0.533")


def test_the_last_round_is_judged() -> None:
    good, bad = {"x": "joy joy", "y": "awe awe"}, {"x": "joy awe", "y": "awe joy"}
    rounds = measured(2, **bad), measured(3, **good)
    assert judge(rounds, 0.8, "single-label", {}, "").passed
    verdict = judge(rounds[::-1], 0.8, "single-label", {}, "")
    assert not verdict.passed and verdict.message.startswith("round 2 has Krippendorff's alpha -0.500")


@pytest.mark.parametrize("items", [{"x": "joy", "y": "awe"}, {"x": "joy joy"}], ids=["no pairs", "one label"])
def test_a_round_without_an_alpha_passes_no_threshold_but_zero(items: dict[str, str]) -> None:
    verdict = judge([measured(**items)], 0.1, "single-label", {}, "label.minimum_alpha")
    assert not verdict.passed
    assert verdict.message.startswith("round 2 has no Krippendorff's alpha")
    assert "label.minimum_alpha = 0.1 asks for one" in verdict.message
    assert passes(measured(**items), 0)


def test_zero_lets_even_systematic_disagreement_pass() -> None:
    assert passes(measured(x="joy awe", y="awe joy"), 0)


def test_where_texts_have_several_labels_the_alpha_of_the_sets_counts() -> None:
    # primaries a a, a a, b a: 0; sets a a, a ab, b ab with MASI: 1/5 (both worked in test_agreement.py and beside it)
    found = measured(x="a a", y="a a;b", z="b a;b")
    assert passes(found, 0.2 - 1e-9, "multi-label") and not passes(found, 0.2 - 1e-9, "single-label")


def test_a_stop_says_what_to_talk_about_with_texts_and_votes() -> None:
    items = {"x": "joy joy awe", "y": "joy awe joy", "z": "joy worry joy", "u": "awe ask awe", "v": "worry ask ask"}
    texts = {"x": "哈哈哈", "y": LONG, "z": LONG + "！"}
    verdict = judge([measured(**items)], 0.8, "single-label", texts, "label.minimum_alpha")
    lines = verdict.message.splitlines()
    # 5 items that observe 2 each; 6 joy, 4 awe, 3 ask, 2 worry expect (15² - 65) / 14: 1 - 10 × 14 / 160 = 0.125
    assert lines[0].startswith("round 2 has Krippendorff's alpha 0.125")
    assert "below label.minimum_alpha = 0.8. " in lines[0]
    # awe and joy meet 2 + 2 times, joy and worry 2, ask and awe 2, ask and worry 2; by votes, then by name
    assert lines[1:] == [
        "  awe or joy? (4 pairs of ratings)",
        "      x “哈哈哈” A joy, B joy, C awe",
        f"      y “{LONG}” A joy, B awe, C joy",
        "  ask or awe? (2 pairs of ratings)",
        "      u A awe, B ask, C awe",
        "  ask or worry? (2 pairs of ratings)",
        "      v A worry, B ask, C ask",
    ]


def test_a_long_text_is_cut() -> None:
    verdict = judge([measured(z="joy awe")], 0.8, "single-label", {"z": LONG + "！"}, "")
    assert f"z “{LONG}…” A joy, B awe" in verdict.message


def test_the_message_gives_the_interval_where_there_is_one() -> None:
    def first_line(times: int) -> str:
        return judge([measured(times=times, **HALF)], 0.8, "single-label", {}, "").message.splitlines()[0]

    assert "alpha 0.533 [" in first_line(200) and "(95% interval)" in first_line(200)
    assert "interval" not in first_line(0)


def test_the_lower_end_may_be_judged() -> None:
    found = measured(**HALF)
    wide = replace(found, levels=(replace(found.levels[-1], alpha=Interval(0.9, 0.6667, 0.95)),))

    def verdict(minimum: float) -> tuple[bool, str]:
        judged = judge([wide], minimum, "single-label", {}, "label.minimum_alpha", "lower")
        return judged.passed, judged.message.splitlines()[0]

    assert verdict(0.6667)[0] and verdict(0)[0]
    passed, message = verdict(0.667)
    assert not passed and "alpha 0.900 [0.666, 0.950] (95% interval), whose lower end is below label.min" in message
    # without resamples there is no interval, and no lower end that could reach anything
    assert not judge([found], 0.1, "single-label", {}, "", "lower").passed


def test_the_message_does_not_round_an_alpha_up_to_the_threshold() -> None:
    found = measured(**HALF)
    narrow = replace(found, levels=(replace(found.levels[-1], alpha=Interval(0.7997)),))
    message = judge([narrow], 0.8, "single-label", {}, "label.minimum_alpha").message
    assert "below label.minimum_alpha = 0.8" in message and "alpha 0.800 " not in message
