"""The app's answers as a folder of static pages: for a class larger than the host, or when the host is gone."""

from __future__ import annotations

from sgd_core.charts import document
from sgd_core.charts.axes import AXES
from sgd_core.charts.document import Entry
from sgd_core.experiment import paper
from sgd_core.ui.answer import collapse, evidence
from sgd_core.ui.figures import saved
from sgd_core.ui.shell import theme
from sgd_core.ui.shell.replay import PAPERS_ACCURACY

VIEWS = {
    "the paper's accuracy along epochs": (PAPERS_ACCURACY, "epoch"),
    "test accuracy along epochs": ("Test accuracy", "epoch"),
    "test accuracy along T_eff": ("Test accuracy", "effective"),
    "training loss along T_eff": ("Train loss", "effective"),
}
"""What each figure is drawn as: name of the link -> measure, axis."""
ABOUT = (
    "How batch size B and learning rate μ decide what stochastic gradient descent finds: the figures of Lynn and "
    'Maljković, "Assessment of the Generalization Error of SGD in Deep Neural Network", from runs made again, and '
    "what they can and cannot tell."
)


def made() -> dict[str, str]:
    """File name -> page, the contents first; raises UserError where a page has no published runs."""
    pages: dict[str, str] = {}
    entries = []
    for number, figure in paper.FIGURES.items():
        files = {name: f"figure-{number}-{place}.html" for place, name in enumerate(VIEWS, 1)}
        for name, (metric, axis) in VIEWS.items():
            pages[files[name]] = saved.from_published(number, metric, AXES[axis], site=True)
        entries.append(Entry(f"Figure {number}: {figure.title}", figure.question, files))
    pages["collapse.html"] = collapse.html(PAPERS_ACCURACY, site=True)
    pages["evidence.html"] = evidence.html()
    for page, file in ((collapse.PAGE, "collapse.html"), (evidence.PAGE, "evidence.html")):
        entries.append(Entry(page.title, page.question, {"open": file}))
    ink, ground = theme.colour("textColor"), theme.colour("backgroundColor")
    return {document.CONTENTS: document.contents("What decides what SGD finds", [ABOUT], entries, ink, ground), **pages}
