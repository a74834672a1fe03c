"""Label Studio: comments out as tasks, annotations back from its exports; the page that annotators see is in
label_studio_interface.

Two exports are read: `JSON`, a task with its annotations, and `JSON-MIN`, a record for each annotation. Written after
Label Studio 1.23 (data_export/serializers.py and label_studio_sdk/converter); tests/external asks a real server.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.annotation.exchange.label_studio_interface import CONFIDENCES, configuration
from pipeline.annotation.exchange.plain_text import json_value, text_of
from pipeline.annotation.exchange.tool import Tool
from pipeline.annotation.rounds.ratings import Rating
from pipeline.errors import UserError

if TYPE_CHECKING:
    from pipeline.annotation.rounds.batch import Item
    from pipeline.annotation.tree.taxonomy import Taxonomy

CONTROLS = ("primary", "further", "labels", "confidence")


def batch(items: "Sequence[Item]", taxonomy: "Taxonomy") -> dict[str, str]:
    """tasks.json for the import, and configuration.xml for the project's labelling interface."""
    return {
        "tasks.json": json.dumps(tasks(items), ensure_ascii=False, indent=1) + "\n",
        "configuration.xml": configuration(taxonomy),
    }


def tasks(items: "Sequence[Item]") -> list[dict[str, Any]]:
    """What Label Studio imports: a task for each comment, in the order given."""
    return [
        {
            "data": {
                "comment_id": item.comment_id,
                "text": item.text,
                "before": "\n".join(item.before),
                "after": "\n".join(item.after),
                "video_id": item.video_id,
                "onset_s": item.onset_s,
            }
        }
        for item in items
    ]


@dataclass(frozen=True)
class Submitted:
    """One submitted annotation, before its annotator has a name."""

    comment_id: str
    task: str  # `task 12`
    account: str  # an e-mail address, or `user-7` where the export has only numbers
    updated: datetime
    answers: dict[str, list[str]]  # by control


def is_label_studio(value: Any) -> bool:
    """Whether the content of a JSON file looks like an export of Label Studio, of either shape."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and (
        first.keys() >= {"data", "annotations"} or first.keys() >= {"annotator", "annotation_id"}
    )


def read_export(file: Path) -> list[Rating]:
    """One rating for each annotator of each task; cancelled annotations, drafts and predictions are passed over.

    Of several annotations of a task by one annotator the last updated counts. Annotators are called by what stands
    before the @ of their address, or by all of it where two accounts in the file share that; by `user-7` where the
    file gives numbers only, as exports from the browser do (`label-studio export PROJECT JSON`, where the server runs,
    writes addresses). Numbers mean nothing across two Label Studios.

    Raises:
        UserError: no export, a task without comment_id, an annotation that answers other questions than
            `configuration` asks or names no primary leaf; with file and task.
    """
    latest: dict[tuple[str, str], Submitted] = {}
    for record in objects(json_value(text_of(file)), str(file)):
        for annotation in annotations(record, file):
            key = (annotation.task, annotation.account)
            if key not in latest or annotation.updated >= latest[key].updated:
                latest[key] = annotation
    names = name_accounts({annotation.account for annotation in latest.values()})
    return [rating(annotation, names[annotation.account], file) for annotation in latest.values()]


def objects(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of objects, as an export has them in several places."""
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise UserError(f"{where}: this is no export of Label Studio; export the project anew, as JSON or JSON-MIN.")
    return value


def annotations(record: dict[str, Any], file: Path) -> Iterator[Submitted]:
    """The annotations of a task, or the one of a JSON-MIN record."""
    task = f"task {record.get('id')}"
    where = f"{file}, {task}"
    full = "annotations" in record
    [data] = objects([record.get("data")], where) if full else [record]
    comment_id = data.get("comment_id")
    if not isinstance(comment_id, str | int) or comment_id == "":
        raise UserError(f"{where}: its data has no comment_id; import what `danmu annotate export` writes.")
    if not full and record.get("annotation_id") is None:
        return  # nobody has annotated it
    for entry in objects(record["annotations"], where) if full else [record]:
        if entry.get("was_cancelled") or entry.get("skipped"):
            continue
        account = read_account(entry.get("completed_by" if full else "annotator"), where)
        answers = read_result(entry.get("result") or [], where) if full else read_minimal(entry)
        if answers and not answers.keys() & CONTROLS:
            raise UserError(
                f"{where}: {account} answered {', '.join(answers)}, and none of {', '.join(CONTROLS)}; label with the "
                "configuration that `danmu annotate export` writes."
            )
        yield Submitted(str(comment_id), task, account, read_time(entry, where), answers)


def read_result(result: Any, where: str) -> dict[str, list[str]]:
    """Control → answers, from an annotation's result."""
    answers: dict[str, list[str]] = {}
    for part in objects(result, where):
        answers.setdefault(str(part.get("from_name")), []).extend(spoken(part.get("value")))
    return answers


def read_minimal(record: dict[str, Any]) -> dict[str, list[str]]:
    """Control → answers, from a JSON-MIN record, which has them beside the task's data."""
    return {name: spoken(record[name]) for name in CONTROLS if name in record}


def spoken(value: Any) -> list[str]:
    """What a control was answered: leaves, or a number. Of a path through a tree its end.

    JSON has {"choices": ["joy"]}, {"taxonomy": [["feelings", "joy"]]} or {"rating": 3}; JSON-MIN "joy",
    {"choices": ["joy", "awe"]} or a list of such.
    """
    if isinstance(value, dict):
        return [word for kind in ("choices", "taxonomy", "rating") if kind in value for word in spoken(value[kind])]
    if isinstance(value, list):
        return [word for part in value for word in spoken(part[-1:] if isinstance(part, list) else part)]
    return [] if value is None else [str(value)]


def read_account(completed_by: Any, where: str) -> str:
    """Who annotated: a number, an address, or an object that has them."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("username") or completed_by.get("id")
    if isinstance(completed_by, int):
        return f"user-{completed_by}"
    if isinstance(completed_by, str) and completed_by:
        return completed_by
    raise UserError(f"{where}: an annotation does not say who made it; export the project anew, as JSON.")


def name_accounts(accounts: Iterable[str]) -> dict[str, str]:
    """Account → name, short where the short name is nobody else's; case does not tell two people apart."""
    short = {account: account.partition("@")[0] or account for account in accounts}
    often = Counter(name.casefold() for name in short.values())
    return {account: name if often[name.casefold()] == 1 else account for account, name in short.items()}


def read_time(entry: dict[str, Any], where: str) -> datetime:
    """When an annotation was last touched."""
    text = entry.get("updated_at") or entry.get("created_at")
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        raise UserError(
            f"{where}: an annotation was updated at {text!r}, which is no time; export the project anew."
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def rating(annotation: Submitted, annotator: str, file: Path) -> Rating:
    """The leaves, the primary first, and how sure the annotator was."""
    answers = annotation.answers
    where = f"{file}, {annotation.task}"
    if answers.get("further") and not answers.get("primary"):
        raise UserError(f"{where}: {annotator} chose further leaves and no primary one; choose it in Label Studio.")
    labels = dict.fromkeys(leaf for name in ("primary", "labels", "further") for leaf in answers.get(name, ()))
    for confidence in answers.get("confidence", ()):
        if confidence not in CONFIDENCES:
            raise UserError(f"{where}: the confidence of {annotator} is {confidence!r} and not 1, 2 or 3; correct it.")
    confidence_of = [int(confidence) for confidence in answers.get("confidence", ())]
    return Rating(annotation.comment_id, annotator, tuple(labels), max(confidence_of, default=None), annotation.task)


LABEL_STUDIO = Tool(
    name="label-studio",
    export="Label Studio's JSON",
    suffixes=(".json",),
    next_step="In Label Studio: for each annotator a project, its labelling interface from configuration.xml; "
    "import tasks.json. When all have labelled, export as JSON; then: danmu annotate import export.json --round N",
    batch=batch,
    recognises=lambda file: is_label_studio(json_value(text_of(file))),
    read=lambda file, taxonomy: read_export(file),
)
