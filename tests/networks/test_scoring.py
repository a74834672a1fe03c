"""Continuations from cached states against the whole sequence read at once, with nothing cached."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from pipeline.networks.scoring import ContinuationScorer
from tests.conftest import TEXTS

PROMPT = '"这集太好看了" → 好看\n"哈哈哈哈" → 加油\n"前方高能" →'
#: from one token to eleven, one the beginning of another, and one twice
CONTINUATIONS = ["好", "好看", "好看 ", "第一次看到这里", "这集太好看了 666\n", "好", "谢谢"]


@pytest.fixture(scope="module")
def decoder(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> ContinuationScorer:
    """The tiny decoder with weights so large that each token's place and all before it matter to what comes next."""
    folder = tmp_path_factory.mktemp("lively-llama")
    scorer = ContinuationScorer(tiny_llama)
    scorer.tokenizer.save_pretrained(folder)
    network = AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.25)
    network.save_pretrained(folder)
    return ContinuationScorer(folder)


def by_whole_sequence(scorer: ContinuationScorer, text: str, continuation: str) -> tuple[float, int]:
    """log p(continuation | text), summed over its tokens, and the length of both."""
    opening = scorer.tokenizer(text).input_ids
    ending = scorer.tokenizer(continuation, add_special_tokens=False).input_ids
    with torch.inference_mode():
        logits = (
            scorer.model(torch.tensor([opening + ending], device=scorer.model.device), use_cache=False)
            .logits[0]
            .double()
        )
    likely = logits.log_softmax(-1)
    # the logits at a place are those of the next token
    places = range(len(opening) - 1, len(opening) + len(ending) - 1)
    return sum(likely[place, token].item() for place, token in zip(places, ending, strict=True)), len(ending)


def test_as_likely_as_when_the_whole_is_read_at_once(decoder: ContinuationScorer) -> None:
    scores, tokens = decoder.log_probabilities(PROMPT, CONTINUATIONS)
    expected = [by_whole_sequence(decoder, PROMPT, text) for text in CONTINUATIONS]
    assert list(scores) == pytest.approx([likely for likely, _ in expected], abs=1e-4)
    assert {length for _, length in expected} == {1, 2, 3, 7, 11}
    # the prompt once, with the sign that begins a text
    assert tokens == 1 + len(PROMPT) + sum(length for _, length in expected)
    assert decoder.tokenizer(PROMPT).input_ids[0] == decoder.tokenizer.bos_token_id


def test_these_weights_would_show_a_mistake(decoder: ContinuationScorer) -> None:
    """Were all tokens about as likely, a wrong mask or place would change nothing."""
    scores = dict(zip(CONTINUATIONS, decoder.log_probabilities(PROMPT, CONTINUATIONS)[0], strict=True))
    per_token = [scores[text] / len(text) for text in ("好", "第一次看到这里", "谢谢")]
    assert max(per_token) - min(per_token) > 0.3
    elsewhere, _ = decoder.log_probabilities(PROMPT[1:], CONTINUATIONS)
    assert min(abs(scores[text] - other) for text, other in zip(CONTINUATIONS, elsewhere, strict=True)) > 1e-3


def test_order_and_company_do_not_matter(decoder: ContinuationScorer) -> None:
    together, _ = decoder.log_probabilities(PROMPT, CONTINUATIONS)
    backwards, _ = decoder.log_probabilities(PROMPT, CONTINUATIONS[::-1])
    alone = [decoder.log_probabilities(PROMPT, [text])[0][0] for text in CONTINUATIONS]
    assert list(together) == pytest.approx(list(backwards)[::-1], abs=1e-4)
    assert list(together) == pytest.approx(alone, abs=1e-4)
    assert together[0] == pytest.approx(together[5], abs=1e-6)  # the same continuation


def test_one_text_leaves_nothing_behind_for_the_next(decoder: ContinuationScorer) -> None:
    first, _ = decoder.log_probabilities(PROMPT, CONTINUATIONS)
    decoder.log_probabilities("哈" * 200, CONTINUATIONS[:2])
    assert decoder.log_probabilities(PROMPT, CONTINUATIONS)[0] == first


@pytest.mark.parametrize("prompt", ["", "哈", *TEXTS[2:4], "泪目" * 300])
def test_prompts_of_any_length(decoder: ContinuationScorer, prompt: str) -> None:
    scores, _ = decoder.log_probabilities(prompt, CONTINUATIONS[:4])
    expected = [by_whole_sequence(decoder, prompt, text)[0] for text in CONTINUATIONS[:4]]
    assert list(scores) == pytest.approx(expected, abs=1e-4)


def test_the_likelihoods_of_all_tokens_sum_to_one(decoder: ContinuationScorer) -> None:
    vocabulary = decoder.tokenizer.get_vocab()
    signs = [token for token in vocabulary if len(token) == 1]
    special = [token for token in vocabulary if len(token) > 1]
    scores, _ = decoder.log_probabilities("谢谢", [*signs, *special])
    assert sum(torch.tensor(scores).exp().tolist()) == pytest.approx(1, abs=1e-4)
