"""Where weights come from: a pinned package, the Hugging Face hub, or a folder of one's own.

Whatever the source, the answer is a folder that `from_pretrained` reads, so nothing else in the
project knows the difference.
"""

import hashlib
import os
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pipeline.errors import UserError
from pipeline.networks.rebuild import REBUILD
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource

SUMS = "SHA256SUMS"
#: what a model folder needs; not the duplicate weights in other formats that hub repositories hold
HUB_PATTERNS = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]


def model_folder(key: str, models: dict[str, ModelSource], parameter: str) -> Path:
    """Folder with the model that params.yaml calls `key`, built or fetched if it is not there yet.

    Args:
        key: a name in the `models` section.
        models: that section.
        parameter: the key of params.yaml that chose it, for the error's sentence.

    Raises:
        UserError: the model is not there and cannot be had: which, why, and what to change.
    """
    model = models[key]
    advice = f"choose another model in {parameter} (params.yaml), or mend models.{key}."
    if model.source == "bundled":
        return bundled_folder(model.name, advice)
    if model.source == "hub":
        return hub_folder(model.name, model.revision, advice)
    folder = Path(model.name).expanduser()
    if not (folder / "config.json").is_file():
        raise UserError(f"Model {key}: there is no {folder / 'config.json'}; {advice}")
    return folder


def check_source(key: str, models: dict[str, ModelSource], parameter: str) -> None:
    """Raise UserError where it is plain without any long work that a model cannot be had."""
    model = models[key]
    if model.source == "bundled":
        package_of(model.name, f"choose another model in {parameter} (params.yaml), or mend models.{key}.")
    elif model.source == "path":
        model_folder(key, models, parameter)
    elif presence(model) == "to be fetched":
        model_folder(key, models, parameter)  # fetch it now rather than after the first stages


def check_four_bit() -> None:
    """Raise UserError where 4-bit base weights cannot work."""
    from importlib.util import find_spec

    import torch

    missing = "bitsandbytes is not installed" if find_spec("bitsandbytes") is None else ""
    missing = missing or ("" if torch.cuda.is_available() else "torch sees no CUDA device")
    if missing:
        raise UserError(f"llama.four_bit is true, but {missing}; mend that, or set it to false (params.yaml).")


def package_of(name: str, advice: str) -> None:
    """Whether the packages that carry a bundled model are installed."""
    if name not in REBUILD:
        raise UserError(f"No bundled model is called {name!r} (there are {', '.join(REBUILD)}); {advice}")
    for package in REBUILD[name].packages:
        try:
            distribution(package)
        except PackageNotFoundError:
            raise UserError(
                f"{name} comes with the package {package}, which is not installed; run `make setup`, or {advice}"
            ) from None


def presence(model: ModelSource) -> str:
    """One word on whether a model is on this machine."""
    if model.source == "bundled":
        return "here" if (cache_folder() / "models" / model.name).is_dir() else "to be rebuilt"
    if model.source == "path":
        return "here" if (Path(model.name).expanduser() / "config.json").is_file() else "missing"
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model.name, "config.json", revision=model.revision)
    return "here" if isinstance(found, str) else "to be fetched"


def bundled_folder(name: str, advice: str = "") -> Path:
    """Rebuild a bundled model into the cache once; later calls check the files' sha256."""
    package_of(name, advice)
    folder = cache_folder() / "models" / name
    if folder.is_dir():
        if (folder / SUMS).read_text() == sums(folder):
            return folder
        shutil.rmtree(folder)  # damaged: a copy that was cut short, a disk that failed
    building = folder.with_name(f"{name}.{os.getpid()}.part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        REBUILD[name].write(building)
        (building / SUMS).write_text(sums(building))
        if not folder.is_dir():  # another process may have been faster
            building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder


def digest(folder: Path) -> str:
    """sha256 over a model folder's files: what tells its weights from others."""
    stored = folder / SUMS
    content = stored.read_text() if stored.is_file() else sums(folder)
    return hashlib.sha256(content.encode()).hexdigest()


def sums(folder: Path) -> str:
    """The folder's files with their sha256, one a line, as `sha256sum` writes them."""
    lines = []
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(lines)


def hub_folder(name: str, revision: str | None, advice: str) -> Path:
    """Local snapshot of a hub repository; what is in the Hugging Face cache needs no network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=HUB_PATTERNS))
        if any(folder.glob("*.safetensors")):
            return folder
        why = "it has no safetensors weights, and pickles are not read; convert it once and name the folder as a path"
    except GatedRepoError:
        why = "its licence has to be accepted on its page and HF_TOKEN set"
    except RepositoryNotFoundError:
        why = "there is no such repository, or HF_TOKEN has no access to it"
    except (HfHubHTTPError, OSError) as error:
        why = f"it is not in the local cache and the hub was not reached ({type(error).__name__})"
    except Exception as error:  # httpx's errors share no base with OSError
        if type(error).__module__.split(".")[0] not in ("httpx", "httpcore", "huggingface_hub"):
            raise
        why = f"it is not in the local cache and the hub was not reached ({type(error).__name__})"
    raise UserError(f"The model {name} could not be had from the Hugging Face hub: {why}; {advice}")
