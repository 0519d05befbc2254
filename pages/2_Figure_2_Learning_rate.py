"""Figure 2 of the paper."""

from sgd_core.ui import figure

figure.show(2)
