"""What is left of cells that the DAG no longer has, and of stages that it no longer knows: it goes.

After a value is taken out of params.yaml, its files would stay in results/ and costs/, its entry in dvc.lock, and
whatever depends on these folders would depend on their history. Nothing is lost: DVC's cache keeps the files, and
puts them back when the value returns.
"""

import shutil
from collections.abc import Collection
from pathlib import Path

from pipeline.dag.stage_key import LOCK, read_lock


def remove_what_is_no_more(places: Collection[Path], roots: Collection[Path]) -> None:
    """Remove files and folders below `roots` that are none of `places`, above one or below one.

    Args:
        places: where the cells and stages that there are write.
    """
    kept = {parent for place in places for parent in (place, *place.parents)}
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.name == ".gitignore":  # DVC's own, and it would write it again
                continue
            if path.exists() and path not in kept and not any(parent in places for parent in path.parents):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def forget(stages: Collection[str]) -> None:
    """Take out of dvc.lock what is none of these stages; the file is rewritten only where there is something."""
    if set(read_lock()) - set(stages):
        from dvc.utils.serialize import modify_yaml

        with modify_yaml(str(LOCK)) as lock:
            for name in set(lock["stages"]) - set(stages):
                del lock["stages"][name]
