"""Where the files between rooms lie; dvc.yaml says the same to DVC."""

from pathlib import Path

DERIVED = Path("data/derived")
COMMENTS_FILE = DERIVED / "comments.parquet"
REJECTED_FILE = DERIVED / "rejected.parquet"
LABELS_FILE = DERIVED / "labels.parquet"
SPLITS_FILE = DERIVED / "splits.parquet"
EMBEDDINGS_FILE = DERIVED / "embeddings.parquet"
RESULTS = Path("results")
COSTS = Path("costs")
REPORTS = Path("reports")
