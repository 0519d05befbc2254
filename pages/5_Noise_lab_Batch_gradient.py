"""Noise lab: a batch gradient is a guess."""

from sgd_core.ui import guess

guess.show()
