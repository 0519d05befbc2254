"""The app: one room a group of pages, and the shell that they share. Rooms do not know each other."""
