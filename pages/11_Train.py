"""Ask for a run, watch it, find it again."""

from sgd_core.ui import train

train.show()
