"""The evidence: a verdict on every claim."""

from sgd_core.ui import path
from sgd_core.ui.answer import evidence

path.draw(evidence.PAGE, evidence.show)
