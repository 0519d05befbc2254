"""Every run there is."""

from sgd_core.ui.every_run import runs

runs.show()
