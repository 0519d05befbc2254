"""What only maintainers use: benchmarks, load, pictures and invented runs. `python -m tools COMMAND`."""
