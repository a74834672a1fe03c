"""parse: raw files → comments, and a list of what was rejected and why."""

from pathlib import Path

from pipeline.artifacts.artifact import DERIVED
from pipeline.artifacts.comments import COMMENTS_FILE, PARSE_FILE, REJECTED_FILE, ParseSummary
from pipeline.config import read_section
from pipeline.dag.stage import Stage, run, say
from pipeline.settings import Data

STAGE = Stage(
    needs=["${data.raw}"],
    makes=[COMMENTS_FILE, REJECTED_FILE, PARSE_FILE],
    params=["data.raw", "data.hash_senders"],
)


def parse() -> None:
    """Read every raw file."""
    from pipeline.danmu.corpus.identity import sender_key
    from pipeline.danmu.corpus.parsing import parse_corpus

    data = read_section("data", Data)
    census = parse_corpus([Path(data.raw)], DERIVED, sender_key() if data.hash_senders else None)
    counts = {name: census.total(name) for name in ("records", "comments", "duplicates", "rejected")}
    forms = {form: census.total("records", form) for form in census.forms}
    ids = {"shared_ids": census.shared_ids, "counter_ids": census.counter_ids}
    PARSE_FILE.write(ParseSummary(**counts, **ids, forms=forms, reasons=census.reasons, blanked=census.blanked))
    say(", ".join(f"{count:,} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    run(parse)
