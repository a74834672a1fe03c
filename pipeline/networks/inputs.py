"""From comments to token ids: the text, behind it its context where that is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """The model's tokenizer, with a pad token.

    Padding is always masked, by position and not by id, so a pad token that is also the eos hides
    nothing. Where there is none, Llama 3's reserved token serves, or else the eos: no row is added
    to the embedding matrix.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
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

    def pieces(lines: list[str]) -> list[Any]:
        return list(backend.encode_batch(lines, add_special_tokens=False))

    pair = contexts is not None and tokenizer.sep_token is not None
    special = backend.num_special_tokens_to_add(pair)
    comments = pieces([prefix + text for text in texts])
    surroundings = pieces([f"{line}\n" for line in contexts]) if contexts is not None and not pair else None
    if pair and contexts is not None:
        surroundings = pieces(contexts)
    rows = []
    for index, comment in enumerate(comments):
        comment.truncate(max_length - special)
        room = max_length - special - len(comment.ids)
        whole = backend.post_process(comment)
        ids, types, own = whole.ids, whole.type_ids, [1] * len(whole.ids)
        if surroundings is not None and pair:
            surroundings[index].truncate(room)
            both = backend.post_process(comment, surroundings[index])
            own += [0] * (len(both.ids) - len(ids))
            ids, types = both.ids, both.type_ids
        elif surroundings is not None:
            first = ids.index(comment.ids[0]) if comment.ids else len(ids)
            before = surroundings[index].ids[-room:][:room]
            own = [0] * (first + len(before)) + [1] * (len(ids) - first)
            ids = ids[:first] + before + ids[first:]
            types = [0] * len(ids)
        pooled = own if any(own) else [1] * len(ids)  # an empty comment still has its special tokens
        masks = {"attention_mask": [1] * len(ids), "pool_mask": pooled, "token_type_ids": types}
        rows.append({"input_ids": ids, **masks})
    return rows
