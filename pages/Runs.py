"""Every run there is."""

from sgd_core.ui import path
from sgd_core.ui.every_run import runs

path.draw(runs.PAGE, runs.show)
