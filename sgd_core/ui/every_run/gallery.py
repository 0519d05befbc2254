"""Good and bad settings, each with a comment and a link that draws them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.evidence.sentences import gallery as sentences
from sgd_core.experiment.examples import EXAMPLES
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import kept, page, words

CONTROLS = {"x": "T_eff", "metric": "Validation accuracy"}


def show() -> None:
    """Draw the examples whose runs are here."""
    found = _found(kept.stamp())
    if not found:
        return
    words.say("##### Worth seeing, good and bad")
    for title, (keys, comment) in found.items():
        page.link(title, "Runs", {**CONTROLS, listing.CHOSEN: keys})
        words.caption(comment)


@st.cache_resource(max_entries=2, show_spinner=False)
def _found(stamp: kept.Stamp) -> dict[str, tuple[list[str], str]]:
    """Title -> short keys and comment of the examples whose runs are all here; made once per change of the runs."""
    found = {}
    for title, specs in EXAMPLES.items():
        answers = pd.concat([kept.answer(spec) for spec in specs])
        if len(answers) == len(specs):
            rows = [{str(name): value for name, value in row.items()} for row in answers.to_dict("records")]
            found[title] = ([key[: kept.SHORT] for key in answers["key"]], sentences.comment(title, list(rows)))
    return found
