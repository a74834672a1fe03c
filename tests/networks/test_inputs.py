"""Rows of tokens worked out by hand: what is read, what is pooled, and what is cut where it is too long."""

from pathlib import Path

import pytest

from pipeline.networks.inputs import encode, load_tokenizer

B, E, S, C = "<|begin_of_text|>", "<|end_of_text|>", "<s>", "</s>"
Row = tuple[list[str], list[int]]

#: (text, context, longest) → tokens of an encoder and their mask, tokens of a decoder and theirs
ROWS: dict[tuple[str, str | None, int], tuple[Row, Row]] = {
    ("谢谢", None, 9): (([S, "谢", "谢", C], [1, 1, 1, 1]), ([B, "谢", "谢"], [1, 1, 1])),
    ("谢谢泪目", None, 4): (([S, "谢", "谢", C], [1, 1, 1, 1]), ([B, "谢", "谢", "泪"], [1, 1, 1, 1])),
    ("", None, 4): (([S, C], [1, 1]), ([B], [1])),
    # its context goes behind a comment that an encoder reads, and before one that a decoder reads
    ("谢谢", "泪目", 9): (
        ([S, "谢", "谢", C, C, "泪", "目", C], [1, 1, 1, 1, 0, 0, 0, 0]),
        ([B, "泪", "目", "\n", "谢", "谢"], [0, 0, 0, 0, 1, 1]),
    ),
    # where room is short the encoder's loses its end, the decoder's its beginning
    ("谢谢", "泪目高能", 7): (
        ([S, "谢", "谢", C, C, "泪", C], [1, 1, 1, 1, 0, 0, 0]),
        ([B, "目", "高", "能", "\n", "谢", "谢"], [0, 0, 0, 0, 0, 1, 1]),
    ),
    # where there is none, the comment goes alone
    ("谢谢泪目谢谢", "高能", 6): (
        ([S, "谢", "谢", C, C, C], [1, 1, 1, 1, 0, 0]),
        ([B, "谢", "谢", "泪", "目", "谢"], [0, 1, 1, 1, 1, 1]),
    ),
    # of an empty comment the special tokens are pooled, or all of a decoder's line
    ("", "泪目", 9): (([S, C, C, "泪", "目", C], [1, 1, 0, 0, 0, 0]), ([B, "泪", "目", "\n"], [1, 1, 1, 1])),
}


@pytest.mark.parametrize("case", ROWS, ids=str)
@pytest.mark.parametrize("kind", [0, 1], ids=["encoder", "decoder"])
def test_tokens_and_what_is_pooled(
    case: tuple[str, str | None, int], kind: int, tiny_bert: Path, tiny_llama: Path
) -> None:
    text, context, longest = case
    tokenizer = load_tokenizer([tiny_bert, tiny_llama][kind])
    tokens, pooled = ROWS[case][kind]
    [row] = encode(tokenizer, [text], None if context is None else [context], "", longest)
    assert tokenizer.convert_ids_to_tokens(row["input_ids"]) == tokens
    assert row["pool_mask"] == pooled
    assert row["attention_mask"] == [1] * len(tokens)
    assert row["token_type_ids"] == [0] * len(tokens)  # this tokenizer's template has one type


def test_the_prefix_stands_before_every_comment_and_no_context(tiny_llama: Path) -> None:
    tokenizer = load_tokenizer(tiny_llama)
    rows = encode(tokenizer, ["泪", "目"], ["谢", "能"], "query: ", 20)
    read = ["".join(tokenizer.convert_ids_to_tokens(row["input_ids"])) for row in rows]
    assert read == [f"{B}谢\nquery: 泪", f"{B}能\nquery: 目"]


def test_what_a_tokenizer_file_says_of_padding_and_cutting_is_not_followed(tiny_bert: Path) -> None:
    tokenizer = load_tokenizer(tiny_bert)
    tokenizer.backend_tokenizer.enable_padding(length=30)
    tokenizer.backend_tokenizer.enable_truncation(3)
    rows = encode(tokenizer, ["谢谢泪目", "泪"], None, "", 20)
    assert [len(row["input_ids"]) for row in rows] == [6, 3]
