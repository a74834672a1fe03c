from pathlib import Path

from pipeline.danmu.corpus.parsing import parse_corpus
from pipeline.danmu.corpus.unused import columns_not_used


def said(folder: Path) -> list[str]:
    """What is said of the columns of a corpus."""
    raw = folder / "raw"
    return list(columns_not_used([raw], parse_corpus([raw], folder / "out")))


def test_columns_that_gave_nothing_are_named_once_per_form_and_header(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(40):
        (raw / f"{number:02}.csv").write_text(f"id,text,likes,ip\n{number},好,1,x\n", encoding="utf-8")
    (raw / "a.jsonl").write_text('{"id": "a", "text": "好", "shop": 1}\n' * 2, encoding="utf-8")
    (raw / "b.csv").write_text("id,text\nb,好\n", encoding="utf-8")
    assert said(tmp_path) == [
        "",
        "columns not used",
        "  CSV, 00.csv and 39 more: likes, ip",
        "  JSON lines, a.jsonl: shop",
    ]


def test_where_every_column_is_used_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "b.csv").write_text("id,text\nb,好\n", encoding="utf-8")
    assert said(tmp_path) == []
