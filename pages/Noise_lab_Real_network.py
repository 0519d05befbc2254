"""Noise lab: the gradient noise of the paper's own network."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import network

path.draw(network.PAGE, network.show)
