"""Figure 1 of the paper."""

from sgd_core.ui import figure

figure.show(1)
