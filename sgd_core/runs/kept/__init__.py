"""Where runs are kept: published, on this machine, imported; and how they get in and out. No torch."""
