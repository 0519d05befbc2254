"""The very same head written otherwise: what a slider does to its sharpness, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from sgd_core.charts import between as chart
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.sentences import between as sentences
from sgd_core.evidence.sentences.sharpness import command
from sgd_core.evidence.sharpness import MEASURES
from sgd_core.ui.answer import sharp_tables
from sgd_core.ui.shell import kept, lab, words
from sgd_core.ui.shell.shared import shared


def show() -> None:
    """Draw the panel."""
    words.say("##### The same network, as sharp as you like")
    words.say(
        "The first layer's weights and biases times α, the second's weights divided by α: the ReLU between them lets "
        "the factor through, so the network answers as before."
    )
    found = sharp_tables.rescaled()
    if not found:
        st.info(f"Not measured yet: {command('rescale', 'ways')}.")
        return
    tables = {run: table for run, (_, table) in found.items()}
    said = " ".join(sentences.rescaled(tables, measure) for measure in MEASURES)
    lab.draw(_picture(tables, lab.look(), kept.stamp()), said)
    lab.takeaway(sentences.kept_and_changed(tables))
    words.caption(f"{sentences.unchanged(tables)} {sentences.which(found)}")


@shared
def _picture(_tables: Mapping[str, pd.DataFrame], look: Look, stamp: kept.Stamp) -> Spec:
    colours = dict(zip(_tables, look.accents, strict=False))
    texts = sentences.readouts(_tables, list(MEASURES))
    return chart.rescaled(_tables, texts, list(MEASURES), colours, look)
