from dataclasses import replace
from pathlib import Path

from pipeline.annotation.rounds.consensus import settle
from pipeline.reports.labels import resampling
from pipeline.reports.markdown import one_line
from pipeline.statistics.intervals import Interval
from tests.reports.pages import (
    HOSTILE,
    LEAVES,
    NOBODY_TWICE,
    PILOT,
    PLAIN,
    SECOND,
    agreement,
    checked,
    issues,
    label_page,
    of_votes,
    row,
    rows,
    shown,
    silver,
    tables,
    text_of,
    tree,
    written,
)


def test_a_page_has_every_section_its_pictures_and_its_table(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Can these labels be trusted?",
        "## Agreement, round by round",
        "## What was left out",
        "## Where annotators differ",
        "## The model annotator",
        "## Labels that look doubtful",
        "## How to read this",
    ]
    assert {file.name for file in tmp_path.iterdir()} == {
        "annotation.md", "label_issues.csv", "agreement.png", "disputes.png", "silver.png"
    }  # fmt: skip
    for name in ("agreement.png", "disputes.png", "silver.png", "label_issues.csv"):
        assert f"({name})" in text
    assert "danmu annotate export -o batches/again --ids reports/label_issues.csv --size 50" in text
    assert "None" not in text and "nan" not in text


def test_the_summary_says_how_many_by_whom_and_how_far_they_agree() -> None:
    summary = text_of().split("\n\n")[1]
    alpha = label_page().agreement.rounds[-1].levels[-1].alpha
    # of 17 comments in round 2 one is a tie without adjudication
    assert summary.startswith("16 comments have a gold label, from 3 annotators in round 2. ")
    assert f"alpha of the leaves is {alpha.value:.3f} [{alpha.low:.3f}, {alpha.high:.3f}]" in summary
    assert "1,000 further comments have a silver label by some_model" in summary and "4 of 4" in summary
    assert "doubts 2 of the gold labels (12%)" in summary


def test_the_gate_is_passed_narrowly_clearly_not_or_not_set() -> None:
    alpha = label_page().agreement.rounds[-1].levels[-1].alpha
    assert alpha.low is not None and alpha.value is not None
    assert "passes the gate of 0.1." in text_of(minimum_alpha=0.1)
    narrow = round((alpha.low + alpha.value) / 2, 3)
    assert f"passes the gate of {narrow:g}, though the interval reaches below" in text_of(minimum_alpha=narrow)
    failed = replace(label_page().label, passed_gate=False)
    assert "**it does not pass the gate of 0.9**" in text_of(minimum_alpha=0.9, label=failed)
    assert "no gate is set" in text_of(minimum_alpha=0.0)
    lower = text_of(minimum_alpha=0.1, minimum_alpha_of="lower")
    assert "(95% interval), whose lower end counts (`label.minimum_alpha_of`); it passes the gate of 0.1." in lower


def test_an_alpha_below_the_gate_is_not_rounded_up_to_it() -> None:
    made = label_page()
    last = made.agreement.rounds[-1]
    levels = (*last.levels[:-1], replace(last.levels[-1], alpha=Interval(0.7997, 0.7, 0.9)))
    rounds = (*made.agreement.rounds[:-1], replace(last, levels=levels))
    failed = replace(made.label, passed_gate=False)
    text = text_of(minimum_alpha=0.8, label=failed, agreement=replace(made.agreement, rounds=rounds))
    assert "is 0.799 [0.700, 0.900] (95% interval); **it does not pass the gate of 0.8**" in text


def test_where_a_text_may_have_several_labels_the_alpha_of_the_sets_is_the_one() -> None:
    text = text_of(taxonomy=tree(*LEAVES, kind="multi-label"))
    assert f"alpha of the label sets is {label_page().agreement.rounds[-1].sets.value:.3f}" in text


def test_every_round_has_its_row_with_alpha_per_level() -> None:
    text = text_of(train_only_rounds=[2])
    first, second = rows(text, "round")
    assert (first[0], second[0]) == ("round-1 (left out)", "round-2 (trains only)")
    level, leaves = label_page().agreement.rounds[1].levels
    assert second[1:6] == ["17", "17", "3", f"{leaves.percent.value:.3f}", f"{leaves.fleiss_kappa.value:.3f}"]
    assert second[6].startswith(f"{leaves.alpha.value:.3f} [") and second[7].startswith(f"{level.alpha.value:.3f} [")


def test_the_page_says_in_which_rounds_the_bootstrap_draws_what() -> None:
    assert "draws single comments in rounds 1 and 2, each of which has comments of fewer than 10 videos." in text_of()
    pilot, second = label_page().agreement.rounds
    many = replace(second, resampled="videos")
    assert resampling([pilot, many]) == [
        "The bootstrap behind the intervals draws whole videos in round 2 and single comments in round 1, which has "
        "comments of fewer than 10 videos."
    ]
    assert resampling([many]) == ["The bootstrap behind the intervals draws whole videos in round 2."]
    assert resampling([replace(many, paired_items=0)]) == []


def test_a_round_in_which_nobody_is_compared_has_dashes_and_the_one_before_is_shown(tmp_path: Path) -> None:
    text = written(tmp_path, **of_votes([*PILOT, *SECOND, *NOBODY_TWICE]))
    assert row(text, "round", "round-3") == ["2", "0", "2", "–", "–", "–", "–", "–"]
    assert "round 3, has no Krippendorff's alpha" in text
    assert "In round 2, " in text and (tmp_path / "disputes.png").exists()


def test_without_any_second_rating_there_is_nothing_to_compare(tmp_path: Path) -> None:
    text = written(tmp_path, **of_votes(NOBODY_TWICE), excluded_rounds=[])
    assert "No comment has two ratings" in text and not (tmp_path / "disputes.png").exists()
    assert (tmp_path / "agreement.png").exists() and "None" not in text


def test_an_estimate_without_an_interval_stands_alone() -> None:
    rounds = agreement([*PILOT, *SECOND], times=0)
    text = text_of(agreement=rounds)
    assert row(text, "round", "round-2")[-1] == f"{rounds.rounds[1].sets.value:.3f}"


def test_texts_cannot_leave_their_cells_or_become_markup() -> None:
    texts = {f"dm2{place}": HOSTILE[place % len(HOSTILE)] for place in range(17)}
    text = text_of(texts=texts, issues=issues(HOSTILE))
    (doubts,) = (table for table in tables(text) if table[0][0].content == "rank")
    assert [shown(line[1]) for line in doubts[1:]] == [f"“{one_line(hostile)}”" for hostile in HOSTILE]
    for table in tables(text):
        assert len({len(line) for line in table}) == 1
    assert text.count("\n# ") == 0 and text.count("\n## ") == 6
    assert not any(sign in text for sign in "\u202e\x00\x1b\r\u2028")


def test_names_of_leaves_and_annotators_are_no_markup_either() -> None:
    names = {"joy": "*喜|悦*", "awe": "$a$ $b$"}
    votes = [
        replace(vote, annotator=f"<{vote.annotator}>|_x_", leaves=tuple(names.get(leaf, leaf) for leaf in vote.leaves))
        for vote in SECOND
    ]
    taxonomy = tree(*names.values(), *LEAVES[2:])
    labels, _ = settle(votes, {}, 1, taxonomy)
    model = silver(checked({}), model="# `x` [y](z)")
    text = text_of(taxonomy=taxonomy, agreement=agreement(votes, taxonomy), labels=labels, silver=model)
    pairs = next(table for table in tables(text) if table[0][0].content == "disputed")
    assert [shown(cell) for cell in pairs[1][:2]] == ["*喜|悦* or $a$ $b$?", "<A>|_x_ 4, <B>|_x_ 3"]
    assert not any(token.type == "heading_open" and token.tag == "h1" for token in PLAIN.parse(text)[3:])


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name)
    files = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert len(files) == 5
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)
    assert b"matplotlib" not in (tmp_path / "one" / "agreement.png").read_bytes().lower()
