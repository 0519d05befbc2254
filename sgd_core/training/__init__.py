"""How a run is made. The only package that imports torch."""
