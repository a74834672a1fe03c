"""embed: comments → one vector per distinct text."""

import polars as pl

from pipeline.artifacts.comments import COMMENTS
from pipeline.artifacts.paths import COMMENTS_FILE, EMBEDDINGS_FILE
from pipeline.config import load_params
from pipeline.dag.frame import run, write_cost
from pipeline.files import read_parquet, write_parquet
from pipeline.networks.sources import model_folder
from pipeline.runtime import measured, prepare_torch
from pipeline.text import embedding as embeddings


def embed() -> None:
    params = load_params()
    source = params.models[params.embed.model]
    folder = model_folder(params.embed.model, params.models, "embed.model")
    texts = read_parquet(COMMENTS_FILE, COMMENTS)["text"].unique().sort().to_list()
    prepare_torch(seed=0)
    with measured() as cost:
        vectors = embeddings.embed(texts, folder, source, params.embed.max_length)
    schema = embeddings.schema(vectors.shape[1])
    write_parquet(pl.DataFrame({"text": texts, "vector": vectors}, schema=schema), EMBEDDINGS_FILE, schema)
    write_cost(cost, "embed", params.embed.model)
    print(f"{len(texts):,} distinct texts, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    run(embed)
