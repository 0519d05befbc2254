"""Ask for a run, watch it, find it again."""

from sgd_core.ui.train import train

train.show()
