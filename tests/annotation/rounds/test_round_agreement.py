import json
from dataclasses import asdict

import numpy as np
import pytest

from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.reading import read_rounds
from pipeline.annotation.rounds.round_agreement import agreement_by_round, round_agreement, video_groups
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy
from pipeline.artifacts.agreement import DisputedItem, RoundAgreement
from pipeline.statistics.intervals import Interval
from tests.conftest import SHARED

REAL = SHARED / "real-danmu" / "labels" / "annotations"


def tree(name: str, *children: Node | str) -> Node:
    return Node(name, "", tuple(Node(child, "") if isinstance(child, str) else child for child in children))


#: three levels; `ask` ends a level higher
TREE = Taxonomy(1, (tree("feelings", tree("bright", "joy", "awe"), tree("dark", "worry")), tree("talk", "ask")))


def said(number: int = 1, **items: str) -> list[Annotation]:
    """`x="joy awe;joy -"`: A said joy, B awe and further joy, C nothing."""
    return [
        Annotation(item, annotator, number, tuple(labels.split(";")), None)
        for item, line in items.items()
        for annotator, labels in zip("ABCDEF", line.split())
        if labels != "-"
    ]


def measured(taxonomy: Taxonomy | None = TREE, times: int = 0, **items: str) -> RoundAgreement:
    return round_agreement(1, said(**items), taxonomy, times, 0, {})


def near(value: float | None) -> Interval:
    return Interval(None if value is None else pytest.approx(value))


ITEMS = {
    "x": "joy joy joy",
    "y": "joy awe joy",
    "z": "worry worry -",
    "w": "ask awe ask",
    "u": "awe worry awe",
    "v": "ask - -",  # pairs with nothing
}


def test_every_level_of_the_tree_has_its_agreement() -> None:
    found = measured(**ITEMS)
    assert (found.items, found.paired_items) == (6, 5)
    assert found.annotators == {"A": 6, "B": 5, "C": 4}
    assert [(level.name, level.categories) for level in found.levels] == [("level 1", 2), ("level 2", 3), ("leaves", 4)]
    # agreeing of 13 pairs. Feelings and talk: 3 + 3 + 1 + 1 + 3. Bright, dark, ask: u drops to 1. Leaves: y, too
    assert [level.percent for level in found.levels] == [near(11 / 13), near(9 / 13), near(7 / 13)]
    # 14 ratings; observed is 2 for each item with a 2 : 1, expected (14² - Σ totals²) / 13:
    # w of 12 + 2: 2 over 48/13; w, u of 9 + 3 + 2: 4 over 102/13; y, w, u of 5 + 4 + 3 + 2: 6 over 142/13
    assert [level.alpha for level in found.levels] == [near(1 - 26 / 48), near(1 - 52 / 102), near(1 - 78 / 142)]
    # leaves agree in (1 + 1/3 + 1 + 1/3 + 1/3) / 5 = 135/225; mean shares 5/15, 4/15, 4/15, 2/15: 61/225 by chance
    assert found.levels[-1].fleiss_kappa == near((135 - 61) / (225 - 61))


def test_every_leaf_has_its_agreement_with_the_rest() -> None:
    leaves = measured(**ITEMS).leaves
    assert {leaf.leaf: leaf.ratings for leaf in leaves} == {"joy": 5, "awe": 4, "worry": 3, "ask": 2}
    # an item with n of m for the leaf observes n (m - n) / (m - 1), and t of 14 in all expect t (14 - t) / 13
    # joy: y 1 over 45/13; awe: y, w, u 1 each over 40/13; worry: u 1 over 33/13; ask: w 1 over 24/13
    alphas = [1 - 13 / 45, 1 - 39 / 40, 1 - 13 / 33, 1 - 13 / 24]
    assert [leaf.alpha for leaf in leaves] == [near(value) for value in alphas]
    # whoever said joy met 10 others, who said it 8 times; awe 2 of 8, worry 2 of 4, ask 2 of 4
    assert [leaf.specific for leaf in leaves] == [near(8 / 10), near(2 / 8), near(2 / 4), near(2 / 4)]


def test_every_pair_is_compared_on_the_items_that_both_labelled() -> None:
    pairs = {pair.first + pair.second: pair for pair in measured(**ITEMS, q="- - - joy").pairs}
    assert {names: pair.items for names, pair in pairs.items()} == {"AB": 5, "AC": 4, "BC": 4}  # D shares nothing
    # AB agree on x, z; by chance joy 2×1 + awe 1×2 + worry 1×2 of 25. AC agree. BC agree on x; joy 1×2 + awe 2×1 of 16
    assert [pair.percent for pair in pairs.values()] == [near(2 / 5), near(1), near(1 / 4)]
    assert [pair.cohen_kappa for pair in pairs.values()] == [near((10 - 6) / (25 - 6)), near(1), near(0)]


def test_confusions_say_who_said_what_and_show_the_most_even_disputes() -> None:
    items = {
        "r": "joy awe - -",
        "t": "worry joy awe awe",
        "q": "joy joy joy awe",
        "p": "joy joy awe awe",
        "s": "awe awe worry worry",
        "n": "joy joy joy joy",
    }
    found = measured(**items).confusions
    # joy against awe: r 1, t 2, q 3, p 4; awe against worry: t 2, s 4; joy against worry: t 1
    assert [(one.first, one.second, one.pairs) for one in found] == [
        ("joy", "awe", 10),
        ("awe", "worry", 6),
        ("joy", "worry", 1),
    ]
    first = found[0]
    assert first.said_first == {"A": 3, "B": 3, "C": 1}  # joy: p q r, p q t, q
    assert first.said_second == {"B": 1, "C": 2, "D": 3}  # awe: r, p t, p q t
    assert [example.comment_id for example in first.examples] == ["p", "q", "t"]  # 2:2, 3:1, 1:2; r, 1:1, is the fourth
    assert first.examples[2] == DisputedItem("t", {"A": "worry", "B": "joy", "C": "awe", "D": "awe"})


def test_an_even_dispute_comes_before_a_lopsided_one() -> None:
    found = measured(even="joy joy awe awe - -", odd="joy joy joy joy joy awe").confusions
    assert [example.comment_id for example in found[0].examples] == ["even", "odd"]


def test_an_item_in_which_one_leaf_only_was_given_confuses_nothing() -> None:
    assert measured(x="joy joy -", y="awe - awe").confusions == ()


def test_a_round_in_which_nobody_is_paired_has_no_agreement() -> None:
    found = measured(x="joy", y="- awe")
    assert (found.items, found.paired_items, found.annotators) == (2, 0, {"A": 1, "B": 1})
    assert [(level.percent, level.fleiss_kappa, level.alpha) for level in found.levels] == [(Interval(None),) * 3] * 3
    assert found.sets == Interval(None) and not (found.leaves or found.pairs or found.confusions)


def test_a_round_in_which_all_say_the_same_agrees_without_an_alpha() -> None:
    found = measured(x="joy joy", y="joy joy", times=50)
    assert found.levels[-1].percent == Interval(1, 1, 1)
    assert (found.levels[-1].alpha, found.sets, found.pairs[0].cohen_kappa) == (Interval(None),) * 3
    assert [(leaf.leaf, leaf.ratings, leaf.alpha, leaf.specific) for leaf in found.leaves] == [
        ("joy", 4, Interval(None), Interval(1, 1, 1))
    ]


def test_without_a_taxonomy_the_labels_that_occur_are_the_one_level() -> None:
    found = measured(None, x="1 1", y="1 1", z="1 0", w="0 0")
    assert [(level.name, level.categories) for level in found.levels] == [("labels", 2)]
    assert found.levels[0].alpha == near(16 / 30)  # as aa, aa, ab, bb in test_agreement.py
    assert [leaf.leaf for leaf in found.leaves] == ["0", "1"]


def test_the_levels_look_at_primary_leaves_and_the_sets_at_all() -> None:
    found = measured(None, x="a a", y="a a;b", z="b a;b")
    # primaries aa, aa, ba: five of a and one of b, observed 2, expected 2 × 5 / 5: 0. Sets: 1/5 as in test_agreement.py
    assert (found.gated("single-label"), found.gated("multi-label")) == (near(0), near(1 / 5))
    assert found.sets == measured(None, x="a a", y="a b;a", z="b b;a").sets  # the order in a set is no matter
    assert found.confusions[0].pairs == 1


def test_rounds_stand_in_their_order_and_each_for_itself() -> None:
    annotations = [*said(10, x="joy awe"), *said(2, x="joy joy", y="awe awe")]
    found = agreement_by_round(annotations, TREE, 0, 0)
    assert [(one.round, one.items, one.levels[-1].percent) for one in found] == [(2, 2, near(1)), (10, 1, near(0))]


def test_the_record_is_json_and_holds_everything() -> None:
    record = asdict(measured(times=20, **ITEMS))
    again = json.loads(json.dumps(record, allow_nan=False))
    assert set(again) == set(RoundAgreement.__dataclass_fields__)
    assert again["levels"][2]["alpha"]["value"] == pytest.approx(1 - 78 / 142)
    assert set(again["levels"][2]["alpha"]) == {"value", "low", "high"}
    assert again["confusions"][0]["examples"][0]["votes"] == {"A": "joy", "B": "awe", "C": "joy"}
    assert again == json.loads(json.dumps(asdict(measured(times=20, **ITEMS))))  # one seed, one result


def of_videos(videos: int, each: int) -> tuple[list[Annotation], dict[str, str | None]]:
    """Comments of so many videos, `each` of each; within a video all agree, or in no comment."""
    items = {f"dm{video:02}{at}": f"v{video:02}" for video in range(videos) for at in range(each)}
    lines = {item: "joy joy" if int(video[1:]) % 2 else "joy awe" for item, video in items.items()}
    return said(**lines), dict(items)


def width(interval: Interval) -> float:
    assert interval.low is not None and interval.high is not None
    return interval.high - interval.low


def test_whole_videos_are_drawn_from_ten_on_and_the_record_says_so() -> None:
    """Comments of a video are alike here, so 80 comments of 10 videos say as much as 10 comments: wider intervals."""
    annotations, videos = of_videos(10, 8)
    [known] = agreement_by_round(annotations, None, 500, 0, videos)
    [unknown] = agreement_by_round(annotations, None, 500, 0)
    assert (known.resampled, unknown.resampled) == ("videos", "comments")
    assert known.levels[0].percent.value == unknown.levels[0].percent.value == 0.5
    assert known.pairs[0].cohen_kappa.value == unknown.pairs[0].cohen_kappa.value
    # the standard deviation of a mean of halves is 1/2 / √10 = .158 for ten videos, and .056 for eighty comments
    for one, other in ((known.levels[0].percent, unknown.levels[0].percent),
                       (known.pairs[0].percent, unknown.pairs[0].percent)):  # fmt: skip
        assert width(one) == pytest.approx(2 * 1.96 * 0.158, rel=0.15)
        assert width(other) == pytest.approx(2 * 1.96 * 0.056, rel=0.15)
    assert width(known.sets) > 1.5 * width(unknown.sets)


def test_of_nine_videos_single_comments_are_drawn() -> None:
    annotations, videos = of_videos(9, 8)
    [few] = agreement_by_round(annotations, None, 200, 0, videos)
    [unknown] = agreement_by_round(annotations, None, 200, 0)
    assert few.resampled == "comments" and few == unknown


def test_only_comments_with_two_ratings_count_for_what_is_drawn() -> None:
    annotations, videos = of_videos(9, 2)
    single = said(lonely="joy")
    [found] = agreement_by_round([*annotations, *single], None, 50, 0, {**videos, "lonely": "v99"})
    assert found.resampled == "comments"


def test_a_comment_of_no_known_video_is_a_group_of_its_own() -> None:
    videos: dict[str, str | None] = {f"dm{at}": f"v{at // 2}" for at in range(20)} | {"none": None}
    items = [*videos, "unheard of"]
    groups = video_groups(items, videos)
    assert groups is not None and len(set(groups)) == 12 and groups.count("video v3") == 2
    assert groups[-2:] == ["item none", "item unheard of"]
    # ten groups are not ten videos
    assert video_groups([f"x{at}" for at in range(20)], {"x0": "v1"}) is None and video_groups([], {}) is None


def test_all_statistics_of_a_round_rest_on_the_same_resamples() -> None:
    """Drawn once or for each of them: one seed, the same intervals."""
    from functools import partial

    from pipeline.statistics.agreement import Nominal, count_values, krippendorff_alpha
    from pipeline.statistics.intervals import bootstrap

    found = measured(times=100, **ITEMS)
    rows = [line.replace("-", "").split() for line in ITEMS.values() if line.count("-") < 2]
    by_item = dict(zip([item for item in ITEMS if item != "v"], rows, strict=True))
    counts = count_values([by_item[item] for item in sorted(by_item)], ["joy", "awe", "worry", "ask"])
    [alone] = bootstrap(partial(krippendorff_alpha, counts, Nominal()), len(counts), 100, 0)
    assert np.isfinite([alone.low, alone.high]).all() and found.levels[-1].alpha == alone


@pytest.mark.skipif(not REAL.is_dir(), reason="the real annotation rounds are not beside the repository")
def test_the_real_pilot_round_agrees_as_measured_before() -> None:
    pilot = agreement_by_round(read_rounds(REAL, None), None, 200, 0)[0]
    assert (pilot.round, pilot.items, len(pilot.pairs)) == (1, 120, 3)
    alpha = pilot.levels[0].alpha
    assert alpha.value == pytest.approx(0.823, abs=1e-3)
    assert alpha.low < alpha.value < alpha.high


def test_leaves_that_nobody_chose_change_nothing_and_take_no_room() -> None:
    import tracemalloc

    used, unused = (
        Taxonomy(1, (Node("used", "", tuple(Node(name, "") for name in "abc")), *(Node(name, "") for name in more)))
        for more in ((), [f"leaf {number}" for number in range(4000)])
    )
    rng = np.random.default_rng(0)
    votes = [
        Annotation(f"dm{item}", who, 1, tuple(dict.fromkeys(rng.choice(list("abc"), 2).tolist())), None)
        for item in range(60)
        for who in ("anna", "ben", "carl")
    ]
    [few] = agreement_by_round(votes, used, 100, 0)
    tracemalloc.start()
    [many] = agreement_by_round(votes, unused, 100, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4000 * 4000  # bytes; a matrix of all leaves has eight times as many
    assert many.leaves == few.leaves and many.pairs == few.pairs and many.confusions == few.confusions
    assert many.sets == few.sets and many.levels[-1].alpha == few.levels[-1].alpha
    assert [level.categories for level in many.levels] == [4001, 4003]
