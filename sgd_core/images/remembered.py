"""Fingerprints that were computed before, by the names, sizes and times of the files they are of.

Hashing 5,376 images takes a second of CPU and reading the weights takes torch; looking at the files takes 30 ms. A file
that was written since has another time, and is hashed again. Kept in one JSON file of the cache folder, where that can
be written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sgd_core import settings


def of_files(what: str, paths: Iterable[Path], compute: Callable[[], str]) -> str:
    """The fingerprint of these files, computed only where it is not remembered."""
    known = look_up(what, paths := list(paths))
    if known is not None:
        return known
    found = compute()
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(file, {**_read(file), signature(what, paths): found})
    except OSError:  # it is computed again the next time
        pass
    return found


def write(file: Path, kept: Mapping[str, object]) -> None:
    """Replace a JSON file as a whole; raises OSError."""
    partial = file.with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(kept, indent=0))
    partial.replace(file)


def look_up(what: str, paths: Iterable[Path]) -> str | None:
    """The fingerprint of these files where it is remembered."""
    return _read(_file()).get(signature(what, paths))


def _file() -> Path:
    return settings.cache_dir() / "fingerprints.json"


def _read(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def signature(what: str, paths: Iterable[Path]) -> str:
    """Changes when one of these files is written, moved or removed."""
    states = sorted((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths)
    return f"{what}:{hashlib.sha256(json.dumps(states).encode()).hexdigest()}"
