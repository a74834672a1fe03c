"""Where shards are worked on makes no difference to what comes out."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.danmu.corpus import parsing as corpus
from pipeline.danmu.corpus import shards
from pipeline.engine import over_shards
from pipeline.errors import UserError
from tests.conftest import ROOT
from tests.danmu.samples import as_python, danmu, row


def square(shard: int) -> tuple[int, int]:
    time.sleep(0.02)  # so that one worker cannot do it all before the other has started
    return shard**2, os.getpid()


def test_results_come_in_the_order_of_the_shards() -> None:
    assert [value for value, _ in over_shards(square, range(50))] == [n**2 for n in range(50)]


def test_an_unknown_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANMU_ENGINE", "spark")
    with pytest.raises(UserError, match="DANMU_ENGINE is 'spark'; set it to local or ray"):
        over_shards(square, [1])


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ray cluster of two workers on this machine."""
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("DANMU_ENGINE", "ray")
    monkeypatch.setenv("RAY_DISABLE_IMPORT_WARNING", "1")
    path = os.environ.get("PYTHONPATH", "")
    runtime = {"env_vars": {"PYTHONPATH": f"{ROOT}{os.pathsep}{path}"}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env=runtime)
    yield
    ray.shutdown()


def test_a_ray_cluster_of_two_workers_gives_the_same_bytes(
    tmp_path: Path, cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len({place for _, place in over_shards(square, range(200))} - {os.getpid()}) == 2
    raw = tmp_path / "raw"
    raw.mkdir()
    for file in range(6):
        records = [danmu(row_id=str(1000 + number), text=f"第{number}条") for number in range(file, 200 * file + 1)]
        (raw / f"{file}_danmu_day").write_text(row(as_python(records), f"20191222{file:02}") + "damaged\n")
    monkeypatch.setattr(shards, "SHARD", 20_000)  # so that there are several
    on_ray = corpus.parse_corpus([raw], tmp_path / "ray")
    monkeypatch.setenv("DANMU_ENGINE", "local")
    local = corpus.parse_corpus([raw], tmp_path / "local")
    assert on_ray == local and local.total("comments") == 1001 and local.total("rejected") == 6
    for name in (corpus.COMMENTS_NAME, corpus.REJECTED_NAME):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
