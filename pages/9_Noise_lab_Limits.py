"""Noise lab: where the argument ends."""

from sgd_core.ui.noise_lab import limits

limits.show()
