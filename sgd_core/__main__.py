"""python -m sgd_core: the command line of the core."""

from sgd_core.cli import main

main()
