"""Start and Figures 1 to 4: replay of the paper's runs."""
