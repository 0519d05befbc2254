"""Which images runs still get wrong at their ends, as the gauge `errors` kept it, and what is known of those images.

An image goes by its index in its split. Of the paper's images and of the shapes it is known here what every index is;
of a reader's own only where they are at hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from sgd_core.experiment.datasets import DATASETS
from sgd_core.images.places import VEGETABLES, Split
from sgd_core.training import manifest, twins
from sgd_core.training.shapes import SHAPES

PROBE = "errors"
SPLITS: tuple[Split, ...] = ("test", "val", "train")
"""In the order in which they are asked about."""
_NAME = re.compile(r"(\d+) of (\d+)")
_VEGETABLES, _SHAPES = (DATASETS[name].fingerprint for name in ("vegetables", "shapes"))


@dataclass(frozen=True, order=True)
class Image:
    """An image that is wrong: its index in its split, its class and the one it is taken for (indices of classes)."""

    index: int
    true: int
    said: int


@dataclass(frozen=True)
class Found:
    """What a run gets wrong of one split."""

    images: int
    wrong: int
    listed: tuple[Image, ...]
    """In the order of the data set; empty where too many are wrong to be kept one by one."""

    @property
    def whole(self) -> bool:
        return len(self.listed) == self.wrong


@dataclass(frozen=True)
class End:
    """The end of a run at which the gauge measured."""

    run: str
    seed: int
    views: int
    fingerprint: str
    """Of the images."""
    own: bool
    """Whether it is one of the runs that the curve is of; else another run of its settings."""
    splits: Mapping[Split, Found]


def ends(runs: pd.DataFrame, last: Mapping[str, int], measurements: pd.DataFrame) -> dict[str, End]:
    """Run -> its end, of one seed each: its own before others, the lowest that was measured, at its most views.

    `runs` has run, key, seed, views, data_fingerprint and own; `last` is the last epoch of every key. Runs that were
    not measured after it are left out.
    """
    values = measurements[(measurements["probe"] == PROBE) & measurements["value"].notna()]
    by_key = {str(key): rows for key, rows in values.groupby("key")}
    found: dict[str, End] = {}
    order = runs.sort_values(["own", "seed", "views"], ascending=[False, True, False], kind="stable")
    for row in order.to_dict("records"):
        rows = by_key.get(row["key"])
        if row["run"] in found or rows is None:
            continue
        at = rows[rows["epoch"] == last[row["key"]]]
        if splits := _splits(dict(zip(at["name"], at["value"], strict=True))):
            found[row["run"]] = End(
                row["run"], int(row["seed"]), int(row["views"]), row["data_fingerprint"], bool(row["own"]), splits
            )
    return {run: found[run] for run in dict.fromkeys(runs["run"]) if run in found}


def _splits(values: Mapping[str, float]) -> dict[Split, Found]:
    found: dict[Split, Found] = {}
    for split in SPLITS:
        images, wrong = values.get(f"{split}_images"), values.get(f"{split}_wrong")
        if images is None or wrong is None:  # there is no such split, or the weights are not finite
            continue
        named = {name.removeprefix(f"{split} "): said for name, said in values.items() if name.startswith(f"{split} ")}
        matches = {said: _NAME.fullmatch(said) for said in named}
        listed = sorted(Image(int(m[1]), int(m[2]), int(named[name])) for name, m in matches.items() if m)
        found[split] = Found(int(images), int(wrong), tuple(listed))
    return found


def in_all(found: Sequence[End], split: Split) -> frozenset[int] | None:
    """The images that every one of these runs gets wrong; None where these are not two runs that list them, at least.

    Runs on other images, and those that list none because they are wrong about too many, are passed over.
    """
    listed = [end.splits[split] for end in found if split in end.splits and end.splits[split].whole]
    if len(listed) < 2 or len({end.fingerprint for end in found}) > 1:
        return None
    return frozenset.intersection(*(frozenset(image.index for image in each.listed) for each in listed))


def compared(found: Sequence[End], split: Split) -> int:
    """How many runs `in_all` is of."""
    return sum(split in end.splits and end.splits[split].whole for end in found)


def confused(listed: Sequence[Image]) -> tuple[int, int, int] | None:
    """The class and what it is most often taken for, and how often; None where no two images share both."""
    counts = Counter((image.true, image.said) for image in listed).most_common(2)
    if not counts or counts[0][1] < 2 or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    (true, said), times = counts[0]
    return true, said, times


def class_names(fingerprint: str) -> tuple[str, ...] | None:
    """What the classes are called, in the words of a text; None of images that are not known here."""
    names = {_VEGETABLES: VEGETABLES, _SHAPES: SHAPES}.get(fingerprint)
    return None if names is None else tuple(name.replace("_", " ").lower() for name in names)


@lru_cache(maxsize=3)
def _places(split: Split) -> tuple[str, ...]:
    """split/class/name of every image of the paper's, by index."""
    return tuple(row.place for row in manifest.read() if row.split == split)


def place(fingerprint: str, split: Split, index: int) -> str | None:
    """split/class/name of an image of the paper's; None of any other set."""
    return _places(split)[index] if fingerprint == _VEGETABLES else None


@lru_cache(maxsize=3)
def with_twins(fingerprint: str, split: Split) -> frozenset[int] | None:
    """The images of a split that have a near-twin among the training images; None where that is not known."""
    if fingerprint != _VEGETABLES or split == "train":
        return None
    close = {pair.image for pair in twins.listed() if pair.correlation > twins.TWIN}
    return frozenset(i for i, each in enumerate(_places(split)) if each in close)
