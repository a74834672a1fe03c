"""split: gold labels → train, validation and test, with no video on two sides."""

from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.labels import LABELS_FILE
from pipeline.artifacts.splits import SPLIT_FILE, SPLITS_FILE
from pipeline.config import read_section
from pipeline.dag.stage import Places, Stage, run, say
from pipeline.evaluation.splitting import Split, split_rounds, summary

NEEDS: Places = [COMMENTS_FILE, LABELS_FILE, "${split.given}", "${split.frozen}"]
STAGE = Stage(NEEDS, [SPLITS_FILE, SPLIT_FILE], Split)


def split() -> None:
    """Give every labelled comment its part."""
    labels = LABELS_FILE.read(["comment_id", "leaf", "first_round"])
    comments, settings = COMMENTS_FILE.read(["comment_id", "video_id", "text"]), read_section("split", Split)
    splits = split_rounds(labels.join(comments, on="comment_id"), set(comments["comment_id"]), settings)
    counts = summary(splits, settings.given)
    SPLITS_FILE.write(splits)
    SPLIT_FILE.write(counts)
    say(f"{counts.train:,} train, {counts.validation:,} validation, {counts.test:,} test, {counts.left_out:,} not")


if __name__ == "__main__":
    run(split)
