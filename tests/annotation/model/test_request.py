"""What is sent, and under which key its answer is found again."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.annotation.model.request import request_key, response_format
from tests.annotation.model.llm_server import LEAVES, question, service

NOBODY = "http://127.0.0.1:9/v1"


def test_the_schema_allows_these_leaves_and_no_others() -> None:
    form = response_format("json_schema", ("joy", "moved"))
    assert form is not None
    schema = form["json_schema"]["schema"]
    assert schema["properties"]["leaf"]["enum"] == schema["properties"]["also"]["items"]["enum"] == ["joy", "moved"]
    assert schema["required"] == ["leaf", "also", "confidence"] and schema["additionalProperties"] is False
    assert response_format("json_object", ("joy",)) == {"type": "json_object"}
    assert response_format("text", ("joy",)) is None


@pytest.mark.parametrize(
    "changes",
    [{"model": "other"}, {"max_output_tokens": 51}, {"answer_format": "text"}, {"answer_format": "json_schema"}],
)
def test_what_determines_the_answer_is_in_the_key(changes: dict[str, Any]) -> None:
    ours, one = service(NOBODY), question("dm1")
    key = request_key(ours, one, one.messages)
    assert request_key(replace(ours, **changes), one, one.messages) != key
    assert request_key(ours, one, (*one.messages, ("user", ""))) != key
    assert request_key(ours, one, (("user", one.messages[0][1]), one.messages[1])) != key


def test_address_key_pace_and_the_comments_name_are_not_in_the_key() -> None:
    ours, one = service(NOBODY), question("dm1")
    elsewhere = replace(ours, base_url="https://x/v1", key=None, concurrency=9, attempts=9, timeout_s=9.0)
    assert request_key(elsewhere, replace(one, comment_id="dm2"), one.messages) == request_key(ours, one, one.messages)


def test_the_leaves_are_in_the_key_where_the_server_is_told_them() -> None:
    one = question("dm1")
    fewer = replace(one, allowed=LEAVES[:2])
    for form, same in (("json_schema", False), ("json_object", True), ("text", True)):
        ours = service(NOBODY, answer_format=form)
        assert (request_key(ours, one, one.messages) == request_key(ours, fewer, one.messages)) is same


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ("text", "e701bcef3c5db70651ece55797022295b2282d89750cc3ec9a50026ab14a4178"),
        ("json_object", "d7749760f9710cf8724b5e25f3fa6ba582d389bb5b9126560f2489025f49d11e"),
        ("json_schema", "3b554637a7f7773e6bd4cb4f929c1ecde592555623b87f30e00fbd0e4eb1af91"),
    ],
)
def test_answers_that_were_paid_for_are_found_again(form: str, key: str) -> None:
    """Keys as they are on people's disks: where one has to change, PROTOCOL says so."""
    one = question("dm1")
    assert request_key(service(NOBODY, answer_format=form), one, one.messages) == key
