"""parse: raw files → comments, and a list of what was rejected and why."""

from pathlib import Path

from pipeline.artifacts.paths import DERIVED
from pipeline.config import load_params
from pipeline.dag.frame import run
from pipeline.danmu.corpus.identity import sender_key
from pipeline.danmu.corpus.parsing import parse_corpus
from pipeline.files import write_json


def parse() -> None:
    data = load_params().data
    census = parse_corpus([Path(data.raw)], DERIVED, sender_key() if data.hash_senders else None)
    counts = {name: census.total(name) for name in ("records", "comments", "duplicates", "rejected")}
    forms = {form: census.total("records", form) for form in census.forms}
    write_json({**counts, "forms": forms, "reasons": census.reasons}, DERIVED / "parse.json")
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    run(parse)
