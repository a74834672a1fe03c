"""Small real models, made here: the genuine configuration classes with random weights, and a tokenizer."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a loaded machine is no defect
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
TEXTS = [
    "这集太好看了",
    "哈哈哈哈",
    "？？？",
    "前方高能",
    "up主加油",
    "第一次看到这里",
    "好家伙 666",
    "泪目",
    "为什么要这样",
    "谢谢",
]


def write_tokenizer(folder: Path, special: dict[str, str], template: str | None) -> int:
    """A character tokenizer over TEXTS with these special tokens; returns its size."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    signs = sorted(set("".join(TEXTS)) | set("query: /|\n弹幕测试"))
    names = list(dict.fromkeys([*special.values(), "<unk>"]))
    vocabulary = {token: index for index, token in enumerate([*names, *signs])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    if template is not None:
        tokens = [(token, vocabulary[token]) for token in names if token in template]
        pair = f"{template} {special['sep']} $B {special['sep']}" if "sep" in special else None
        tokenizer.post_processor = processors.TemplateProcessing(single=template, pair=pair, special_tokens=tokens)
    options = {f"{name}_token": token for name, token in special.items()}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", **options).save_pretrained(folder)
    return len(vocabulary)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("tiny-bert")
    special = {"cls": "<s>", "sep": "</s>", "pad": "<pad>", "mask": "<mask>"}
    size = write_tokenizer(folder, special, "<s> $A </s>")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=size,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=2,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Llama 3.2 in small: its configuration class, rope scaling, grouped heads, tied embeddings, several eos ids."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny-llama")
    special = {"bos": "<|begin_of_text|>", "eos": "<|end_of_text|>"}  # no pad token, as Llama 3.2 has none
    size = write_tokenizer(folder, special, "<|begin_of_text|> $A")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=8,
        num_key_value_heads=2,
        max_position_embeddings=131072,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=[1, 2, 3],
        pad_token_id=None,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500000.0,
            "factor": 32.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        },
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
