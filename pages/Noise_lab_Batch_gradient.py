"""Noise lab: a batch gradient is a guess."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import guess

path.draw(guess.PAGE, guess.show)
