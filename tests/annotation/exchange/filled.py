"""A batch, and stand-ins that fill it as each tool sends it back."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.annotation.exchange.filing import Filed, file_round
from pipeline.annotation.exchange.ratings_csv import BATCH_COLUMNS
from pipeline.annotation.rounds.batch import Item
from pipeline.annotation.tree.node import Node
from pipeline.annotation.tree.taxonomy import Taxonomy

TREE = Taxonomy(2, tuple(Node(name, "") for name in ("joy", "awe", "worry")), formerly={"glee": "joy"})
ITEMS = [
    Item("dm1", "哈哈", ("前二", "前一"), ("后一",), "v1", 1.0),
    Item("dm2", '他说"好, 的"', (), (), None, None),
    Item("dm3", "第一行\n第二行", ("",), ("a,b",), "v1", 2.5),
    Item("dm4", "=1+1", ("@x",), ("-1",), "v1", 3.0),
]
KNOWN = {item.comment_id for item in ITEMS}
#: what annotators say of these: leaves, the primary first, and how sure they are; nothing of dm3
SAID: dict[str, tuple[list[str], int | None]] = {"dm1": (["joy"], 3), "dm2": (["worry"], 1), "dm4": (["awe"], 2)}


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def fill_csv(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    rows = lines(batch / "batch.csv")
    file = folder / f"{annotator}.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:  # as a spreadsheet saves it
        writer = csv.DictWriter(opened, BATCH_COLUMNS)
        writer.writeheader()
        for row in rows:
            leaves, confidence = said.get(row["comment_id"], ([], None))
            writer.writerow(row | {"labels": ";".join(leaves), "confidence": confidence or ""})
    return file


def fill_label_studio(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    """What Label Studio exports of the tasks; an annotation without an answer is one that was submitted blank."""
    content = json.loads((batch / "tasks.json").read_text(encoding="utf-8-sig"))
    for number, task in enumerate(content, start=1):
        leaves, confidence = said.get(task["data"]["comment_id"], ([], None))
        sure = [] if confidence is None else [str(confidence)]
        answers = [("primary", leaves[:1]), ("further", leaves[1:]), ("confidence", sure)]
        result = [
            {"from_name": name, "to_name": "comment", "type": "choices", "value": {"choices": given}}
            for name, given in answers
            if given
        ]
        email = {"email": f"{annotator}@lab.cn"}
        task |= {
            "id": number,
            "annotations": [{"completed_by": email, "result": result, "updated_at": "2026-11-22T02:28:06Z"}],
        }
    file = folder / "export.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


def fill_doccano(batch: Path, folder: Path, annotator: str, said: dict[str, Any]) -> Path:
    file = folder / f"{annotator}.jsonl"
    with file.open("w", encoding="utf-8") as opened:
        for number, line in enumerate((batch / "batch.jsonl").read_text(encoding="utf-8").splitlines(), start=1):
            record = json.loads(line)
            record |= {"id": number, "label": said.get(record["comment_id"], ([], None))[0], "Comments": []}
            opened.write(json.dumps(record, ensure_ascii=False) + "\n")
    return file


FILL: dict[str, Callable[..., Path]] = {"csv": fill_csv, "label-studio": fill_label_studio, "doccano": fill_doccano}


def filed(folder: Path, *files: Path, replace: bool = False, **names: str) -> Filed:
    return file_round(files, folder / "annotations", 2, TREE, lambda: KNOWN, names, replace)


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
