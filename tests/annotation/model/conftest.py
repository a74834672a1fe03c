from collections.abc import Iterator

import pytest

from tests.annotation.model.llm_server import Model, hurried, serving


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """A server on this machine, asked without the usual patience."""
    hurried(monkeypatch)
    with serving(Model()) as model:
        yield model
