"""Noise lab: SGD as it moves."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import live

path.draw(live.PAGE, live.show)
