from pathlib import Path

import pytest

from pipeline.artifacts.costs import SilverCost
from pipeline.artifacts.silver import SilverSummary
from tests.reports.pages import RIGHT, checked, label_page, row, silver, tables, text_of, written


def test_without_a_model_annotator_there_is_only_gold(tmp_path: Path) -> None:
    text = written(tmp_path, silver=SilverSummary("none"), silver_cost=SilverCost())
    assert "There are no silver labels." in text and "all labels are gold" in text
    assert "silver.png" not in text and not (tmp_path / "silver.png").exists()
    assert "Silver labels only ever train" not in text


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
    text = written(tmp_path, silver=silver(checked(answers)))
    assert text.count(words) == 2  # in the summary and in the section
    assert (tmp_path / "silver.png").exists() == bool(answers)


def test_the_model_stands_beside_what_needs_no_model() -> None:
    text = text_of(silver=silver(checked(RIGHT | {"x": "ask", "y": None})))
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


def test_each_leaf_has_recall_precision_and_what_annotators_reach() -> None:
    text = text_of(silver=silver(checked(RIGHT | {"x": "ask", "y": "ask"})))
    people = {leaf.leaf: f"{leaf.specific.value:.3f}" for leaf in label_page().agreement.rounds[1].leaves}
    (one,) = (table for table in tables(text) if table[0][1].content == "mostly mistaken for")
    cells = {line[0].content: [cell.content for cell in line[1:]] for line in one[1:]}
    assert list(cells) == ["joy", "awe", "ask"]
    assert cells["joy"][0] == "ask" and cells["joy"][1] == "3" and cells["joy"][2].startswith("0.333 [")
    assert cells["ask"][1:5] == ["0", "–", "2", "0.000 [0.000, 0.658]"]
    assert all(cells[leaf][5].startswith(people[leaf]) for leaf in cells)
    assert "Its most frequent answer is ask, which is right in 0 of 2." in text


def test_filtering_by_the_student_says_what_it_leaves_and_whether_it_helps() -> None:
    text = text_of()  # the two agree on w, x and z, all right; the student alone has 3 of 4
    assert "leaves 300 of 900 labels" in text and "right in 3 of 3, 1.000 [0.439, 1.000]" in text
    assert "The interval includes the student's share" in text
    never = checked(dict.fromkeys("wxyz", "ask"))
    assert "the two never agree" in text_of(silver=silver(never))
    worse = checked({"w": "ask", "x": "ask", "y": "awe", "z": "ask"})  # they agree on y, where both are wrong
    assert "right in 0 of 1" in (text := text_of(silver=silver(worse))) and "singles out nothing" in text


def test_confidence_is_shown_where_the_model_gave_any() -> None:
    text = text_of(silver=silver(checked(RIGHT, unsure="yz")))
    assert row(text, "confidence of at least", "0.50") == ["2 of 2", "1.000 [0.342, 1.000]"]
    assert row(text, "confidence of at least", "0.90") == ["0 of 0", "–"]
    assert "gave no confidence" in text_of(silver=silver(checked(RIGHT, confidence=None)))


def test_costs_are_those_that_were_measured() -> None:
    text = text_of()
    assert "What it cost (on cpu): 12,345 tokens read, 40 requests, 0.0125 in the money of" in text
    assert "2.5 seconds." in text
    assert "What it cost was not measured." in text_of(silver_cost=SilverCost())
