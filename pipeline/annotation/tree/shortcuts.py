"""A key for every leaf, so that a comment costs an annotator one stroke."""

from collections.abc import Callable, Collection, Iterable, Sequence
from string import ascii_lowercase, digits

KEYS = ascii_lowercase + digits


def shortcuts(names: Sequence[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Name → key: its first letter where that is free, else a later word's first, else any of its letters, else any.

    Earlier names choose first within each of these rounds. Where the keys run out, the last names have none.
    """
    free = [key for key in KEYS if key not in taken]
    keys: dict[str, str] = {}
    rounds: tuple[Callable[[str], Iterable[str]], ...] = (
        lambda name: name[:1].lower(),
        lambda name: [word[0].lower() for word in name.replace("_", " ").replace("-", " ").split()],
        lambda name: name.lower(),
        lambda name: tuple(free),
    )
    for wishes in rounds:
        for name in names:
            key = next((wish for wish in wishes(name) if wish in free), None)
            if name not in keys and key is not None:
                keys[name] = key
                free.remove(key)
    return keys
