"""Where weights come from: a pinned package, the Hugging Face hub, or a folder of one's own.

Whatever the source, the answer is a folder that `from_pretrained` reads, so nothing else in the
project knows the difference.
"""

import os
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pipeline.addresses import heed_proxies, masked, through
from pipeline.errors import UserError
from pipeline.networks.digests import MODEL_FILES, sums
from pipeline.networks.digests import digest as digest  # a source's digest is asked for here
from pipeline.networks.rebuild import DIGESTS, REBUILD
from pipeline.runtime import cache_folder
from pipeline.settings import ModelSource

SUMS = "SHA256SUMS"
#: packages whose errors mean that the hub cannot be reached
HUB_ERRORS = ("httpx2", "httpcore2", "huggingface_hub")


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
    if model.source == "bundled":
        return bundled_folder(model.name, advice(key, parameter))
    if model.source == "hub":
        return hub_folder(model.name, model.revision, advice(key, parameter))
    folder = Path(model.name).expanduser()
    if not (folder / "config.json").is_file():
        raise UserError(f"Model {key}: there is no {folder / 'config.json'}; {advice(key, parameter)}")
    return folder


def identity(key: str, models: dict[str, ModelSource], parameter: str) -> str:
    """A few lines that say what weights stand behind `key`; they change when the weights do.

    They hold no path of this machine other than what params.yaml says itself. A bundled model is known by the
    files that it is rebuilt from, without building it; of the others the local files are read, a hub's after
    they were fetched. Digests of large files are remembered (digests.py).

    Args:
        key, models, parameter: as for `model_folder`.

    Raises:
        UserError: the model is not there and cannot be had.
    """
    model = models[key]
    facts = [("source", model.source), ("name", model.name)]
    if model.source == "bundled":
        check_bundled(model.name, advice(key, parameter))
        facts += [("sha256", f"{DIGESTS[name]}  {name}") for name in REBUILD[model.name].files.values()]
    else:
        folder = model_folder(key, models, parameter)
        if model.source == "hub":
            facts += [("revision", model.revision or "newest"), ("commit", folder.name)]  # a snapshot is named for it
        facts.append(("sha256", digest(folder)))
    return "".join(f"{name}: {value}\n" for name, value in facts)


def check_source(key: str, models: dict[str, ModelSource], parameter: str) -> None:
    """Raise UserError where it is plain without any long work that a model cannot be had."""
    model = models[key]
    if model.source == "bundled":
        check_bundled(model.name, advice(key, parameter))
    elif model.source == "path" or presence(model) != "here":
        model_folder(key, models, parameter)  # fetch it now rather than after the first stages


def advice(key: str, parameter: str) -> str:
    """How an error about a model ends: what to change."""
    return f"choose another model in {parameter} (params.yaml), or mend models.{key}."


def check_four_bit() -> None:
    """Raise UserError where 4-bit base weights cannot work."""
    from importlib.util import find_spec

    import torch

    missing = "bitsandbytes is not installed" if find_spec("bitsandbytes") is None else ""
    missing = missing or ("" if torch.cuda.is_available() else "torch sees no CUDA device")
    if missing:
        raise UserError(f"llama.four_bit is true, but {missing}; mend that, or set it to false (params.yaml).")


def check_bundled(name: str, mend: str) -> None:
    """Raise UserError where there is no such bundled model, or a package that carries it is not installed."""
    if name not in REBUILD:
        raise UserError(f"No bundled model is called {name!r} (there are {', '.join(REBUILD)}); {mend}")
    for package in REBUILD[name].files:
        try:
            distribution(package)
        except PackageNotFoundError:
            raise UserError(
                f"{name} comes with the package {package}, which is not installed; run `make setup`, or {mend}"
            ) from None


def presence(model: ModelSource) -> str:
    """A word or three on whether a model is on this machine."""
    if model.source == "bundled":
        return "here" if (cache_folder() / "models" / model.name).is_dir() else "to be rebuilt"
    if model.source == "path":
        return "here" if (Path(model.name).expanduser() / "config.json").is_file() else "missing"
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(model.name, "config.json", revision=model.revision)
    except HFValidationError:
        return "no repository's name"
    return "here" if isinstance(cached, str) else "to be fetched"


def bundled_folder(name: str, mend: str = "") -> Path:
    """Rebuild a bundled model into the cache once; later calls check the files' sha256."""
    check_bundled(name, mend)
    folder = cache_folder() / "models" / name
    if folder.exists():
        if whole(folder):
            return folder
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
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


def whole(folder: Path) -> bool:
    """Whether a rebuilt folder is as it was written, and not a copy that was cut short or what a bad disk left."""
    try:
        return (folder / SUMS).read_text(encoding="utf-8") == sums(folder)
    except (OSError, UnicodeDecodeError, UserError):  # no sums, or files that cannot be read
        return False


def hub_folder(name: str, revision: str | None, mend: str) -> Path:
    """Local snapshot of a hub repository; what is in the Hugging Face cache needs no network."""
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    heed_proxies()
    here = Path(name).expanduser().is_dir()
    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=list(MODEL_FILES)))
        if any(folder.glob("*.safetensors")):
            return folder
        why = "it has no safetensors weights, and pickles are not read; convert it once and name the folder as a path"
    except HFValidationError:
        why = "a repository is called owner/name, and a folder's source is path"
    except RevisionNotFoundError:
        why = f"it has no revision {revision}"
    except GatedRepoError:
        why = "its licence has to be accepted on its page and HF_TOKEN set"
    except RepositoryNotFoundError:
        why = "there is no such repository, or HF_TOKEN has no access to it"
    except Exception as error:
        # the errors of httpx share no base with OSError
        if not isinstance(error, OSError) and type(error).__module__.split(".")[0] not in HUB_ERRORS:
            raise
        way = f"{masked(constants.ENDPOINT)}{through(constants.ENDPOINT)}"
        why = f"it is not in the local cache and the hub was not reached at {way} ({type(error).__name__})"
    if here:
        mend = f"{name} is also a folder here: say `source: path` if that is meant, or {mend}"
    raise UserError(f"The model {name} could not be had from the Hugging Face hub: {why}; {mend}")
