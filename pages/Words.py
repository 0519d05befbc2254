"""The words of this app."""

from sgd_core.ui import path
from sgd_core.ui.start import glossary

path.draw(glossary.PAGE, glossary.show)
