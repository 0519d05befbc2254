"""The schedule workbench."""

from sgd_core.ui.noise_lab import workbench

workbench.show()
