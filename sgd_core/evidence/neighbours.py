"""What the nearest training image alone gets right, and near-twins over the splits, as `data check --keep` measured."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sgd_core.errors import UserError
from sgd_core.runs.kept.published import PublishedRuns

FILE = "twins.json"


@dataclass(frozen=True)
class Split:
    """Images of a split, all of them and those far from any training image, and how many of each come out right.

    Right: the training image nearest by the angle between frozen features is of the same class.
    """

    images: int
    right: int
    twins: int
    """Images with a near-twin among the training images."""
    far: int
    far_right: int

    @property
    def share(self) -> float:
        return self.right / self.images

    @property
    def far_share(self) -> float:
        return self.far_right / self.far


def kept(published: PublishedRuns) -> dict[str, Split]:
    """Split -> what was measured; empty where nothing was. Raises UserError naming a file that is none of these."""
    text = published.text(FILE)
    if text is None:
        return {}
    try:
        return {
            name: Split(
                of["all"]["images"], of["all"]["angle_correct"], of["all"]["images"] - of["apart"]["images"],
                of["far"]["images"], of["far"]["angle_correct"],
            )
            for name, of in json.loads(text)["splits"].items()
        }  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{published.folder / FILE} is not what `data check --keep` writes: {error!r}.") from None
