"""The README of the published runs: a text that is written once, and a table of results that publishing renews."""

from __future__ import annotations

import pandas as pd

from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.runs.kept import table

BEGIN = "<!-- results: written by 'python -m sgd_core publish'; do not edit below -->"
END = "<!-- end of results -->"

ACCURACIES = {
    "reported": "training images classified correctly, in eval mode, on an augmented view that the epoch was not "
    "trained on, against the labels given for training: what the paper plots as 'validation accuracy'",
    "val": "validation images classified correctly, without augmentation",
    "test": "test images classified correctly, without augmentation; further images of the same data set",
}

FRAME = f"""# The published runs

The runs behind the paper's Figures 1 to 4, made anew by this project: the app replays them from here, and needs
neither images nor torch for it. `python -m sgd_core publish` writes this folder from the finished runs of a machine;
nothing here was tuned towards the authors' numbers.

- `runs.parquet`: one row a run. `key`, `status` (done or diverged), the settings (every field of `RunSpec`), how
  many images each count is out of, and the run's own provenance: fingerprints of images and weights, device,
  threads, versions, commit, command, date.
- `epochs.parquet`: one row an epoch (`key`, `epoch` from -1, the untrained network): updates and training time T so
  far, learning rate, batch size, losses, counts of images classified correctly, norms, seconds.
- `measurements.parquet`: one row a value that a probe measured at a chosen epoch (`key`, `probe`, `epoch`, `name`,
  `value`).
- `provenance.json`: what all runs stand on, with counts.

Accuracies are not kept; they are counts divided by the image counts of the run:

- **reported** (`reported_correct` / `train_images`): {ACCURACIES["reported"]}.
- **validation** (`val_correct` / `val_images`): {ACCURACIES["val"]}.
- **test** (`test_correct` / `test_images`): {ACCURACIES["test"]}. On a CPU it is measured every fifth epoch and in
  the last ten.

A final accuracy is the mean over the last ten epochs, as in the authors' numbers.

## Results

{BEGIN}
{END}

## What differs from the authors' set-up, and the likely reason of differences

- **Views.** The authors' loader draws a fresh crop and flip of every image in every pass. Here the frozen features
  of V augmented views are computed once; epoch e trains on view e mod V and is scored on the next. Where V (in the
  table) is smaller than the number of epochs, the network meets the same crops again after V epochs, and the view it
  is scored on has been trained on V - 1 epochs before. Less variety can cost accuracy, being scored on crops met
  before can add some. At V = 33 the well-trained runs of Figures 1 and 2 end up to 0.3 points above the authors', so
  the second seems to weigh more. With more than 150 views every epoch sees fresh crops and this difference is gone.
- **Short training.** The run that differs most, exponential r=1, has a learning rate that falls by a factor e every
  epoch: all its training is the first few dozen updates, while accuracy still climbs steeply. There the initial
  network and the order of the images count most, and both the authors and this project have one seed.
- **Seeds.** The authors made each run once, from a start that is not known. Here a seed fixes the initial network,
  the order of the images and the dropout, and every run of one seed starts from the same network. So the spread over
  seeds is that of initialisation, order and dropout; where n is 1 it is not known.
- **Precision.** Features are kept as 16-bit floats; the trained layers compute in 32 bits.
- **Hardware and versions** (in the table, in full in `provenance.json`) change the rounding, and with it single
  images.

## Licence

There are no images in this folder, only numbers. They were measured on images of Kaggle's
`misrakahmed/vegetable-image-dataset` (M. I. Ahmed, S. Mamun, A. Asif), CC BY-SA 4.0. The authors' numbers are facts
from the paper and from the result files of their public notebook.
"""


def results(runs: pd.DataFrame) -> str:
    """The table of all 27 runs: the authors' final accuracy beside this project's, from the most views of each run.

    `runs` has the columns of table.with_paper and table.with_finals.
    """
    shown = {run: _shown(runs[runs["run"] == run.name]) for run in paper.RUNS}
    lines = [
        "Mean over seeds ± standard deviation (no ± where there is one seed). n is the number of seeds, V of views.",
        "",
        "| figure | run | authors | reported | validation | test | n | V | status | hardware |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |",
        *("| " + " | ".join(_row(run, rows)) + " |" for run, rows in shown.items()),
        "",
        _summary(shown),
        "",
        _beside(runs),
    ]
    return "\n".join(lines)


def updated(text: str | None, results: str) -> str:
    """The README with these results; raises UserError where there is one that has no place for them."""
    text = FRAME if text is None else text
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise UserError(f"README.md of the published runs lacks the line '{BEGIN}' or '{END}' around the results.")
    return f"{head}{BEGIN}\n\n{results}\n\n{END}{tail}"


def _beside(runs: pd.DataFrame) -> str:
    arms = int(runs["run"].isna().sum())
    return (
        f"Beside these, {arms} runs are arms of the claims (`experiment/claims.py`) or made to be measured along "
        "(`experiment/measurements.py`); what the arms show is what `python -m sgd_core evidence` says."
    )


def _shown(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows that stand for one run of the paper: the most views there are, one row a seed."""
    best = table.answers(runs)
    most: pd.DataFrame = best[best["views"] == best["views"].max()]
    return most


def _row(run: paper.PaperRun, runs: pd.DataFrame) -> list[str]:
    name = [", ".join(map(str, run.figures)), run.name, f"{run.reported:.4f}"]
    if runs.empty:
        return [*name, *["not yet"] * 3, "0", "", "not yet", ""]
    done = runs[runs["status"] == "done"]
    counts = runs["status"].value_counts().sort_index(ascending=False)
    status = ", ".join(counts.index if len(runs) == 1 else [f"{n} {status}" for status, n in counts.items()])
    hardware = "; ".join(sorted(runs["device"].dropna().unique()))
    means = [_mean(done[final]) for final in table.FINALS]
    return [*name, *means, str(len(done)), str(runs["views"].max()), status, hardware]


def _mean(finals: pd.Series) -> str:
    known = finals.dropna()
    if known.empty:
        return "-"
    return f"{known.mean():.4f}" + (f" ± {known.std():.4f}" if len(known) > 1 else "")


def _summary(shown: dict[paper.PaperRun, pd.DataFrame]) -> str:
    finals = {run: rows.loc[rows["status"] == "done", "final_reported_accuracy"] for run, rows in shown.items()}
    points = {run: 100 * (float(final.mean()) - run.reported) for run, final in finals.items() if not final.empty}
    here = f"{len(points)} of the {len(paper.RUNS)} runs are done."
    if not points:
        return here
    low, high = min(points, key=points.__getitem__), max(points, key=points.__getitem__)
    return (
        f"{here} By the authors' metric they end {sum(points.values()) / len(points):+.2f} points from the authors' "
        f"numbers on average: from {points[low]:+.2f} ({low.name}) to {points[high]:+.2f} ({high.name})."
    )
