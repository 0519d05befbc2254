"""Good and bad settings, each with a comment and a link that draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgd_core.evidence.sentences import gallery as sentences
from sgd_core.experiment.examples import EXAMPLES
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import kept, page, words

CONTROLS = {"x": "T_eff", "metric": "Validation accuracy"}


def show() -> None:
    """Draw the examples whose runs are here."""
    found = {title: rows for title, specs in EXAMPLES.items() if (rows := _rows(specs))}
    if not found:
        return
    words.say("##### Worth seeing, good and bad")
    for title, rows in found.items():
        page.link(title, "Runs", {**CONTROLS, listing.CHOSEN: [str(row["key"])[: kept.SHORT] for row in rows]})
        words.caption(sentences.comment(title, rows))


def _rows(specs: tuple[RunSpec, ...]) -> list[Mapping[str, Any]]:
    """The rows of these runs; none where one is not here."""
    rows = [_row(spec) for spec in specs]
    return [row for row in rows if row is not None] if None not in rows else []


def _row(spec: RunSpec) -> Mapping[str, Any] | None:
    found = kept.answer(spec)
    return None if found.empty else {str(name): value for name, value in found.iloc[0].to_dict().items()}
