"""The lesson: questions for a class, one a screen."""

from sgd_core.ui import path

path.draw_lesson()
