"""Doccano: comments out as JSON lines for text classification, labels with keys, annotations back from its JSON lines.

Written after Doccano 1.8 (data_import/pipeline, data_export/pipeline, label_types). What it does decides what is here:

    It exports one file per member, NAME.jsonl in a zip, and each has every comment: a line without labels is one that
    NAME has not annotated. Where members share annotations there is only all.jsonl, and nobody's name.
    It sorts the labels of a line by name: which of several was the primary one is lost. For a single-label taxonomy
    allow a single label in the project's settings; further leaves need Label Studio or CSV.
    It makes files a table whose gaps it cannot store: only comment_id, which every line has, goes along.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.annotation.exchange.plain_text import json_value, text_of
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.ratings import Rating
from pipeline.annotation.tree.shortcuts import shortcuts
from pipeline.errors import UserError

if TYPE_CHECKING:
    from pipeline.annotation.rounds.batch import Item
    from pipeline.annotation.tree.taxonomy import Taxonomy

#: one a top-level category, in turn; white text is legible on all
COLOURS = ("#1f5fa8", "#2e7d32", "#b3261e", "#7b4fa3", "#5f6368", "#a35200", "#00707a", "#806600")


def batch(items: "Sequence[Item]", taxonomy: "Taxonomy") -> dict[str, str]:
    """batch.jsonl for the import, with escapes (`ensure_ascii`) because Doccano guesses encodings; labels.json."""
    return {
        "batch.jsonl": "".join(json.dumps(line) + "\n" for line in lines(items)),
        "labels.json": json.dumps(labels(taxonomy), ensure_ascii=False, indent=1) + "\n",
    }


def lines(items: "Sequence[Item]") -> list[dict[str, Any]]:
    """What Doccano imports as JSONL: an object for each comment, in the order given.

    Doccano shows plain text alone: the comment stands between its neighbours, told apart by the sign before each line.
    """
    return [
        {
            "text": "\n\n".join(
                filter(None, (marked("·", item.before), marked("▶", [item.text]), marked("·", item.after)))
            ),
            "label": [],
            "comment_id": item.comment_id,
        }
        for item in items
    ]


def marked(sign: str, texts: Iterable[str]) -> str:
    """The lines of the texts, each with the sign before it, whatever they begin with themselves."""
    return "\n".join(f"{sign} {line}" for text in texts for line in text.splitlines() or [""])


def labels(taxonomy: "Taxonomy") -> list[dict[str, str | None]]:
    """Doccano's label configuration: the leaves with a key and the colour of their top-level category."""
    keys = shortcuts(taxonomy.leaves)
    return [
        {
            "text": leaf,
            "prefixKey": None,
            "suffixKey": keys.get(leaf),
            "backgroundColor": COLOURS[parent % len(COLOURS)],
            "textColor": "#ffffff",
        }
        for leaf, parent in zip(taxonomy.leaves, taxonomy.parent_of().tolist(), strict=True)
    ]


def is_doccano(first_line: Any) -> bool:
    """Whether the first line of a JSON-lines file looks like an export of Doccano, today's or an earlier one."""
    return isinstance(first_line, dict) and all(
        first_line.keys() & either
        for either in ({"id", "doc_id"}, {"text", "data"}, {"label", "labels", "annotations"})
    )


def read_export(file: Path, single_label: bool = True) -> list[Rating]:
    """One rating for each line; by the line's user where it names one, else by the file's name.

    A line that nobody has labelled yet is a rating without labels.

    Args:
        file: NAME.jsonl out of the zip that Doccano exports.
        single_label: refuse a line with several labels, since nothing tells the primary one. False where the taxonomy
            is multi-label.

    Raises:
        UserError: a line that is no object, has no comment_id, or labels that are no list of names; with file and line.
    """
    ratings = []
    for number, line in enumerate(text_of(file).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{file}, line {number}"
        record = json_value(line)
        if not isinstance(record, dict):
            raise UserError(f"{where}: this is no JSON object; export the project from Doccano anew, as JSONL.")
        leaves = read_labels(record, where)
        if single_label and len(leaves) > 1:
            raise UserError(
                f"{where}: there are several labels ({', '.join(leaves)}), and Doccano does not keep which is primary; "
                "leave one, or annotate with Label Studio or CSV."
            )
        annotator = record.get("username") or record.get("user") or file.stem
        comment_id = read_id(record, where) if leaves else ""  # what is not labelled need not say what it is
        ratings.append(Rating(comment_id, str(annotator), leaves, None, f"line {number}"))
    return ratings


def read_labels(record: dict[str, Any], where: str) -> tuple[str, ...]:
    """The names of a line's labels; empty where it is not annotated."""
    given = record.get("label", record.get("labels", record.get("annotations")))
    if not isinstance(given, list):
        raise UserError(
            f"{where}: the labels are {given!r} and no list; export the project from Doccano anew, as JSONL."
        )
    for label in given:
        if isinstance(label, list):
            raise UserError(
                f"{where}: the label {label!r} marks a part of the text; make the project one of text classification."
            )
        if not isinstance(label, str):
            raise UserError(f"{where}: the label {label!r} is no name; export from a newer Doccano, as JSONL.")
    return tuple(given)


def read_id(record: dict[str, Any], where: str) -> str:
    """The comment's id, among the line's own keys or below one for what was imported along."""
    for holder in (record, *(record.get(key) for key in ("meta", "metadata", "Metadata"))):
        comment_id = holder.get("comment_id") if isinstance(holder, dict) else None
        if isinstance(comment_id, str | int) and comment_id != "":
            return str(comment_id)
    raise UserError(f"{where}: there is no comment_id; import what `danmu annotate export` writes.")


DOCCANO = Tool(
    name="doccano",
    export="Doccano's JSON lines",
    suffixes=(".json", ".jsonl"),
    next_step="In Doccano: a text classification project (allow a single label, unless the taxonomy is multi-label), "
    "import batch.jsonl (JSONL) and labels.json. When all have labelled, export as JSONL; then: "
    "danmu annotate import anna.jsonl ben.jsonl --round N",
    batch=batch,
    recognises=lambda file: is_doccano(json_value(text_of(file).partition("\n")[0])),
    read=lambda file, taxonomy: read_export(
        file, single_label=taxonomy is not None and taxonomy.kind == "single-label"
    ),
    exports_unlabelled=True,
)
