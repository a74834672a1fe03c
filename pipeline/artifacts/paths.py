"""Where the files between rooms lie; dvc.yaml says the same to DVC."""

from pathlib import Path

DERIVED = Path("data/derived")
COMMENTS_FILE = DERIVED / "comments.parquet"
REJECTED_FILE = DERIVED / "rejected.parquet"
LABELS_FILE = DERIVED / "labels.parquet"
AGREEMENT_FILE = DERIVED / "agreement.json"
SILVER_FILE = DERIVED / "silver.parquet"
ISSUES_FILE = DERIVED / "label_issues.parquet"
SPLITS_FILE = DERIVED / "splits.parquet"
EMBEDDINGS_FILE = DERIVED / "embeddings.parquet"
RESULTS = Path("results")
COSTS = Path("costs")
REPORTS = Path("reports")


def added_file(labels: str) -> Path:
    """What a training set of this kind (gold, silver, agreed) has beside the gold labels."""
    return DERIVED / "added" / f"{labels}.parquet"
