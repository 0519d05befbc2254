"""Noise lab: where the argument ends."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import limits

path.draw(limits.PAGE, limits.show)
