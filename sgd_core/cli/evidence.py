"""`evidence`: a verdict on every claim of the paper, from the published runs and this machine's."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sgd_core.cli.options import choose
from sgd_core.cli.runs import tell_troubles
from sgd_core.evidence import report, verdicts
from sgd_core.evidence.sentences import verdicts as sentences
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment import claims
from sgd_core.experiment.claims import MEASURES
from sgd_core.runs.kept.store import Store

WIDTH = 200
"""Characters of a table that goes to a file or a pipe."""


def evidence(
    format: Annotated[str, typer.Option(help="table or json")] = "table",
    claim: Annotated[list[str] | None, typer.Option(help=f"one of {', '.join(claims.CLAIMS)}; repeatable")] = None,
) -> None:
    """Say of every claim whether the runs support it, by how much, how sure that is, and what its controls show."""
    choose("format", format, ("table", "json"))
    wanted = {claims.named(name).name for name in claim or claims.CLAIMS}
    # Holm's correction is over all claims, whichever are shown.
    store = Store()
    found = [each for each in verdicts.verdicts(report.tables(store)) if each.claim.name in wanted]
    tell_troubles(store)
    if format == "json":
        print(json.dumps([report.as_json(each) for each in found], indent=1))
        return
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=WIDTH)
    console.print(_table(found))
    for each in found:
        console.print(f"\n[bold]{each.claim.name}. {each.claim.title}.[/bold] {each.claim.statement}", soft_wrap=True)
        console.print(sentences.verdict(each), soft_wrap=True, markup=False)
        console.print(f"Caveat: {each.claim.caveat} ({each.claim.settings})", soft_wrap=True, markup=False)


def _table(found: list[Verdict]) -> Table:
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("claim", "verdict", "n", "difference (95%)", "margin", "would have found", "controls"):
        shown.add_column(heading, justify="right" if heading == "n" else "left")
    for each in found:
        measure, paired = MEASURES[each.primary.comparison.measure], each.primary.paired
        low, high = sentences.interval(each.primary)
        mean = sentences.amount(measure, paired.mean) if paired.n else "?"
        detectable = sentences.amount(measure, each.detectable) if paired.n > 1 else "?"
        controls = "; ".join(f"{control.comparison.words}: {result.outcome}" for control, result in each.controls)
        shown.add_row(
            f"{each.claim.name} {each.claim.title}", each.outcome, f"{paired.n} of {each.claim.seeds}",
            f"{mean} ({low} to {high})", sentences.margin(measure), detectable, controls,
        )  # fmt: skip
    return shown
