"""The schedule workbench."""

from sgd_core.ui import path
from sgd_core.ui.noise_lab import workbench

path.draw(workbench.PAGE, workbench.show)
