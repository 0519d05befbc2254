"""Every run there is."""

from sgd_core.ui import runs

runs.show()
