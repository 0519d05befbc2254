"""The lesson: questions for a class, one a screen, each with a picture that holds its answer back."""
