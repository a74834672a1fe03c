"""What may become silver; nothing of validation or test may come near it."""

import polars as pl
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.silver import drawn, may_be_labelled, silver_labels, training_additions
from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.silver import ADDED, SILVER_LABELS
from pipeline.artifacts.splits import SPLITS
from pipeline.errors import UserError
from pipeline.evaluation.splitting import split
from pipeline.text.normalisation import normalised

Corpus = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]
LEAVES = ("joy", "awe", "worry")
#: several are the same text to a split: another width, case, length of a run, marks and blanks around it
TEXTS = (
    "哈哈哈",
    "哈",
    "ＡＷＳＬ！",
    "awsl",
    "？？？",
    "?",
    "来了",
    "来 了",
    "好\u200b看",
    "好看",
    "2",
    "22",
    "233",
    "\u3000",
)


def corpus(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    """COMMENTS from id, video and text, a second apart."""
    empty = dict.fromkeys(COMMENTS)
    return pl.DataFrame(
        [
            empty
            | {"comment_id": key, "video_id": video, "text": text, "onset_s": None if video is None else float(at)}
            for at, (key, video, text) in enumerate(rows)
        ],
        schema=COMMENTS,
    )


def split_as(**sides: str) -> pl.DataFrame:
    """SPLITS from id and side."""
    return pl.DataFrame([(key, side, "") for key, side in sides.items()], schema=SPLITS, orient="row")


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Comments, the gold of some of them (comment_id, leaf), and its splits: the pipeline's own or any others."""
    video = draw(st.sampled_from([st.none(), st.sampled_from(["v0", "v1", "v2", "v3", "v4", None])]))
    # some texts of their own, so that most corpora can be split
    texts = st.sampled_from(TEXTS) | st.integers(0, 60).map(lambda number: f"第{number}条")
    rows = draw(st.lists(st.tuples(video, texts), min_size=1, max_size=40))
    # ids in no order: nothing may rest on it
    names = draw(st.permutations([f"dm{number:02}" for number in range(len(rows))]))
    comments = corpus(*((name, *row) for name, row in zip(names, rows, strict=True)))
    leaves = draw(st.lists(st.sampled_from([*LEAVES, None]), min_size=len(rows), max_size=len(rows)))
    gold = pl.DataFrame(
        [(name, leaf) for name, leaf in zip(names, leaves, strict=True) if leaf is not None], schema=ADDED, orient="row"
    )
    try:
        splits = split(gold.join(comments, on="comment_id"), 0.2, 0.25, draw(st.integers(0, 9)))
        event("split as the pipeline splits")
    except UserError:
        sides = st.sampled_from(["train", "validation", "test", "left_out"])
        splits = split_as(**{name: draw(sides) for name in gold["comment_id"]})
        event("split by hand")
    return comments, gold, splits


def free_by_hand(comments: pl.DataFrame, splits: pl.DataFrame) -> list[str]:
    """Comment by comment what the rule says."""
    side = dict(splits.select("comment_id", "split").iter_rows())
    rows = comments.select("comment_id", "video_id", "text").rows()
    held = [(video, text) for key, video, text in rows if side.get(key) in ("validation", "test")]
    videos = {video for video, _ in held if video is not None}
    texts = {normalised(text) for _, text in held}
    return sorted(
        key for key, video, text in rows if key not in side and video not in videos and normalised(text) not in texts
    )


def said(key: str, leaf: str | None, confidence: float | None = None) -> Answer:
    return Answer(key, leaf, () if leaf is None else (leaf,), confidence, f"raw {key}", "", 1, 1)


@given(corpora())
@settings(max_examples=150, deadline=None)
def test_nothing_of_gold_of_a_held_out_video_or_with_a_held_out_text_may_be_labelled(found: Corpus) -> None:
    comments, gold, splits = found
    free = may_be_labelled(comments, splits)
    assert free["comment_id"].to_list() == free_by_hand(comments, splits)  # all the rest may
    assert dict(free.schema) == COMMENTS
    held = comments.join(splits.filter(pl.col("split").is_in(["validation", "test"])), on="comment_id")
    assert not set(free["comment_id"]) & set(gold["comment_id"])
    assert not set(free["video_id"].drop_nulls()) & set(held["video_id"].drop_nulls())
    assert not {normalised(text) for text in free["text"]} & {normalised(text) for text in held["text"]}


def test_who_is_left_out_and_who_is_not() -> None:
    comments = corpus(
        ("train", "v1", "好看"),
        ("valid", "v2", "哈哈哈"),
        ("test", "v3", "ＡＷＳＬ！"),
        ("test without video", None, "22"),
        ("left", "v3", "来了"),
        ("of the test video", "v3", "第一"),
        ("of the validation video", "v2", "第二"),
        ("same text as test", "v1", "awsl"),
        ("same text as validation", None, "哈"),
        ("same text as train", "v1", "好看"),
        ("same text as left out", "v4", "来了"),
        ("another number", None, "2"),  # digits mean something
        ("free", "v1", "泪目"),
        ("free without video", None, "泪目"),
    )
    splits = split_as(
        **{
            "train": "train",
            "valid": "validation",
            "test": "test",
            "test without video": "test",
            "left": "left_out",
        }
    )
    assert may_be_labelled(comments, splits)["comment_id"].to_list() == [
        "another number",
        "free",
        "free without video",
        "same text as left out",
        "same text as train",
    ]


def test_where_all_or_nothing_is_held_out_or_there_is_nothing() -> None:
    comments = corpus(("a", "v1", "好看"), ("b", None, "来了"))
    assert may_be_labelled(comments, split_as())["comment_id"].to_list() == ["a", "b"]
    assert may_be_labelled(comments, split_as(a="test", b="validation")).is_empty()
    assert may_be_labelled(comments.clear(), split_as()).is_empty()


@given(corpora(), st.data())
@settings(max_examples=80, deadline=None)
def test_agreed_is_a_part_of_silver_and_silver_of_what_may_be_labelled(found: Corpus, data: st.DataObject) -> None:
    comments, _, splits = found
    free = may_be_labelled(comments, splits)["comment_id"].to_list()
    leaf = st.sampled_from(LEAVES)
    confidence = st.none() | st.sampled_from([0.0, 0.4, 0.5, 0.6, 1.0])
    answers = [said(key, data.draw(leaf | st.none()), data.draw(confidence)) for key in free]
    student = {key: data.draw(leaf) for key in free}
    minimum = data.draw(st.sampled_from([0.0, 0.5]))
    labels = silver_labels(answers, student, minimum)
    added = training_additions(labels)
    assert list(added) == ["gold", "silver", "agreed"] and all(dict(frame.schema) == ADDED for frame in added.values())
    gold, silver, agreed = (set(frame.iter_rows()) for frame in added.values())
    assert gold == set() and agreed <= silver and {key for key, _ in silver} <= set(free)
    # by hand, answer by answer
    kept = {a for a in answers if a.leaf and (minimum == 0 or (a.confidence is not None and a.confidence >= minimum))}
    assert silver == {(a.comment_id, a.leaf) for a in kept}
    assert agreed == {(a.comment_id, a.leaf) for a in kept if a.leaf == student[a.comment_id]}


def test_answers_become_labels_and_what_is_below_the_confidence_is_not_kept() -> None:
    answers = [
        said("d", "joy", 0.5),
        said("c", "awe", 0.49),
        said("b", None),
        said("a", "worry"),
        Answer("e", "joy", ("joy", "awe"), 1.0, "{…}", "", 9, 9),
    ]
    student = {"a": "worry", "b": "joy", "c": "awe", "d": "awe", "e": "joy"}
    labels = silver_labels(answers, student, 0.5)
    assert dict(labels.schema) == SILVER_LABELS
    assert labels.rows() == [
        ("a", "worry", ["worry"], "llm", None, "worry", True, False, "raw a"),
        ("c", "awe", ["awe"], "llm", 0.49, "awe", True, False, "raw c"),
        ("d", "joy", ["joy"], "llm", 0.5, "awe", False, True, "raw d"),
        ("e", "joy", ["joy", "awe"], "llm", 1.0, "joy", True, True, "{…}"),
    ]
    # 0 asks for nothing, not even for a confidence
    assert silver_labels(answers, student, 0.0)["kept"].to_list() == [True] * 4
    added = training_additions(labels)
    assert added["silver"].rows() == [("d", "joy"), ("e", "joy")] and added["agreed"].rows() == [("e", "joy")]
    assert silver_labels([said("b", None)], student, 0.0).is_empty()


@given(st.integers(0, 30), st.integers(0, 40), st.integers(0, 40), st.integers(0, 99))
def test_a_smaller_draw_is_the_beginning_of_a_larger_one(total: int, one: int, other: int, seed: int) -> None:
    """So a second run with more comments keeps, and pays for, none of the first anew."""
    ids = [f"dm{number}" for number in range(total)]
    small, large = (drawn(ids, count, seed) for count in sorted((one or 99, other or 99)))
    assert large[: len(small)] == small
    assert len(small) == min(total, one or 99, other or 99)
    everything = drawn(ids, 0, seed)
    assert sorted(everything) == sorted(ids) and everything[: len(large)] == large


def test_a_draw_follows_its_seed() -> None:
    ids = [f"dm{number}" for number in range(50)]
    assert drawn(ids, 10, 1) == drawn(ids, 10, 1) != drawn(ids, 10, 2)
    first = [drawn(ids, 1, seed)[0] for seed in range(200)]
    assert len(set(first)) > 40  # anybody may be first
