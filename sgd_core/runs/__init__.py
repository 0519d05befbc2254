"""Where runs live and how they get started."""
