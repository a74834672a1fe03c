import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.annotation.model.question import Answer
from pipeline.annotation.model.silver import Check, quality
from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.round_agreement import agreement_by_round
from pipeline.annotation.tree.taxonomy import Node, Taxonomy
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.reports.labels import LabelBackground, write_page
from pipeline.reports.markdown import LONGEST, literal, one_line, quoted

LEAVES = ["joy", "awe", "worry", "ask"]
HOSTILE = [
    "a | b || c\\|d",
    "`code` ``x``",
    "one\ntwo\r\n\r\n# three\u2028four",
    "<b>bold</b> <script>alert(1)</script> <!-- -->",
    "[x](y) ![x](y) [x]: y [^1]",
    "*a* **b** _c_ __d__ ~~e~~ ~f~ $g$ &lt; &#42; \\*h\\*",
    "http://x.y www.x.y a@b.cd @who <http://x.y>",
    "\u202ebackwards\u202c \x00\x07\x1b[31m",
    "=HYPERLINK(1)",
    "\\",
]
PLAIN = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def tree(*leaves: str, kind: Any = "single-label") -> Taxonomy:
    """Two parents, with the first two leaves and the rest."""
    first, rest = ([Node(leaf, "") for leaf in part] for part in (leaves[:2], leaves[2:]))
    return Taxonomy(1, (Node("bright", "", tuple(first)), Node("dark", "", tuple(rest))), kind)


def said(number: int, *lines: str) -> list[Annotation]:
    """`"joy joy awe"`: what A, B and C said of a comment; `-` is nothing."""
    return [
        Annotation(f"dm{number}{place}", annotator, number, tuple(labels.split(";")), None)
        for place, line in enumerate(lines)
        for annotator, labels in zip("ABC", line.split())
        if labels != "-"
    ]


PILOT = said(1, "joy joy awe", "awe worry ask", "ask ask ask")
SECOND = said(2, *["joy joy awe"] * 3, *["joy joy joy"] * 4, *["awe awe awe;joy"] * 4, "worry ask worry",
              *["worry worry worry"] * 3, "ask ask ask", "joy awe worry")  # fmt: skip
NOBODY_TWICE = said(3, "joy - -", "- awe -")


def checked(answers: dict[str, str | None], confidence: float | None = 0.8, unsure: str = "") -> dict[str, Any]:
    """The model's quality where gold is joy, joy, joy, awe; the student says joy, joy, awe, awe."""
    gold = dict(zip("wxyz", ["joy", "joy", "joy", "awe"], strict=True))
    check = Check(
        gold=gold,
        neighbours=dict.fromkeys(gold, "awe"),
        candidates=dict.fromkeys(gold, ("joy", "awe")),
        student=dict(zip("wxyz", ["joy", "joy", "awe", "awe"], strict=True)),
        majority="worry",
    )
    given = [
        Answer(key, leaf, (leaf,) if leaf else (), 0.2 if key in unsure else confidence, "", "", 0, 0)
        for key, leaf in answers.items()
    ]
    return as_json(quality(check, given, LEAVES))


def as_json(content: Any) -> Any:
    return json.loads(json.dumps(content, allow_nan=False))


def silver(found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "annotator": "server",
        "model": "some_model",
        "served_by": ["some_model-2"],
        "may_be_labelled": 1234,
        "labelled": 1000,
        "unanswered": 7,
        "left_for_budget": 5,
        "kept": 900,
        "agreed": 300,
        "quality": found,
    } | more


def issues(texts: list[str], agreement: float = 1.0) -> pl.DataFrame:
    """Doubts about the first comments of round 2."""
    rows = [
        {"rank": place + 1, "comment_id": f"dm2{place}", "before": "", "text": text, "after": text, "leaf": "joy",
         "suggested": "awe", "quality": 1 / 3 / (place + 1), "probability_of_suggested": 2 / 3, "split": "train",
         "agreement": agreement, "votes": "A:joy B:awe;joy"}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LABEL_ISSUES)


def background(annotations: list[Annotation] | None = None, **changes: Any) -> LabelBackground:
    """Two rounds, the first left out, a good model annotator, two doubted labels."""
    taxonomy, annotations = tree(*LEAVES), annotations or [*PILOT, *SECOND]
    labels, counts = settle([vote for vote in annotations if vote.round > 1], {}, 1, taxonomy)
    rounds = agreement_by_round(annotations, taxonomy, 100, 0)
    made = LabelBackground(
        rounds=as_json([found.record() for found in rounds]),
        label={"labelled": len(labels), "passed_gate": True, "settled": counts | {"not_in_corpus": 3}},
        excluded_rounds=[1],
        train_only_rounds=[],
        minimum_alpha=0.5,
        taxonomy=taxonomy,
        labels=labels,
        texts={vote.comment_id: f"弹幕{vote.comment_id}" for vote in annotations},
        splits={"train": 9, "validation": 4, "test": 3, "left_out": 1, "videos": 2},
        silver=silver(checked({"w": "joy", "x": "joy", "y": "joy", "z": "awe"})),
        silver_cost={"device": "cpu", "seconds": 2.5, "input_tokens": 12345, "money": 0.0125, "requests": 40},
        issues=issues(["哈哈", "泪目"]),
    )
    return replace(made, **changes)


def page(folder: Path, **changes: Any) -> str:
    write_page(background(**changes), folder)
    return (folder / "annotation.md").read_text(encoding="utf-8")


def tables(text: str) -> list[list[list[Token]]]:
    """Every table's rows of cells, header first, each an inline token."""
    found: list[list[list[Token]]] = []
    inside = False
    for token in PLAIN.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            inside = True
        elif token.type == "inline" and inside:
            found[-1][-1].append(token)
            inside = False
    return found


def shown(token: Token) -> str:
    """What a reader sees of it, where nothing is markup."""
    seen = []
    for child in token.children or []:
        if child.type != "html_inline" or child.content != "<!-- -->":
            assert child.type in ("text", "text_special"), (child.type, child.content)
            seen.append(child.content)
    return "".join(seen)


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of the table whose header begins so, as they are written."""
    (found,) = (table for table in tables(text) if table[0][0].content == first)
    assert len({len(row) for row in found}) == 1
    return [[cell.content for cell in row] for row in found[1:]]


def row(text: str, first: str, name: str) -> list[str]:
    (found,) = (line[1:] for line in rows(text, first) if line[0] == name)
    return found


def test_a_page_has_every_section_its_pictures_and_its_table(tmp_path: Path) -> None:
    text = page(tmp_path)
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


def test_the_summary_says_how_many_by_whom_and_how_far_they_agree(tmp_path: Path) -> None:
    summary = page(tmp_path).split("\n\n")[1]
    alpha = background().rounds[-1]["levels"][-1]["alpha"]
    # of 17 comments in round 2 one is a tie without adjudication
    assert summary.startswith("16 comments have a gold label, from 3 annotators in round 2. ")
    assert f"alpha of the leaves is {alpha['value']:.3f} [{alpha['low']:.3f}, {alpha['high']:.3f}]" in summary
    assert "1,000 further comments have a silver label by some_model" in summary and "4 of 4" in summary
    assert "doubts 2 of the gold labels (12%)" in summary


def test_the_gate_is_passed_narrowly_clearly_not_or_not_set(tmp_path: Path) -> None:
    alpha = background().rounds[-1]["levels"][-1]["alpha"]
    assert "passes the gate of 0.1." in page(tmp_path, minimum_alpha=0.1)
    narrow = round((alpha["low"] + alpha["value"]) / 2, 3)
    assert f"passes the gate of {narrow:g}, though the interval reaches below" in page(tmp_path, minimum_alpha=narrow)
    failed = background().label | {"passed_gate": False}
    assert "**it does not pass the gate of 0.9**" in page(tmp_path, minimum_alpha=0.9, label=failed)
    assert "no gate is set" in page(tmp_path, minimum_alpha=0.0)


def test_an_alpha_below_the_gate_is_not_rounded_up_to_it(tmp_path: Path) -> None:
    made = background()
    made.rounds[-1]["levels"][-1]["alpha"] = {"value": 0.7997, "low": 0.7, "high": 0.9}
    failed = made.label | {"passed_gate": False}
    text = page(tmp_path, minimum_alpha=0.8, label=failed, rounds=made.rounds)
    assert "is 0.799 [0.700, 0.900] (95% interval); **it does not pass the gate of 0.8**" in text


def test_where_a_text_may_have_several_labels_the_alpha_of_the_sets_is_the_one(tmp_path: Path) -> None:
    text = page(tmp_path, taxonomy=tree(*LEAVES, kind="multi-label"))
    assert f"alpha of the label sets is {background().rounds[-1]['sets']['value']:.3f}" in text


def test_every_round_has_its_row_with_alpha_per_level(tmp_path: Path) -> None:
    text = page(tmp_path, train_only_rounds=[2])
    first, second = rows(text, "round")
    assert (first[0], second[0]) == ("round-1 (left out)", "round-2 (trains only)")
    leaves, level = (background().rounds[1]["levels"][place] for place in (1, 0))
    assert second[1:6] == [
        "17",
        "17",
        "3",
        f"{leaves['percent']['value']:.3f}",
        f"{leaves['fleiss_kappa']['value']:.3f}",
    ]
    assert second[6].startswith(f"{leaves['alpha']['value']:.3f} [") and second[7].startswith(
        f"{level['alpha']['value']:.3f} ["
    )


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    text = page(tmp_path, train_only_rounds=[2])
    assert rows(text, "did not count") == [
        ["round 1 (`label.exclude_rounds`)", "3"],
        ["ties without adjudication", "1"],
        ["fewer annotators than `label.minimum_annotators`", "0"],
        ["not in the corpus", "3"],
    ]
    assert "9 train, 4 validation, 3 test; 1 gold labels are kept out" in text
    assert "16 gold labels are of comments that came in with round 2. These only train" in text
    assert "came in with" not in page(tmp_path)
    again = [replace(vote, round=4) for vote in SECOND[:6]]  # labelled anew, and in test or validation as before
    text = page(tmp_path, **vars_of([*SECOND, *again]), train_only_rounds=[4])
    assert "0 gold labels are of comments that came in with round 4." in text


def test_disputes_name_the_pair_the_sides_and_examples(tmp_path: Path) -> None:
    text = page(tmp_path)
    pairs, examples = (table for table in tables(text) if table[0][0].content == "disputed")
    # joy or awe: 2 pairs in each of three comments, 1 in the comment where all differ; A and B against C thrice
    assert [cell.content for cell in pairs[1]] == ["joy or awe?", "A 4, B 3", "B 1, C 3", "7", "64%"]
    assert [cell.content for cell in examples[1]] == ["joy or awe?", "“弹幕dm20”", "joy: A, B; awe: C"]


def test_an_annotator_alone_against_all_others_is_named(tmp_path: Path) -> None:
    habit = said(2, *["joy joy awe"] * 3, *["joy joy joy", "awe awe awe"] * 4)
    assert "C alone says awe where others say joy (3 comments)" in page(tmp_path, **vars_of(habit))
    assert "alone says" not in page(tmp_path)  # B says awe, too
    slip = said(2, *["joy joy awe"] * 2, *["joy joy joy", "awe awe awe"] * 4)
    assert "alone says" not in page(tmp_path, **vars_of(slip))


def vars_of(annotations: list[Annotation]) -> dict[str, Any]:
    made = background(annotations)
    return {name: getattr(made, name) for name in ("rounds", "label", "labels", "texts")}


def test_leaves_stand_by_reliability_and_annotators_by_pair(tmp_path: Path) -> None:
    found = background().rounds[1]
    expected = sorted(found["leaves"], key=lambda entry: entry["alpha"]["value"])
    text = page(tmp_path)
    (leaves,) = (table for table in tables(text) if table[0][-1].content.startswith("said by another"))
    assert [line[0].content for line in leaves[1:]] == [entry["leaf"] for entry in expected]
    (pairs,) = (table for table in tables(text) if table[0][-1].content.startswith("Cohen"))
    assert [line[0].content for line in pairs[1:]] == ["A and B", "A and C", "B and C"]
    assert pairs[1][3].content.startswith(f"{found['pairs'][0]['cohen_kappa']['value']:.3f} [")


def test_a_round_in_which_nobody_is_compared_has_dashes_and_the_one_before_is_shown(tmp_path: Path) -> None:
    text = page(tmp_path, **vars_of([*PILOT, *SECOND, *NOBODY_TWICE]))
    assert row(text, "round", "round-3") == ["2", "0", "2", "–", "–", "–", "–", "–"]
    assert "round 3, has no Krippendorff's alpha" in text
    assert "In round 2, " in text and (tmp_path / "disputes.png").exists()


def test_without_any_second_rating_there_is_nothing_to_compare(tmp_path: Path) -> None:
    text = page(tmp_path, **vars_of(NOBODY_TWICE), excluded_rounds=[])
    assert "No comment has two ratings" in text and not (tmp_path / "disputes.png").exists()
    assert (tmp_path / "agreement.png").exists() and "None" not in text


def test_an_estimate_without_an_interval_stands_alone(tmp_path: Path) -> None:
    rounds = as_json([found.record() for found in agreement_by_round([*PILOT, *SECOND], tree(*LEAVES), 0, 0)])
    text = page(tmp_path, rounds=rounds)
    assert row(text, "round", "round-2")[-1] == f"{rounds[1]['sets']['value']:.3f}"


def test_perfect_agreement_leaves_no_dispute_to_show(tmp_path: Path) -> None:
    text = page(tmp_path, **vars_of(said(2, *["joy joy joy"] * 3, *["awe awe awe"] * 3)))
    assert "Nobody differed from anybody in round 2." in text
    assert "The first have no more of them than gold at large" in text


def test_without_a_model_annotator_there_is_only_gold(tmp_path: Path) -> None:
    text = page(tmp_path, silver={"annotator": "none"}, silver_cost={})
    assert "There are no silver labels." in text and "all labels are gold" in text
    assert "silver.png" not in text and not (tmp_path / "silver.png").exists()
    assert "Silver labels only ever train" not in text


RIGHT: dict[str, str | None] = {"w": "joy", "x": "joy", "y": "joy", "z": "awe"}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        # the student has 3 of 4, the nearest examples 1, the majority leaf 0
        (RIGHT, "That is more than its nearest examples alone (0.250), a student trained on gold (0.750)"),
        (RIGHT | {"y": "ask"}, "**Expect little from training on these labels:** a student trained on gold (0.750) is"),
        (
            dict.fromkeys("wxy", "ask") | {"z": "awe"},
            "**Do not train on these labels:** its nearest examples alone (0.250)",
        ),
        (dict.fromkeys("wxyz", "ask"), "and the majority leaf (0.000) are right at least as often."),
        ({}, "**Do not train on these labels:** none was checked against gold"),
    ],
)
def test_the_advice_is_what_the_check_bears(tmp_path: Path, answers: dict[str, str | None], words: str) -> None:
    text = page(tmp_path, silver=silver(checked(answers)))
    assert text.count(words) == 2  # in the summary and in the section
    assert (tmp_path / "silver.png").exists() == bool(answers)


def test_the_model_stands_beside_what_needs_no_model(tmp_path: Path) -> None:
    text = page(tmp_path, silver=silver(checked(RIGHT | {"x": "ask", "y": None})))
    # Wilson's interval of 2 of 4 (z = 1.96): (2 + 1.92) / (4 + 3.84) ± 1.96 √(4 / 4 + 0.96) / 7.84
    assert row(text, "agreement with gold", "**some_model**") == [
        "2 of 4",
        "0.500 [0.150, 0.850]",
    ]
    assert row(text, "agreement with gold", "its nearest examples alone")[0] == "1 of 4"
    assert row(text, "agreement with gold", "a student trained on gold")[0] == "3 of 4"
    assert row(text, "agreement with gold", "the majority leaf")[0] == "0 of 4"
    assert row(text, "agreement with gold", "gold's leaf was among those asked about")[0] == "4 of 4"
    assert "(server, served by some_model-2)" in text
    assert "1,234 may become silver and 1,000 did; 7 had no answer that can be used, and 5 questions were left" in text
    assert "Of the 4, 1 had no answer that can be used" in text


def test_each_leaf_has_recall_precision_and_what_annotators_reach(tmp_path: Path) -> None:
    text = page(tmp_path, silver=silver(checked(RIGHT | {"x": "ask", "y": "ask"})))
    people = {entry["leaf"]: f"{entry['specific']['value']:.3f}" for entry in background().rounds[1]["leaves"]}
    (found,) = (table for table in tables(text) if table[0][1].content == "mostly mistaken for")
    cells = {line[0].content: [cell.content for cell in line[1:]] for line in found[1:]}
    assert list(cells) == ["joy", "awe", "ask"]
    assert cells["joy"][0] == "ask" and cells["joy"][1] == "3" and cells["joy"][2].startswith("0.333 [")
    assert cells["ask"][1:5] == ["0", "–", "2", "0.000 [0.000, 0.658]"]
    assert all(cells[leaf][5].startswith(people[leaf]) for leaf in cells)
    assert "Its most frequent answer is ask, which is right in 0 of 2." in text


def test_filtering_by_the_student_says_what_it_leaves_and_whether_it_helps(tmp_path: Path) -> None:
    text = page(tmp_path)  # the two agree on w, x and z, all right; the student alone has 3 of 4
    assert "leaves 300 of 900 labels" in text and "right in 3 of 3, 1.000 [0.439, 1.000]" in text
    assert "The interval includes the student's share" in text
    never = checked(dict.fromkeys("wxyz", "ask"))
    assert "the two never agree" in page(tmp_path, silver=silver(never))
    worse = checked({"w": "ask", "x": "ask", "y": "awe", "z": "ask"})  # they agree on y, where both are wrong
    assert "right in 0 of 1" in (text := page(tmp_path, silver=silver(worse))) and "singles out nothing" in text


def test_confidence_is_shown_where_the_model_gave_any(tmp_path: Path) -> None:
    text = page(tmp_path, silver=silver(checked(RIGHT, unsure="yz")))
    assert row(text, "confidence of at least", "0.50") == ["2 of 2", "1.000 [0.342, 1.000]"]
    assert row(text, "confidence of at least", "0.90") == ["0 of 0", "–"]
    assert "gave no confidence" in page(tmp_path, silver=silver(checked(RIGHT, confidence=None)))


def test_costs_are_those_that_were_measured(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "What it cost (on cpu): 12,345 tokens read, 40 requests, 0.0125 in the money of" in text
    assert "2.5 seconds." in text
    assert "What it cost was not measured." in page(tmp_path, silver_cost={})


def test_doubts_are_counted_by_split_and_checked_against_what_annotators_say(tmp_path: Path) -> None:
    text = page(tmp_path, issues=issues(["哈哈", "泪目"], agreement=2 / 3))
    assert row(text, "split", "train") == ["9", "2", "22%"]
    assert row(text, "split", "test") == ["3", "0", "0%"]
    # of 16 gold labels the three joy joy awe and worry ask worry are not of one mind; two of these are doubted
    assert row(text, "gold labels", "first 1 doubted")[0] == "1 of 1"
    assert row(text, "gold labels", "not doubted")[0] == "2 of 14"
    assert row(text, "gold labels", "all gold")[0] == "4 of 16"
    assert "does not show that the order is better than chance" in text
    assert row(text, "rank", "1") == ["“哈哈”", "joy", "awe", "train", "0.333", "0.667", "67%"]


def test_an_order_that_finds_what_annotators_differed_on_is_worth_something(tmp_path: Path) -> None:
    annotations = said(2, *["joy joy awe"] * 10, *["joy joy joy", "awe awe awe"] * 100)
    many = issues(["哈哈"] * 100).with_columns(
        agreement=pl.when(pl.col("rank") <= 10).then(2 / 3).otherwise(1.0)
    )  # fmt: skip
    text = page(tmp_path, **vars_of(annotations), issues=many)
    assert row(text, "gold labels", "first 10 doubted")[0] == "10 of 10"
    assert "the order is worth something" in text
    assert len(rows(text, "rank")) == 15


def test_nothing_in_doubt_is_said_and_leaves_an_empty_table(tmp_path: Path) -> None:
    assert "doubts no gold label" in page(tmp_path, issues=pl.DataFrame(schema=LABEL_ISSUES))
    read = pl.read_csv(tmp_path / "label_issues.csv", schema=LABEL_ISSUES)
    assert read.is_empty()


def test_the_doubted_labels_can_be_read_again_as_they_were(tmp_path: Path) -> None:
    frame = issues([*HOSTILE, "", " ", '"', "\ufeff", "\r"])
    page(tmp_path, issues=frame)
    assert pl.read_csv(tmp_path / "label_issues.csv", schema=LABEL_ISSUES).equals(frame)


def test_texts_cannot_leave_their_cells_or_become_markup(tmp_path: Path) -> None:
    texts = {f"dm2{place}": HOSTILE[place % len(HOSTILE)] for place in range(17)}
    text = page(tmp_path, texts=texts, issues=issues(HOSTILE))
    (doubts,) = (table for table in tables(text) if table[0][0].content == "rank")
    assert [shown(line[1]) for line in doubts[1:]] == [f"“{one_line(hostile)}”" for hostile in HOSTILE]
    for table in tables(text):
        assert len({len(line) for line in table}) == 1
    assert text.count("\n# ") == 0 and text.count("\n## ") == 6
    assert not any(sign in text for sign in "\u202e\x00\x1b\r\u2028")


@given(st.text() | st.text("`|*_[]()<>!~$&#;:/@.\\- \nawb弹", max_size=20))
def test_any_text_comes_out_of_a_table_as_it_went_in(text: str) -> None:
    ((_, (cell, last)),) = tables(f"| text | last |\n|---|---|\n| {literal(text)} | x |\n")
    assert (shown(cell), shown(last)) == (one_line(text), "x")


def test_a_long_text_is_cut_before_it_is_escaped() -> None:
    assert quoted("|" * LONGEST) == "“" + "&#124;" * LONGEST + "”"
    assert quoted("|" * (LONGEST + 1)) == "“" + "&#124;" * LONGEST + "…”"


def test_names_of_leaves_and_annotators_are_no_markup_either(tmp_path: Path) -> None:
    names = {"joy": "*喜|悦*", "awe": "$a$ $b$"}
    votes = [
        replace(vote, annotator=f"<{vote.annotator}>|_x_", leaves=tuple(names.get(leaf, leaf) for leaf in vote.leaves))
        for vote in SECOND
    ]
    taxonomy = tree(*names.values(), *LEAVES[2:])
    labels, _ = settle(votes, {}, 1, taxonomy)
    rounds = as_json([found.record() for found in agreement_by_round(votes, taxonomy, 100, 0)])
    model = silver(checked({}), model="# `x` [y](z)")
    text = page(tmp_path, taxonomy=taxonomy, rounds=rounds, labels=labels, silver=model)
    pairs = next(table for table in tables(text) if table[0][0].content == "disputed")
    assert [shown(cell) for cell in pairs[1][:2]] == ["*喜|悦* or $a$ $b$?", "<A>|_x_ 4, <B>|_x_ 3"]
    assert "stands by its place in the taxonomy" in text and "stands by its place" not in page(tmp_path)
    assert not any(token.type == "heading_open" and token.tag == "h1" for token in PLAIN.parse(text)[3:])


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        page(tmp_path / name)
    files = sorted(file.name for file in (tmp_path / "one").iterdir())
    assert len(files) == 5
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)
    assert b"matplotlib" not in (tmp_path / "one" / "agreement.png").read_bytes().lower()
