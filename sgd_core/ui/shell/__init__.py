"""What every page shares: layout, menu, theme, the runs there are, and the controls of a run."""
