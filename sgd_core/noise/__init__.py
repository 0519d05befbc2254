"""Why mu/B: closed forms for the noise of SGD, and simulations of exactly those quantities. NumPy only."""
