"""Noise or training time: the curves become one."""

from sgd_core.ui import path
from sgd_core.ui.answer import collapse

path.draw(collapse.PAGE, collapse.show)
