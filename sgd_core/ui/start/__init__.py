"""The first page, and the list of words."""
