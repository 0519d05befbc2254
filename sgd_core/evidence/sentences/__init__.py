"""What pages and the command line say of runs, pure: one module a page, from tables to text."""
