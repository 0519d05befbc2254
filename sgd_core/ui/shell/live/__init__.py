"""A walk of SGD that is computed and drawn in the browser, with its theory: for a page of its own, and small."""
