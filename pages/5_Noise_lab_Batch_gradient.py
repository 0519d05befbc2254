"""Noise lab: a batch gradient is a guess."""

from sgd_core.ui.noise_lab import guess

guess.show()
