"""Noise lab: noisy steps become motion around the minimum."""

from sgd_core.ui import motion

motion.show()
