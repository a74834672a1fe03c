"""A page on labels that tests can change, and its tables as a reader of Markdown sees them."""

import json
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import TypeAdapter

from pipeline.annotation.model.check import Check, quality
from pipeline.annotation.model.question import Answer
from pipeline.annotation.rounds.consensus import settle
from pipeline.annotation.rounds.ratings import Annotation
from pipeline.annotation.rounds.round_agreement import agreement_by_round
from pipeline.annotation.tree.taxonomy import Node, Taxonomy
from pipeline.artifacts.agreement import Agreement
from pipeline.artifacts.costs import SilverCost
from pipeline.artifacts.label_issues import LABEL_ISSUES
from pipeline.artifacts.labels import LabelSummary
from pipeline.artifacts.silver import SilverQuality, SilverSummary
from pipeline.artifacts.splits import SplitSummary
from pipeline.reports.labels import LabelPage, page_text, write_label_page

T = TypeVar("T")
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
RIGHT: dict[str, str | None] = {"w": "joy", "x": "joy", "y": "joy", "z": "awe"}


def typed(kind: type[T], content: Any) -> T:
    """What a file holds, as the stages read it."""
    plain = asdict(content) if is_dataclass(content) and not isinstance(content, type) else content
    return TypeAdapter(kind).validate_python(json.loads(json.dumps(plain, allow_nan=False)))


def agreement(annotations: list[Annotation], taxonomy: Taxonomy | None = None, times: int = 100) -> Agreement:
    """agreement.json; of fewer than ten videos, therefore with intervals over comments."""
    rounds = agreement_by_round(annotations, taxonomy or tree(*LEAVES), times, 0)
    return typed(Agreement, {"rounds": [{"resampled": "comments"} | asdict(entry) for entry in rounds]})


def checked(answers: dict[str, str | None], confidence: float | None = 0.8, unsure: str = "") -> SilverQuality:
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
    return typed(SilverQuality, quality(check, given, LEAVES))


def silver(measured: SilverQuality, **more: Any) -> SilverSummary:
    made = SilverSummary(
        annotator="server",
        model="some_model",
        served_by=("some_model-2",),
        may_be_labelled=1234,
        labelled=1000,
        unanswered=7,
        left_for_budget=5,
        kept=900,
        agreed=300,
        quality=measured,
    )
    return replace(made, **more)


def issues(texts: list[str], agreement: float = 1.0) -> pl.DataFrame:
    """Doubts about the first comments of round 2."""
    rows = [
        {"rank": place + 1, "comment_id": f"dm2{place}", "before": "", "text": text, "after": text, "leaf": "joy",
         "suggested": "awe", "quality": 1 / 3 / (place + 1), "probability_of_suggested": 2 / 3, "split": "train",
         "agreement": agreement, "votes": "A:joy B:awe;joy"}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=LABEL_ISSUES)


def label_page(annotations: list[Annotation] | None = None, **changes: Any) -> LabelPage:
    """Two rounds, the first left out, a good model annotator, two doubted labels."""
    taxonomy, annotations = tree(*LEAVES), annotations or [*PILOT, *SECOND]
    labels, counts = settle([vote for vote in annotations if vote.round > 1], {}, 1, taxonomy)
    made = LabelPage(
        agreement=agreement(annotations),
        label=LabelSummary(labelled=len(labels), passed_gate=True, settled=counts | {"not_in_corpus": 3}),
        splits=SplitSummary(9, 4, 3, left_out=3, videos=2),
        silver=silver(checked(RIGHT)),
        silver_cost=SilverCost(device="cpu", seconds=2.5, input_tokens=12345, money=0.0125, requests=40),
        taxonomy=taxonomy,
        labels=labels,
        issues=issues(["哈哈", "泪目"]),
        texts={vote.comment_id: f"弹幕{vote.comment_id}" for vote in annotations},
        excluded_rounds=[1],
        train_only_rounds=[],
        minimum_alpha=0.5,
    )
    return replace(made, **changes)


def of_votes(annotations: list[Annotation]) -> dict[str, Any]:
    """What of a page rests on the annotations."""
    made = label_page(annotations)
    return {name: getattr(made, name) for name in ("agreement", "label", "labels", "texts")}


def text_of(**changes: Any) -> str:
    """The page's text, without its pictures."""
    return page_text(label_page(**changes))


def written(folder: Path, **changes: Any) -> str:
    """The page's text, after it was written with its pictures."""
    write_label_page(label_page(**changes), folder)
    return (folder / "annotation.md").read_text(encoding="utf-8")


def tables(text: str) -> list[list[list[Token]]]:
    """Every table's rows of cells, header first, each an inline token."""
    read: list[list[list[Token]]] = []
    inside = False
    for token in PLAIN.parse(text):
        if token.type == "table_open":
            read.append([])
        elif token.type == "tr_open":
            read[-1].append([])
        elif token.type in ("th_open", "td_open"):
            inside = True
        elif token.type == "inline" and inside:
            read[-1][-1].append(token)
            inside = False
    return read


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
    (one,) = (table for table in tables(text) if table[0][0].content == first)
    assert len({len(row) for row in one}) == 1
    return [[cell.content for cell in row] for row in one[1:]]


def row(text: str, first: str, name: str) -> list[str]:
    (one,) = (line[1:] for line in rows(text, first) if line[0] == name)
    return one
