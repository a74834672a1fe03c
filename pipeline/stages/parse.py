"""parse: raw files → comments, and a list of what was rejected and why."""

from pathlib import Path

from pipeline.config import load_params
from pipeline.danmu.reader import read_corpus
from pipeline.danmu.schema import COMMENTS, REJECTED
from pipeline.files import write_json, write_parquet
from pipeline.stages.frame import run
from pipeline.stages.paths import COMMENTS_FILE, DERIVED, REJECTED_FILE


def parse() -> None:
    comments, rejected, records = read_corpus(Path(load_params().data.raw))
    duplicates = records - len(comments) - len(rejected)
    assert duplicates >= 0, "records = comments + duplicates + rejected"
    write_parquet(comments, COMMENTS_FILE, COMMENTS)
    write_parquet(rejected, REJECTED_FILE, REJECTED)
    counts = {"records": records, "comments": len(comments), "duplicates": duplicates, "rejected": len(rejected)}
    write_json(counts, DERIVED / "parse.json")
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    run(parse)
