import warnings
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from pipeline.annotation.tree.taxonomy import Node, Taxonomy
from pipeline.artifacts.agreement import Dispute, LeafAgreement, RoundAgreement
from pipeline.artifacts.silver import LeafQuality
from pipeline.reports.drawing import LARGEST
from pipeline.reports.label_pictures import draw_disputes, draw_model, draw_rounds
from pipeline.statistics.intervals import Interval, share
from tests.reports.comparisons import LEAVES, size
from tests.reports.pages import label_page


def tree(leaves: list[str]) -> Taxonomy:
    """Each leaf below one of two parents."""
    half = len(leaves) // 2
    parts = ([Node(leaf, "") for leaf in part] for part in (leaves[:half], leaves[half:]))
    return Taxonomy(1, tuple(Node(f"parent {place}", "", tuple(part)) for place, part in enumerate(parts)))


def disputed(leaves: list[str]) -> RoundAgreement:
    """A round in which each leaf was taken for the next, and the later leaves have more ratings."""
    rows = tuple(LeafAgreement(leaf, 2 + place, Interval(0.5), Interval(0.5)) for place, leaf in enumerate(leaves))
    disputes = tuple(Dispute(one, other, 2, {}, {}, ()) for one, other in pairwise(leaves))
    return replace(label_page().agreement.rounds[-1], leaves=rows, confusions=disputes)


def draw(leaves: list[str], folder: Path) -> None:
    draw_disputes(disputed(leaves), tree(leaves), folder / "disputes.png")
    quality = [LeafQuality(leaf, share(1, 2 + place), share(1, 2), None) for place, leaf in enumerate(leaves)]
    people = {leaf: Interval(0.5, 0.4, 0.6) for leaf in leaves[1:]}
    draw_model(quality, people, folder / "silver.png")


def test_any_name_is_drawn_without_boxes_and_the_same_bytes_twice(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(LEAVES, tmp_path / "one")
        draw(LEAVES, tmp_path / "two")
    for name in ("disputes.png", "silver.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_another_name_is_another_picture(tmp_path: Path) -> None:
    draw(["赞赏", "好奇"], tmp_path / "one")
    draw(["赞赏", "好笑"], tmp_path / "two")
    for name in ("disputes.png", "silver.png"):
        assert (tmp_path / "one" / name).read_bytes() != (tmp_path / "two" / name).read_bytes()


def test_with_many_leaves_and_rounds_pictures_stay_small(tmp_path: Path) -> None:
    draw([f"类别 {place}" for place in range(1500)], tmp_path)
    last = label_page().agreement.rounds[-1]
    rounds = [replace(last, round=number) for number in range(1, 301)]
    draw_rounds(rounds, {}, (0.5, "leaves"), tmp_path / "agreement.png")
    for name in ("disputes.png", "silver.png", "agreement.png"):
        assert max(size(tmp_path / name)) <= LARGEST
        assert size(tmp_path / name)[0] < 2700
