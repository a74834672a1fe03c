"""A node may be called what a library reads as syntax: its column is its column."""

from pathlib import Path

import numpy as np
import polars as pl

from pipeline.annotation.tree.taxonomy import load_taxonomy
from pipeline.artifacts.predictions import predictions_file, read_leaf_probabilities, write_predictions


def test_names_that_are_syntax_to_polars_are_names(tmp_path: Path) -> None:
    tree = tmp_path / "taxonomy.yaml"
    names = ["self", "*", "^.*$", "$\\foo{$", "👍", "👎", "exprs", "a.b"]
    tree.write_text("nodes:\n" + "".join(f"  - '{name}'\n" for name in names), encoding="utf-8")
    nodes = load_taxonomy(tree).nodes
    items = pl.DataFrame({"comment_id": ["dm1", "dm0"], "split": ["test", "validation"]})
    probabilities = np.array([np.arange(8.0), np.arange(8.0)[::-1]]) / 28
    write_predictions(items, probabilities, nodes, tmp_path / "method" / "cell")
    assert predictions_file(tmp_path / "method" / "cell", nodes).read().columns == ["comment_id", "split", *names]
    ids, read = read_leaf_probabilities(tmp_path / "method" / "cell", nodes)
    assert ids == ["dm0", "dm1"] and np.array_equal(read, probabilities[::-1].astype(np.float32))
