"""Sharp or just unfinished: sharpness at equal epochs, equal training time and equal loss."""

from sgd_core.ui import path
from sgd_core.ui.answer import sharpness

path.draw(sharpness.PAGE, sharpness.show)
