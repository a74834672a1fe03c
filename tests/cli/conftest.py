import sys
from pathlib import Path

import pytest

from pipeline.artifacts.comments import COMMENTS
from pipeline.cli import main as cli
from pipeline.files import write_parquet
from tests.annotation.model.test_silver import corpus
from tests.cli.project import ROWS, TREE, Danmu, Said, written
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with comments and nothing else done; anna has labelled dm00 and dm10 in round 1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "taxonomy.yaml").write_text(TREE, encoding="utf-8")
    written("data/annotations/round-1/anna.csv", "comment_id,labels\ndm00,joy\ndm10,awe\n")
    write_parquet(corpus(*ROWS), Path("data/derived/comments.parquet"), COMMENTS)
    return tmp_path


@pytest.fixture
def danmu(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Danmu:
    """The command line as a shell calls it."""

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["danmu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Said(int(ended.value.code or 0), out, err)

    return call
