"""label: annotation rounds → one gold label per comment, with the agreement it rests on."""

from pathlib import Path

from pipeline.annotation.rounds.gold import settle_rounds
from pipeline.annotation.rounds.settings import Label
from pipeline.annotation.tree.taxonomy import read_taxonomy
from pipeline.artifacts.agreement import AGREEMENT_FILE
from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.labels import LABEL_FILE, LABELS_FILE
from pipeline.config import read_section
from pipeline.dag.stage import Stage, run, say
from pipeline.settings import Data

STAGE = Stage(
    needs=["${data.annotations}", "${data.taxonomy}", COMMENTS_FILE],
    makes=[LABELS_FILE, AGREEMENT_FILE, LABEL_FILE],
    settings=Label,
    params=["data.annotations", "data.taxonomy"],
)


def label() -> None:
    """Measure agreement, hold the last round to the gate, and settle what the annotators said."""
    data, comments = read_section("data", Data), COMMENTS_FILE.read(["comment_id", "video_id", "text"])
    gold = settle_rounds(Path(data.annotations), comments, read_taxonomy(), read_section("label", Label))
    say(gold.message, error=not gold.summary.passed_gate)
    LABELS_FILE.write(gold.labels)
    AGREEMENT_FILE.write(gold.agreement)
    LABEL_FILE.write(gold.summary)
    say(f"{gold.summary.labelled:,} gold labels; {gold.summary.settled}")


if __name__ == "__main__":
    run(label)
