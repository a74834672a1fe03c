"""What is said when a server gives no answer: the key at fault, and the mend."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UserError
from tests.annotation.model.llm_server import KEY, Model, Reply
from tests.annotation.model.test_server import KEPT, asked


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (Reply.error(429, "quota"), r"last: HTTP 429: quota\); lower DANMU_LLM_CONCURRENCY, or wait"),
        (Reply.error(429, "full", Retry_After="3600"), "last: HTTP 429, with 3600 to wait: full"),
        (Reply.error(500, "CUDA out of memory"), r"HTTP 500: CUDA out of memory\); see what its log says"),
        (Reply(drop="before"), "a connection that broke or was refused"),
        (Reply(body=b"<p>Welcome!</p>"), "no chat completion, but '<p>Welcome!</p>'.*whether DANMU_LLM_URL is right"),
        (Reply(delay=0.5), "nothing within 0.1 seconds.*raise DANMU_LLM_TIMEOUT"),
    ],
)
def test_what_does_not_pass_ends_the_run_and_loses_nothing(
    model: Model, tmp_path: Path, trouble: Reply, sentence: str
) -> None:
    model.replies = lambda request: trouble if request.comment == "弹幕 dm5" else Reply()
    timeout_s = 0.1 if trouble.delay else 5.0
    with pytest.raises(UserError, match=f"did not answer about comment dm5.*{sentence}.*{KEPT}"):
        asked(model, tmp_path, 8, timeout_s=timeout_s, concurrency=2)
    model.requests.clear()
    model.replies = lambda request: Reply()
    result = asked(model, tmp_path, 8)
    assert result.from_cache >= 5 and result.from_cache + len(model.requests) == 8
    assert all(answer.leaf == "joy" for answer in result.answers)


DETAIL = b'{"detail": [{"loc": ["body", "model"], "msg": "unknown", "input": "response_format"}]}'
REFUSALS = [
    (Reply.error(401, f"Incorrect API key provided: {KEY}"), "variable DANMU_LLM_KEY is not good for it: set it"),
    (Reply.error(403, "Forbidden"), "variable DANMU_LLM_KEY is not good for it"),
    (Reply.error(403, "Project has no access to model test-model"), "mend silver.model"),
    (
        Reply.error(404, "model 'test-model' not found"),
        "it has no model test-model, .*: mend silver.model .params.yaml. or DANMU_LLM_URL",
    ),
    (Reply(status=400, body=b"{\"detail\": \"Server is pinned to 'a'; requested 'b'.\"}"), "mend silver.model"),
    (Reply.error(400, "response_format is not supported by this model"), "answer_format json_object: set it to"),
    (Reply.error(422, "Unexpected fields in the request: {'response_format'}"), "silver.answer_format"),
    (
        Reply.error(400, "This model's maximum context length is 512 tokens"),
        "the question is too long: start the server",
    ),
    (Reply.error(400, "'temperature' does not support 0 with this model."), "cannot be asked at temperature 0"),
    (
        Reply.error(400, "tools are missing"),
        r"about comment dm0 \(HTTP 400: tools are missing\); mend the keys of silver",
    ),
    (Reply(status=307, headers={"Location": "https://elsewhere.example/v1"}, body=b""), "it points elsewhere"),
    (Reply(status=422, body=DETAIL), r"\['body', 'model'\] unknown\); it has no model"),
]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS)
def test_what_no_patience_mends_ends_at_once_and_names_the_key(
    model: Model, tmp_path: Path, refusal: Reply, sentence: str
) -> None:
    model.replies = lambda request: refusal
    with pytest.raises(UserError, match=f"{sentence}.*{KEPT}") as error:
        asked(model, tmp_path, concurrency=1)
    assert len(model.requests) == 1
    assert KEY not in str(error.value) and error.value.__cause__ is None
    assert str(error.value).startswith(f"{model.url} refuses to answer about comment dm0 (HTTP {refusal.status}")


def test_a_missing_key_is_called_missing(model: Model, tmp_path: Path) -> None:
    model.replies = lambda request: Reply.error(401, "Unauthorized")
    with pytest.raises(UserError, match="DANMU_LLM_KEY is not set: set it to the server's key"):
        asked(model, tmp_path, key=None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base_url": "127.0.0.1:8000"}, "DANMU_LLM_URL is '127.0.0.1:8000'; set it to the server's address"),
        ({"base_url": "ftp://x/v1"}, "DANMU_LLM_URL"),
        ({"base_url": "http:///v1"}, "DANMU_LLM_URL"),
        ({"key": "sk-1\n"}, "DANMU_LLM_KEY is empty or holds a blank"),
        ({"key": ""}, "DANMU_LLM_KEY is empty"),
        ({"key": "钥匙"}, "DANMU_LLM_KEY"),
    ],
)
def test_an_address_or_key_that_cannot_be_one_is_refused_before_anything_is_sent(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence) as error:
        asked("http://127.0.0.1:9/v1", tmp_path, **changes)
    assert "sk-1" not in str(error.value) and "钥匙" not in str(error.value)
