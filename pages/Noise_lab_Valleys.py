"""Noise lab: noise chooses the valley."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import valleys

path.draw(valleys.PAGE, valleys.show)
