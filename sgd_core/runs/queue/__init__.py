"""How runs get started: the app's queue, sweeps over a cluster, and the worker processes that train."""
