"""Two copies in which the whole DAG has run, for every test of this folder that needs one."""

from pathlib import Path

import pytest

from tests.dag.copies import Copy


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path) -> tuple[Copy, Copy]:
    folder = tmp_path_factory.mktemp("dag")
    made = Copy(folder / "one", tiny_bert, tiny_llama), Copy(folder / "two", tiny_bert, tiny_llama)
    for copy in made:
        ran, _ = copy.repro()
        assert ran[0] == "parse" and len(ran) == 18  # eight stages; six cells of logistic, one of each other method
    return made


@pytest.fixture
def copy(tmp_path: Path, tiny_bert: Path, tiny_llama: Path) -> Copy:
    """A copy in which nothing has run."""
    return Copy(tmp_path / "copy", tiny_bert, tiny_llama)
