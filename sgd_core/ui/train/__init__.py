"""Train a run: ask for it, watch it, see it among others."""
