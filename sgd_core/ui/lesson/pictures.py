"""Every picture that a lesson can show, by its name."""

from __future__ import annotations

from sgd_core.ui.lesson import batches, claims, runs
from sgd_core.ui.lesson.picture import Picture

PICTURES: dict[str, Picture] = {**batches.PICTURES, **runs.PICTURES, **claims.PICTURES}
