"""Noise lab: the gradient noise of the paper's own network."""

from sgd_core.ui import network

network.show()
