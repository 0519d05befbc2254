"""Which image sets there are here, by name, and what is known of each without opening an image.

A set is one that every machine knows (experiment.datasets) or a folder of SGD_DATA_DIR: "vegetables" where it holds the
ten vegetables, else under the name that it was given, or its folder's. Of a folder that is not at hand any more, what
was last trained on is remembered on disk.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sgd_core import settings
from sgd_core.experiment.datasets import DATASETS, OWN_NAME, DataSet, training_images
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import listing, remembered
from sgd_core.images.listing import Listing
from sgd_core.images.places import VEGETABLES, DataError, same_class, shown, slug

PAPERS = "vegetables"
DECODING = "turned as EXIF says, alpha on white, squeezed to a square; v1"
"""What happens to a reader's own images before the network; part of their fingerprint."""
FETCH = "'python -m sgd_core data fetch' gets the paper's images"


@dataclass(frozen=True)
class Own:
    """A folder of SGD_DATA_DIR, under its name in RunSpec."""

    name: str
    folder: Path
    trouble: str = ""
    """Why it cannot have this name; a sentence."""


def offered() -> tuple[str, ...]:
    """The names of all sets: those that every machine knows, at hand or not, and the reader's own."""
    return (*DATASETS, *(own.name for own in _own() if not own.trouble and own.name not in DATASETS))


def at_hand(name: str) -> bool:
    """Whether a run can be trained on it here, as far as can be told without opening an image."""
    if name == PAPERS:
        return any(own.name == PAPERS for own in _own()) and not _listing(vegetables(), papers=True).faults
    return name in offered()


def is_here(name: str) -> bool:
    """Whether there is a folder that has this name, whatever is in it."""
    return any(own.name == name and own.folder.is_dir() for own in _own())


def troubles() -> list[str]:
    """Why folders of SGD_DATA_DIR are not offered; a sentence each, or several lines.

    Where nothing is named but the place of the vegetables, it need not be there.
    """
    owned = _own()
    if [("", owned[0].folder)] == settings.data_folders() and not owned[0].folder.exists():
        return []
    return [own.trouble for own in owned if own.trouble]


def listed(name: str) -> Listing:
    """The folder of a set that has one; raises DataError where there is no such set, or it has faults."""
    owned = _own()
    if name == PAPERS:
        if owned and all(own.name != PAPERS and not own.trouble for own in owned):
            names = ", ".join(own.name for own in owned)
            raise DataError(f"The vegetables are not here; {FETCH}. SGD_DATA_DIR has {names}: --dataset takes a name.")
        found = _listing(vegetables(), papers=True)
        if found.faults:
            raise DataError("\n".join(found.faults))
        return found
    for own in owned:
        if own.name == name and name not in DATASETS:
            if own.trouble:
                raise DataError(own.trouble)
            return _listing(own.folder)
    raise DataError("\n".join([f"There is no image set {name!r} here; there are {', '.join(offered())}.", *troubles()]))


def of_folder(folder: Path) -> tuple[str, Listing]:
    """The name that a folder would have by itself, and what it holds, faults and all."""
    own = _named("", folder)
    return own.name, _listing(folder, papers=own.name == PAPERS)


def require(name: str) -> None:
    """Raise DataError, with what is wrong, where no run can be trained on this set here; no image is opened."""
    if name != "shapes":
        listed(name)


def name_of(folder: Path) -> str:
    """Under which name a folder is in use; '' where it is not."""
    return next((own.name for own in _own() if own.folder == folder.resolve() and not own.trouble), "")


def vegetables() -> Path:
    """The folder of the vegetables; where none is, the one in which they belong. It need not exist."""
    folders = [folder for _, folder in settings.data_folders()]
    held = [own.folder for own in _own() if own.name == PAPERS]
    free = [folder for folder in folders if not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))]
    return (held or free or folders)[0]


def known(name: str) -> DataSet | None:
    """What is known of a set; None where it was never here. The vegetables are as the project knows them."""
    if name in DATASETS:
        return DATASETS[name]
    if name in offered():
        return described(name, listed(name))
    kept = _read_file().get(name)
    try:
        return None if kept is None else DataSet(tuple(map(int, kept["per_class"])), str(kept["words"]), "", "")
    except (KeyError, TypeError, ValueError):
        return None


def described(name: str, found: Listing) -> DataSet:
    """A reader's own set, as its folder has it."""
    return DataSet(found.per_class(), f"the {len(found.classes)} classes of {name}", "", "")


def images_of(spec: RunSpec) -> int:
    """How many images a run trains on; raises DataError where nothing is known of its set."""
    data = known(spec.dataset)
    if data is None:
        listed(spec.dataset)  # says what there is
        raise AssertionError(spec.dataset)
    return training_images(spec, data)


def fingerprint(name: str) -> str | None:
    """That of a reader's own set where it was computed before and nothing has changed since; '' of any other set.

    Looks at every file, and opens none: a runs table says of which images a run is, and a name alone does not.
    """
    if name in DATASETS:
        return ""
    found = listed(name) if name in offered() else None
    try:
        return None if found is None else remembered.look_up(*hashed(found))
    except OSError:  # removed since it was listed
        return None


def signature(name: str) -> str:
    """Changes when a file of a reader's own set does; '' of any other set. Not its fingerprint: nothing is opened."""
    if name in DATASETS or name not in offered():
        return ""
    try:
        return remembered.signature(*hashed(listed(name)))
    except OSError:
        return ""


def hashed(found: Listing) -> tuple[str, list[Path]]:
    """Under what, and of which files, the fingerprint of a reader's own set is remembered."""
    return f"own {rule(found)}", [file.path for files in found.files.values() for file in files]


def rule(found: Listing) -> str:
    """What is done to the images of a folder and by which rule they are split, for their fingerprint."""
    return f"{DECODING}; {listing.VAL_SHARE:g} of each class for val" if found.own_val else DECODING


def remember(name: str, data: DataSet) -> None:
    """Keep what is known of a reader's own set for when its folder is not at hand."""
    kept = {**_read_file(), name: {"per_class": data.per_class, "words": data.words}}
    file = _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        remembered.write(file, kept)
    except OSError:  # then nothing is known of it once it is unplugged
        pass


def _own() -> list[Own]:
    found: list[Own] = []
    for given, folder in settings.data_folders():
        own = _named(given, folder)
        if twin := next((each for each in found if own.name == each.name and not own.trouble), None):
            what = f"Two folders of SGD_DATA_DIR are called {own.name}: {shown(twin.folder)} and {shown(folder)}."
            own = Own(own.name, folder, f"{what} {_NAME_IT}")
        found.append(own)
    return found


_NAME_IT = "Give it a name of its own: SGD_DATA_DIR=name=folder."


def _named(given: str, folder: Path) -> Own:
    if given and not OWN_NAME.fullmatch(given):
        told = f"{given!r} cannot be the name of {shown(folder)}: 1 to 40 lower-case letters, digits and hyphens."
        return Own(given, folder, told)
    if not folder.exists():
        return Own(given or slug(folder.name), folder, f"{shown(folder)} is not there.")
    if given in ("", PAPERS) and _are_vegetables(_listing(folder)):
        return Own(PAPERS, folder)
    name = given or slug(folder.name)
    if name == PAPERS:
        return Own(name, folder, f"{shown(folder)} does not hold the ten vegetables alone; {FETCH}. {_NAME_IT}")
    if name in DATASETS:
        return Own(name, folder, f"{shown(folder)} cannot be called {name}, which is a built-in set. {_NAME_IT}")
    return Own(name, folder, "\n".join(_listing(folder).faults))


def _are_vegetables(found: Listing) -> bool:
    return {same_class(label) for label in found.classes} == {same_class(label) for label in VEGETABLES}


SETTLED = 1.0
"""Seconds since a folder was last changed, before which its listing is not kept: its time might not tell of the next
change."""
_listings: dict[tuple[Path, bool], tuple[list[tuple[str, int]], Listing]] = {}


def _listing(folder: Path, papers: bool = False) -> Listing:
    """As listing.read has it; anew where a folder was changed: to ask the folders is faster than to list the files."""
    key = (folder, papers)
    kept = _listings.get(key)
    if kept is not None and kept[0] == _states(kept[1]):
        return kept[1]
    found = listing.read(folder, VEGETABLES if papers else None)
    _listings.pop(key, None)
    states = _states(found)
    if not found.faults and max(at for _, at in states) < time.time_ns() - SETTLED * 1e9:
        _listings[key] = (states, found)
    return found


def _states(found: Listing) -> list[tuple[str, int]]:
    """When each folder that was looked into last changed; 0 where it is not there."""
    return [(str(place), _changed(place)) for place in sorted({found.folder, found.root, *found.looked_into})]


def _changed(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


def _file() -> Path:
    return settings.cache_dir() / "image_sets.json"


def _read_file() -> dict[str, dict[str, Any]]:
    try:
        kept = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
