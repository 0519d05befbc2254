"""Noise lab: noise chooses the valley."""

from sgd_core.ui import valleys

valleys.show()
