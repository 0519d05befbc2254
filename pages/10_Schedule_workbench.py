"""The schedule workbench."""

from sgd_core.ui import workbench

workbench.show()
