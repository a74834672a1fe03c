"""From comments to token ids: the text, behind it its context where that is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """The model's tokenizer, with a pad token.

    Padding is always masked, by position and not by id, so a pad token that is also the eos hides
    nothing. Where there is none, Llama 3's reserved token serves, or else the eos: no row is added
    to the embedding matrix.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if tokenizer.pad_token is None:
        reserved = "<|finetune_right_pad_id|>"
        tokenizer.pad_token = reserved if reserved in tokenizer.get_vocab() else tokenizer.eos_token
    return tokenizer


def encode(
    tokenizer: "PreTrainedTokenizerBase",
    texts: list[str],
    contexts: list[str] | None,
    prefix: str,
    max_length: int,
) -> list[dict[str, list[int]]]:
    """Token ids and masks of each text: what to attend to, and what to pool.

    Only the comment's own tokens are pooled; its context is read, and answers for nothing. A comment
    is never cut for its context's sake: the context gets the room that is left. Encoders read the
    pair their tokenizer was made for. A decoder reads from left to right and is pooled at its end,
    so there the context comes first and loses its beginning.
    """
    backend = tokenizer.backend_tokenizer
    backend.no_padding()  # what a tokenizer.json stores of these would be read as text
    backend.no_truncation()
    pair = contexts is not None and tokenizer.sep_token is not None
    size = max_length - backend.num_special_tokens_to_add(pair)  # what fits besides the special tokens

    def pieces(lines: list[str]) -> list["Encoding"]:
        return list(backend.encode_batch(lines, add_special_tokens=False))

    comments = pieces([prefix + text for text in texts])
    if contexts is None:
        return [alone(backend, comment, size) for comment in comments]
    join = as_pair if pair else after
    surroundings = pieces(contexts if pair else [f"{line}\n" for line in contexts])
    return [join(backend, *both, size) for both in zip(comments, surroundings, strict=True)]


def alone(backend: "Tokenizer", comment: "Encoding", size: int) -> dict[str, list[int]]:
    """A comment without context: its special tokens are pooled with it."""
    comment.truncate(size)
    whole = backend.post_process(comment)
    return row(whole.ids, whole.type_ids, [1] * len(whole.ids))


def as_pair(backend: "Tokenizer", comment: "Encoding", context: "Encoding", size: int) -> dict[str, list[int]]:
    """An encoder's pair: the comment first, and behind it as much of the context's beginning as fits."""
    comment.truncate(size)
    own = len(backend.post_process(comment).ids)
    context.truncate(size - len(comment.ids))
    both = backend.post_process(comment, context)
    return row(both.ids, both.type_ids, [1] * own + [0] * (len(both.ids) - own))


def after(backend: "Tokenizer", comment: "Encoding", context: "Encoding", size: int) -> dict[str, list[int]]:
    """A decoder's line: as much of the context's end as fits, right before the comment's first token."""
    comment.truncate(size)
    room = size - len(comment.ids)
    ids = backend.post_process(comment).ids
    first = ids.index(comment.ids[0]) if comment.ids else len(ids)
    before = context.ids[-room:] if room else []
    pooled = [0] * (first + len(before)) + [1] * (len(ids) - first)
    return row(ids[:first] + before + ids[first:], [0] * (len(ids) + len(before)), pooled)


def row(ids: list[int], types: list[int], pooled: list[int]) -> dict[str, list[int]]:
    """A text as the network takes it. An empty comment still has its special tokens, which are pooled then."""
    mask = pooled if any(pooled) else [1] * len(ids)
    return {"input_ids": ids, "attention_mask": [1] * len(ids), "pool_mask": mask, "token_type_ids": types}
