"""Noise lab: where the argument ends."""

from sgd_core.ui import limits

limits.show()
