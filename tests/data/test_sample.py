"""The sample that ships: what its card says of it is so."""

from collections import Counter

import polars as pl
import pytest

from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.reading import read_adjudication, read_rounds
from pipeline.annotation.tree.taxonomy import load_taxonomy
from tests.conftest import ROOT, SHARED
from tests.danmu.samples import parsed

DATA = ROOT / "data"


@pytest.fixture(scope="module")
def comments() -> pl.DataFrame:
    frame, _, census = parsed(DATA / "raw")
    assert census.total("duplicates") > 9000  # hourly snapshots overlap
    return frame


def test_first_record_is_the_published_one(comments: pl.DataFrame) -> None:
    first = comments.row(by_predicate=pl.col("comment_id") == "dm26132238280687620", named=True)
    assert (first["video_id"], first["chat_id"], first["onset_s"]) == ("78462684", "134249478", 10.865)
    assert first["text"] == "先点赞，后观看！" and first["sender"] == "15953525"


def test_it_is_as_large_and_as_varied_as_the_card_says(comments: pl.DataFrame) -> None:
    assert 1800 <= len(comments) <= 1900 and comments["video_id"].n_unique() == 20
    assert comments["text"].str.len_chars().median() in range(9, 14)
    assert comments["snapshots"].median() > 3  # hourly snapshots overlap
    assert comments["text"].is_duplicated().mean() > 0.05


def test_every_label_is_of_a_comment_and_all_leaves_occur(comments: pl.DataFrame) -> None:
    taxonomy = load_taxonomy(DATA / "taxonomy.yaml")
    votes = read_rounds(DATA / "annotations", taxonomy)
    assert {vote.comment_id for vote in votes} <= set(comments["comment_id"])
    assert Counter(vote.round for vote in votes) == {1: 3 * 130, 2: 3 * 850, 3: 3 * 833}
    adjudicated = read_adjudication(DATA / "annotations", taxonomy)
    labels, counts = settle([v for v in votes if v.round > 1], adjudicated, 2, taxonomy)
    assert counts["tied_left_out"] == 0 and set(labels["leaf"]) == set(taxonomy.leaves)
    assert labels["agreement"].min() < 1  # true disagreements are kept


def test_rejected_records_have_their_reasons(comments: pl.DataFrame) -> None:
    _, rejected, _ = parsed(DATA / "raw")
    reasons = " ".join(rejected["reason"].unique())
    for part in ("error page saved as data", "unclosed <d>"):
        assert part in reasons


def test_nothing_but_stock_syllables_stands_in_the_real_corpora_too(comments: pl.DataFrame) -> None:
    folder = SHARED / "real-danmu" / "labels" / "raw"
    if not folder.is_dir():
        pytest.skip("the corpus of real danmu is not here")
    real = set(parsed(folder)[0]["text"])
    shared = [text for text in comments["text"].unique() if text in real and len(set(text)) > 4]
    assert len(shared) <= 5, shared
