"""A small project, and what tests of the command line look at in it."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LEAVES = ("joy", "awe", "worry")
TREE = "version: 1\nnodes:\n" + "".join(
    f"  - {{name: {leaf}, definition: 'Is {leaf}.', examples: ['一', '二']}}\n" for leaf in LEAVES
)
#: thirty comments of three videos, ten of each; the last of the second says what the first of the first says
ROWS = [(f"dm{at:02}", f"v{at // 10}", "第0条" if at == 19 else f"第{at}条") for at in range(30)]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    status: int
    out: str
    err: str


Danmu = Callable[..., Said]


def written(name: str, content: str | bytes) -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def batch(folder: str) -> list[dict[str, str]]:
    with Path(folder, "batch.csv").open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def ids(folder: str) -> list[str]:
    return [line["comment_id"] for line in batch(folder)]
