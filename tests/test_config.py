from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline.config import read_params, read_section, read_yaml
from pipeline.dag.declared import check_params
from pipeline.dag.methods import cells_of
from pipeline.errors import UserError
from pipeline.settings import Data

REPOSITORY = Path(__file__).parents[1]

HALVES = read_params(REPOSITORY / "params.yaml")["split"] | {"test": 0.5, "validation": 0.5}


def load(path: Path) -> dict[str, Any]:
    """params.yaml, once every section of it is checked."""
    params = read_params(path)
    check_params(params, path)
    return params


def changed(folder: Path, key: str, value: Any, spelled: str | None = None) -> dict[str, Any]:
    """params.yaml with one value changed, or with the text `spelled` in its place."""
    content = read_yaml(REPOSITORY / "params.yaml")
    *sections, last = key.split(".")
    section = content
    for name in sections:
        section = section[name]
    section[last] = value
    path = folder / "params.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(content, file)
    if spelled is not None:
        path.write_text(path.read_text(encoding="utf-8").replace("HERE", spelled), encoding="utf-8")
    return load(path)


def test_the_repositorys_own_file_is_valid() -> None:
    assert load(REPOSITORY / "params.yaml")["split"]["seed"] >= 0


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("xgboost.max_dpeth", 4, r"there is no parameter xgboost.max_dpeth \(did you mean max_depth\?\); "),
        ("comparison", {}, r"there is no parameter comparison \(did you mean compare\?\); "),
        ("bert.lerning_rate", [1e-5], r"there is no parameter bert.lerning_rate \(did you mean learning_rate\?\); "),
        ("bert.zzz", 1, "there is no parameter bert.zzz; "),
        (
            "models.e6",
            {"source": "path", "name": "x", "pool": "cls"},
            r"there is no parameter models.e6.pool \(did you mean pooling\?\); ",
        ),
        ("xgboost.max_depth", "4", "xgboost.max_depth is '4', and has to be a whole number; "),
        ("xgboost.max_depth", True, "xgboost.max_depth is true, and has to be a whole number; "),
        ("xgboost.rounds", 0, "xgboost.rounds is 0, and has to be at least 1; "),
        ("bert.train_embeddings", "no", "bert.train_embeddings is 'no', and has to be true or false; "),
        (
            "embed.model",
            ["e5-small"],
            r"embed.model is \['e5-small'\], and has to be a text, in quotes where need be; ",
        ),
        ("xgboost.seed", 3, r"xgboost.seed is 3, but this parameter is swept, so it takes a list: \[3\]."),
        ("bert.learning_rate", [], "bert.learning_rate is an empty list, and needs one value at least; "),
        ("xgboost.seed", [0, 0], "xgboost.seed: 0 stands in the list twice; "),
        (
            "logistic.inverse_regularisation",
            [1, 1.0],
            "logistic.inverse_regularisation: 1.0 stands in the list twice; ",
        ),
        (
            "xgboost",
            {"max_dpeth": 4},
            r"there is no parameter xgboost.max_dpeth \(did you mean max_depth\?\); ",
        ),  # and not: rounds is missing
        ("bert.learning_rate", [-0.1], "bert.learning_rate has -0.1 in its list, where each value has to be above 0; "),
        ("split", {"seed": 0, "test": 0.2}, "the key split.validation is missing; "),
        ("split.test", 1.5, "split.test is 1.5, and has to be below 1; "),
        ("split", HALVES, r"split: validation \+ test must stay below 1"),
        (
            "bert.model",
            ["e5-smal"],
            r"bert.model names 'e5-smal', which the models section does not have \(did you mean e5-small\?\); ",
        ),
        ("label.exclude_rounds", 1, r"label.exclude_rounds is 1, but this parameter takes a list: \[1\]."),
        (
            "llama.lora_targets",
            "q_proj",
            r"llama.lora_targets is 'q_proj', but this parameter takes a list: \[q_proj\].",
        ),
        (
            "xgboost.l2_regularisation",
            float("inf"),
            "xgboost.l2_regularisation is inf, and has to be a finite number; ",
        ),
        (
            "silver.annotator",
            "none",
            "logistic.labels asks for silver, and silver.annotator is none, so that there are no",
        ),
        (
            "embed.model",
            "e5-smal",
            r"embed.model names 'e5-smal', which the models section does not have \(did you mean e5-small\?\); ",
        ),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, key: str, value: Any, complaint: str) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path / 'params.yaml'}: {complaint}"):
        changed(tmp_path, key, value)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("bert", 3, "bert is 3, and has to be keys with a value each; "),
        ("models", ["e5"], "models is .'e5'., and has to be keys with a value each; "),
        ("models.e5-small", None, "models.e5-small is empty, and has to be keys with a value each; "),
        ("models.e5-small.pooling", "max", "models.e5-small.pooling is 'max', and has to be mean, cls or last; "),
        ("models.e5-small.name", 3, "models.e5-small.name is 3, and has to be a text, in quotes where need be; "),
        ("models.a b", {"source": "path", "name": "x"}, "models.a b: 'a b' holds a sign "),
        ("bert.precision", "half", "bert.precision is 'half', and has to be float32 or bfloat16; "),
        ("bert.class_weight", ["all"], "bert.class_weight has 'all' in its list, where each value has to be none, "),
        ("bert.seed", ["0"], "bert.seed has '0' in its list, where each value has to be a whole number; "),
        ("bert.seed", [0.5], "bert.seed has 0.5 in its list, where each value has to be a whole number; "),
        ("bert.epochs", 1.5, "bert.epochs is 1.5, and has to be a whole number; "),
        ("bert.learning_rate", ["fast"], "bert.learning_rate has 'fast' in its list, where each value has to be a num"),
        ("bert.dropout", None, "bert.dropout is empty, and has to be a number; "),
        ("data.raw", "x" * 99, None),
        ("bert.dropout", "x" * 99, "bert.dropout is 'x{59}…, and has to be a number; "),
        ("llama.lora_targets", [], "llama.lora_targets is an empty list, and needs one value at least; "),
        ("label.minimum_alpha", float("nan"), "label.minimum_alpha is nan, and has to be "),
        ("silver.candidates", 1, "silver.candidates is 1, and has to be at least 2; "),
    ],
)
def test_pydantics_own_words_never_come_through(tmp_path: Path, key: str, value: Any, complaint: str | None) -> None:
    if complaint is None:
        changed(tmp_path, key, value)
        return
    with pytest.raises(UserError, match=f"^{tmp_path / 'params.yaml'}: {complaint}") as refused:
        changed(tmp_path, key, value)
    said = str(refused.value).removeprefix(str(tmp_path))
    assert not any(word in said.lower() for word in ("input should", "should have", "valid ", "pydantic"))


@pytest.mark.parametrize("key", ["label", "split", "silver", "quality", "compare", "xgboost", "bert", "llama"])
def test_a_seed_is_what_every_generator_takes(key: str, tmp_path: Path) -> None:
    swept = key in ("xgboost", "bert", "llama")
    for good in (0, 2**32 - 1):
        changed(tmp_path, f"{key}.seed", [good] if swept else good)
    for bad in (-1, 2**32):
        with pytest.raises(UserError, match=f"{key}.seed (is|has) {bad}.* has to be at (least 0|most 4294967295); "):
            changed(tmp_path, f"{key}.seed", [bad] if swept else bad)


def test_nobody_has_to_label_where_only_gold_trains(tmp_path: Path) -> None:
    content = read_yaml(REPOSITORY / "params.yaml")
    content["silver"]["annotator"], content["logistic"]["labels"] = "none", ["gold"]
    check_params(content)


@pytest.mark.parametrize(("spelled", "number"), [("1e-5", 1e-5), ("1E-05", 1e-5), ("1.0e-5", 1e-5), ("1", 1.0)])
def test_an_exponent_without_a_point_is_a_number(tmp_path: Path, spelled: str, number: float) -> None:
    params = changed(tmp_path, "bert.learning_rate", ["HERE"], spelled)
    assert cells_of(params, "bert")[0].settings["learning_rate"] == number


@pytest.mark.parametrize("word", ["no", "yes", "off", "on"])
def test_no_is_a_word_and_not_false(tmp_path: Path, word: str) -> None:
    changed(tmp_path, "data.raw", "HERE", word)
    assert read_section("data", Data, tmp_path / "params.yaml").raw == word


def test_true_and_false_are_no_words(tmp_path: Path) -> None:
    assert changed(tmp_path, "bert.train_embeddings", "HERE", "true")["bert"]["train_embeddings"] is True


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "There is no FILE; "),
        (b"# nothing\n", "FILE is empty; "),
        (b"data: \xff\n", "FILE is not in UTF-8; "),
        (b"split:\n  seed: 0\n  seed: 1\n", "FILE, line 3: this is no YAML .*duplicate key"),
        (b"[data]", "FILE: the content is "),
        (b"[" * 1500, "FILE is nested too deeply"),
        (b"a: \x0c", "FILE: this is no YAML .unacceptable character #x000c: [^\\n]*$"),
        (b"a: 2024-13-45", "FILE: this is no YAML .*month"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="^" + complaint.replace("FILE", str(path))):
        load(path)
