"""Rooms of a class in the server's memory: a teacher steers, phones guess. Nothing of one is ever written."""
