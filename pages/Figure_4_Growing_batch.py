"""Figure 4 of the paper."""

from sgd_core.ui import path

path.draw_figure(4)
