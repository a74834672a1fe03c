"""A small labelled corpus, its vectors, and what every method needs to be fitted on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline.artifacts.embeddings import Embedding
from pipeline.artifacts.training import Comments, Examples, Training
from pipeline.config import read_params
from pipeline.dag.methods import cells_of, method_names, method_settings
from pipeline.settings import MethodSettings, ModelSource
from tests.annotation.model.test_silver import corpus
from tests.conftest import ROOT, TEXTS

LEAVES = ["joy", "awe", "worry", "nobody's"]
WIDTH = 6


class OwnVectors:
    """Vectors that are made from the texts alone, and say a little of their label."""

    embedding = Embedding("own", "path", "nowhere", None, "mean", "", None, 32, "0" * 64, WIDTH)

    def __call__(self, texts: Sequence[str]) -> Any:
        made = [np.random.default_rng(sum(map(ord, text))).normal(size=WIDTH) for text in texts]
        return np.array([vector / np.linalg.norm(vector) for vector in made], dtype=np.float32).reshape(-1, WIDTH)


def table(count: int = 60) -> pl.DataFrame:
    """COMMENTS: comments of six videos, by onset."""
    rows = [(f"dm{at:03}", f"v{at % 6}", TEXTS[at % len(TEXTS)] + "！" * (at // 10)) for at in range(count)]
    return corpus(*rows).with_columns(onset_s=pl.int_range(count).cast(pl.Float64))


def training(models: dict[str, ModelSource] | None = None, vectors: Any = None) -> Training:
    """Forty comments to learn from, twenty to choose on; the fourth leaf is nobody's."""
    comments, vectors = table(), OwnVectors() if vectors is None else vectors
    targets = np.array([sum(map(ord, text)) % 3 for text in comments["text"]], dtype=np.intp)

    def part(rows: np.ndarray) -> Examples:
        return Examples(Comments(comments, rows, vectors), targets[rows], np.ones(len(rows)))

    return Training(LEAVES, part(np.arange(40)), part(np.arange(40, 60)), models or {})


def settings_of(method: str, **changes: Any) -> MethodSettings:
    """A method's settings as params.yaml has them, its first cell, with some changed."""
    cell = cells_of(read_params(ROOT / "params.yaml"), method)[0]
    return method_settings(method).model_validate(cell.settings | changes)


def small(method: str, bert: Path, llama: Path) -> tuple[MethodSettings, dict[str, ModelSource]]:
    """Settings under which a method is fitted in a second or two, and the models that they name."""
    models = {
        "tiny-bert": ModelSource(source="path", name=str(bert), pooling="mean"),
        "tiny-llama": ModelSource(source="path", name=str(llama), pooling="last"),
    }
    quick: dict[str, dict[str, Any]] = {
        "xgboost": {"rounds": 5, "neighbours": 1},
        "bert": {"model": "tiny-bert", "epochs": 1, "context": 1},
        "llama": {"model": "tiny-llama", "epochs": 1, "lora_targets": ["q_proj", "v_proj"]},
    }
    return settings_of(method, **quick.get(method, {})), models


METHODS = method_names()
