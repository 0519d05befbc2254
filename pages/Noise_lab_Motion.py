"""Noise lab: noisy steps become motion around the minimum."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import motion

path.draw(motion.PAGE, motion.show)
