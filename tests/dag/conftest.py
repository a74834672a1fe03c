"""Two copies in which the whole DAG has run, for every test of this folder that needs one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dag.copies import Copy


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path) -> Copy:
    """A copy in which nothing has run, and nothing is to."""
    return Copy(tmp_path_factory.mktemp("untouched") / "copy", tiny_bert, tiny_llama)


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory, untouched: Copy) -> tuple[Copy, Copy]:
    """Both from nothing, at the same time: a stage keeps one core busy."""
    folder = tmp_path_factory.mktemp("dag")
    one, two = untouched.twin(folder / "one"), untouched.twin(folder / "two")
    with ThreadPoolExecutor(2) as pool:
        for ran, _ in pool.map(Copy.repro, (one, two)):
            assert ran[0] == "parse" and len(ran) == 18  # eight stages; six cells of logistic, one of each other method
    return one, two


@pytest.fixture
def copy(tmp_path: Path, untouched: Copy) -> Copy:
    """A copy in which nothing has run."""
    return untouched.twin(tmp_path / "copy")
