"""embed: comments → one vector per distinct text."""

from pipeline.artifacts.comments import COMMENTS_FILE
from pipeline.artifacts.costs import COSTS, cost_file
from pipeline.artifacts.embeddings import EMBEDDING_FILE, EMBEDDINGS_PATH, Embedding, write_embeddings
from pipeline.config import read_models, read_section
from pipeline.dag.stage import Stage, run, say, weights_file
from pipeline.device import prepare_torch
from pipeline.networks.digests import digest
from pipeline.networks.suitability import for_vectors, suitable_folder
from pipeline.runtime import measured
from pipeline.text import embedding

STAGE = Stage(
    needs=[weights_file("embed"), COMMENTS_FILE],
    makes=[EMBEDDINGS_PATH, EMBEDDING_FILE, COSTS / "embed"],
    settings=embedding.Embed,
)


def embed() -> None:
    """Run the encoder over every distinct text."""
    settings, models = read_section("embed", embedding.Embed), read_models()
    source, folder = models[settings.model], suitable_folder(for_vectors(settings), models)
    texts = COMMENTS_FILE.read(["text"])["text"].unique().sort().to_list()
    prepare_torch(seed=0)
    with measured() as cost:
        vectors = embedding.embed(texts, folder, source, settings.max_length)
    made_by = {**source.model_dump(), "model": settings.model, "max_length": settings.max_length}
    write_embeddings(texts, vectors)
    EMBEDDING_FILE.write(Embedding(**made_by, weights=digest(folder), width=vectors.shape[1]))
    cost_file("embed", settings.model).write(cost)
    say(f"{len(texts):,} distinct texts, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    run(embed)
