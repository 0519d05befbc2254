"""What the page says of the line and the plane between two ends, and of the same function written otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sgd_core.evidence.between import FIRST, SECOND
from sgd_core.evidence.sentences.sharpness import ALIKE, number


def line(table: pd.DataFrame, split: str) -> str:
    """Whether a rise lies between the two ends, and how far the loss rises as far beyond either; '' without a line.

    `table` is evidence.between.line's.
    """
    by = table[table["split"] == split].set_index("alpha")["loss"]
    if not {0.0, 1.0} <= set(by.index):
        return ""
    words = "training" if split == "train" else split
    inside = by[(by.index > 0) & (by.index < 1)]
    ends = f"The {words} loss is {by[0.0]:.3g} at the end of {FIRST} and {by[1.0]:.3g} at that of {SECOND}"
    if inside.empty:
        return f"{ends}."
    top, bottom = float(inside.max()), float(min(by[0.0], by[1.0]))
    if top > ALIKE * max(by[0.0], by[1.0]):
        between = f"between them it rises to {top:.3g}: there is a barrier"
    elif inside.min() < bottom / ALIKE:
        between = f"between them it falls to {float(inside.min()):.3g}, and no barrier stands between them"
    else:
        between = "no barrier stands between them"
    beyond = ""
    if {-0.5, 1.5} <= set(by.index):
        beyond = f" Half as far again beyond them it is {by[-0.5]:.3g} and {by[1.5]:.3g}."
    return f"{ends}; {between}.{beyond}"


def plane(ways: pd.DataFrame) -> str:
    """How far both runs went, and how far off the plane; '' without ways."""
    told = []
    for run, way in ways.groupby("run", sort=False):
        end = way.sort_values("epoch").iloc[-1]
        far, away = float((end["x"] ** 2 + end["y"] ** 2) ** 0.5), float(way["away"].max())
        told.append(f"{run} ends {number(far)} from the start and was at most {number(away)} off the plane")
    return "; ".join(told) + ("." if told else "")


def rescaled(tables: Mapping[str, pd.DataFrame], measure: str) -> str:
    """How far rescaling moves a measure of either end, and what it leaves; `tables`: run -> between.rescaled's."""
    told = []
    for run, table in tables.items():
        values = table[table["measure"] == measure].set_index("alpha")["value"]
        if values.empty:
            continue
        low, high = float(values.min()), float(values.max())
        if high <= ALIKE * low:
            told.append(f"that of {run} stays {number(float(values.iloc[0]))}")
        else:
            told.append(f"that of {run} goes from {number(low)} to {number(high)}")
    return f"The {measure}: {'; '.join(told)}." if told else ""


def unchanged(tables: Mapping[str, pd.DataFrame]) -> str:
    """How many predictions change, and by how much any logit does, over all alphas and runs; '' without tables."""
    every = [table for table in tables.values() if len(table)]
    if not every:
        return ""
    both = pd.concat(every)
    changed, images = int(both["changed"].max()), int(both["images"].max())
    share = float((both["logit_difference"] / both["logit_size"]).max())
    most = f"no logit changes by more than {share:.1g} of the largest" if share > 0 else "no logit changes at all"
    if changed == 0:
        return f"None of {images:,} predictions changes at any α; {most}."
    return f"At most {changed:,} of {images:,} predictions change; {most}."


def readouts(tables: Mapping[str, pd.DataFrame], measures: Sequence[str]) -> dict[tuple[float, str], str]:
    """(alpha, measure) -> what the picture says there, a line for every run and one for the predictions."""
    told: dict[tuple[float, str], str] = {}
    for alpha in sorted({alpha for table in tables.values() for alpha in table["alpha"]}):
        for measure in measures:
            lines = [f"α = {alpha:g}: the {measure}"]
            changed = []
            for run, table in tables.items():
                here = table[(table["alpha"] == alpha) & (table["measure"] == measure)]
                for row in here.to_dict("records"):
                    lines.append(f"{run}: {number(row['value'])}")
                    changed.append((int(row["changed"]), int(row["images"])))
            if changed:
                most, images = max(changed)
                lines.append(f"predictions that change: {most:,} of {images:,}")
            told[alpha, measure] = "\n".join(lines)
    return told


def kept_and_changed(tables: Mapping[str, pd.DataFrame]) -> str:
    """By which factor each measure moves at most over all alphas, and which order of the ends can be had."""
    folds: dict[str, float] = {}
    for table in tables.values():
        for measure, values in table.groupby("measure", sort=False)["value"]:
            folds[str(measure)] = max(folds.get(str(measure), 1.0), float(values.max() / values.min()))
    moved = [f"the {measure} {fold:.2g}-fold" for measure, fold in folds.items() if fold > ALIKE]
    stays = [f"the {measure}" for measure, fold in folds.items() if fold <= ALIKE]
    said = f"Rescaling moves {' and '.join(moved)}" if moved else "Rescaling moves nothing by more than 10%"
    return f"{said}; {' and '.join(stays)} stays." if moved and stays else f"{said}."


def which(tables: Mapping[str, tuple[int, pd.DataFrame]]) -> str:
    """Which ends these are: 'Ends of B=16, μ=1e-4 (seed 0) and ..., n = 1 each.'"""
    runs = " and ".join(f"{run} (seed {seed})" for run, (seed, _) in tables.items())
    return f"Measured at the end of {runs}, n = 1{' each' if len(tables) > 1 else ''}; dropout off."
