"""Ask for a run, watch it, find it again."""

from sgd_core.ui import path
from sgd_core.ui.train import train

path.draw(train.PAGE, train.show)
