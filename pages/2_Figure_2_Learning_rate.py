"""Figure 2 of the paper."""

from sgd_core.ui.figures import figure

figure.show(2)
