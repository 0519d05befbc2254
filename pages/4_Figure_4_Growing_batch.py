"""Figure 4 of the paper."""

from sgd_core.ui.figures import figure

figure.show(4)
