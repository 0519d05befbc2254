"""Noise lab: noise chooses the valley."""

from sgd_core.ui.noise_lab import valleys

valleys.show()
