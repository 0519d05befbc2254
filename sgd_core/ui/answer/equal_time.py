"""The map of runs of equal training time: test loss or accuracy over B and mu, and the best rate of every B."""

from __future__ import annotations

import streamlit as st

from sgd_core.charts import tiles as chart
from sgd_core.charts.tiles import Tile
from sgd_core.evidence import equal_time
from sgd_core.evidence.sentences import equal_time as sentences
from sgd_core.experiment.claims import MAP_SEEDS
from sgd_core.ui.answer import found
from sgd_core.ui.shell import lab, theme, words

LOSS, ACCURACY = "Test loss", "Test accuracy"


def show() -> None:
    """Draw the map."""
    cells = found.cells()
    words.say("##### The map: equal training time at every B and μ")
    words.say(
        "Every run trains for T = 2.88: 3,600, 900 or 225 updates. If noise decides, colours follow the dotted lines "
        "of equal μ/B, and more noise does better; if training time does, all are alike where steps are small enough."
    )
    with st.container(key="controls-map"):
        shown = st.segmented_control(
            "Measure", [LOSS, ACCURACY], default=LOSS, key="shown", required=True, bind="query-params"
        )
    loss = shown == LOSS
    tiles = [Tile(c.batch_size, c.learning_rate, c.loss if loss else c.accuracy, c.n) for c in cells]
    spec = chart.chart(tiles, str(shown).lower(), ".3f" if loss else ".1%", loss, theme.tint(), lab.look())
    lab.draw(spec, sentences.picture(cells))
    words.say(" ".join(said for said in (sentences.there(cells, MAP_SEEDS), sentences.spread(cells)) if said))
    words.caption("Colour: darker is more. Dotted: equal μ/B. Below each number: seeds.")
    if told := sentences.by_noise(cells):
        words.say(told)
    words.say(
        "**Which rate is best?** Rates that were not tuned for every B, and budgets that are not equal, explain much "
        "of what is reported of batch sizes (Shallue et al., JMLR 2019)."
    )
    words.say("\n".join(f"- {sentences.best(each)}" for each in equal_time.best(cells)))
