"""What the page on the real network says: noise against B, what it is made of, where noise equals signal."""

from __future__ import annotations

import math

import pandas as pd

from sgd_core.evidence import gauges, wander
from sgd_core.evidence.sentences import badges
from sgd_core.evidence.shares import TOGETHER, Fresh
from sgd_core.noise.agreement import Agreement

PARAMETERS = "9.6 million"
"""Of the head that the paper trains."""
PARTS = {"masks": "dropout masks", "crops": "crops", "images": "images", TOGETHER: "images and crops"}
"""The parts of the noise (evidence.shares), from the bottom of the picture up, and what they are called."""
ALIKE = 0.1
"""Two runs whose shares and traces differ by less than that part are called alike."""
MEASURE = "`python -m sgd_core measure noise_shares`, then `publish`"


def variance_described(slope: Agreement) -> str:
    """The picture of the variance in words."""
    return f"Variance of the batch gradient against B, measured and predicted. {badges.compared(slope)}"


def doubling(slope: float) -> str:
    """What twice the batch does to the variance; `slope` is the fitted one on log-log axes."""
    return f"Doubling B multiplies the variance by {2**slope:.2f} here, on {PARAMETERS} parameters."


def short(run: str) -> str:
    """The name of a run where all have one learning rate: 'B=16' of 'B=16, mu=1e-4'."""
    return run.partition(",")[0]


def made_of(shares: pd.DataFrame) -> str:
    """What the noise is made of, over runs and epochs; columns part, share, share_error, the parts of PARTS."""
    ranges = shares.groupby("part")["share"].agg(["min", "max"])
    told = [f"{PARTS[part]} {_range(*ranges.loc[part])}" for part in PARTS if part in ranges.index]
    listed = f"**{told[0]}**, {' and '.join(told[1:])}"
    return (
        f"Of the variance of one image's gradient, as training sees it, {listed}. A standard error is at most "
        f"{100 * shares['share_error'].max():.1f} points."
    )


def at_equal_time(shares: pd.DataFrame) -> str:
    """What masks make up of how much where the shorter of two runs ends in T_eff; '' where one has not got there.

    Columns run, seed, epoch, effective_time, part, trace and share. Between measurements along straight lines of
    logarithms.
    """
    whole = shares.groupby(["run", "seed", "epoch", "effective_time"], sort=False)["trace"].sum().reset_index()
    ends = whole.groupby("run", sort=False)["effective_time"].max()
    place = float(ends.min())
    masks = gauges.at(shares[shares["part"] == "masks"], "effective_time", place, "share")
    total = gauges.at(whole, "effective_time", place, "trace")
    if len(masks) < 2:
        return ""
    alike = all(values.max() <= (1 + ALIKE) * values.min() for values in (masks["share"], total["trace"]))
    share = " and ".join(f"{value:.1%}" for value in masks["share"])
    trace = " and ".join(f"{value:,.0f}" for value in total["trace"])
    return (
        f"At equal T_eff, {place:.2g} where {short(str(ends.idxmin()))} ends, masks make up {share} of a variance of "
        f"{trace}{': it goes with training time here, not with B' if alike else ''}."
    )


def missing(shares: pd.DataFrame) -> str:
    """Along which runs images and crops were not told apart, and how to; '' where they all were."""
    runs = [short(run) for run in dict.fromkeys(shares.loc[shares["part"] == TOGETHER, "run"])]
    if not runs:
        return ""
    return f"Images and crops were not told apart yet along {' and '.join(runs)}: {MEASURE}."


def nothing_of_shares() -> str:
    """That there are no shares at all, and how to get them."""
    return f"What the noise is made of was not measured yet: {MEASURE}."


def part_of(fresh: Fresh) -> str:
    """The share of the noise that is drawn anew, in words."""
    return _range(fresh.low, fresh.high) if fresh.crops else f"at least {fresh.low:.0%}"


def taken_back(fresh: Fresh) -> str:
    """What reshuffling does to a noise of images, crops and masks."""
    return (
        "**Reshuffling takes back the images' part only.** In an epoch every image comes once, in one crop, so what "
        "one batch overstates a later one takes back. The next epoch has other crops, every batch has masks of its "
        f"own, and nothing takes theirs back: {part_of(fresh)} of the noise."
    )


def whole_batch(fresh: Fresh, images: int) -> str:
    """What is left of the noise in a batch of all images."""
    return (
        f"**A batch of all {images:,} images still has noise.** None of it is from the choice of images, but every "
        f"image has one crop and one mask: {part_of(fresh)} of what 1/B alone would leave."
    )


def shares_described(shares: pd.DataFrame) -> str:
    """The picture of one run's shares in words."""
    return f"Shares of the noise along {short(str(shares['run'].iloc[0]))}. {made_of(shares)}"


def ends(measured: pd.DataFrame) -> str:
    """B_simple at each run's last measured epoch, runs in their order: run, epoch, noise_scale, noise_scale_error."""
    last = measured.loc[measured.groupby("run", sort=False)["epoch"].idxmax()]
    return ", ".join(
        f"{_with_error(row['noise_scale'], row['noise_scale_error'])} {_when(int(row['epoch']))} of {row['run']}"
        for row in last.to_dict("records")
    )


def scale(both: pd.DataFrame) -> str:
    """B_simple with dropout off and what it means for a batch; rows of evidence.shares.off_and_on."""
    return (
        "**B_simple**, the batch size at which noise and signal are equal, is "
        f"{ends(both[both['dropout'] == 'off'])}, with dropout off. A batch well above it is spent on averaging noise "
        "that is small already; one well below it steps mostly by noise."
    )


def with_dropout(both: pd.DataFrame, traces: pd.DataFrame) -> str:
    """B_simple with dropout on and how many times that with it off it is, or what of it is known.

    `traces` has the columns trace and total_trace: the variance of one image's gradient with dropout off and on.
    """
    on = both[both["dropout"] == "on"]
    if on.empty:
        more = traces["total_trace"] / traces["trace"]
        return (
            f"Training has dropout on, and its noise tr Σ is {_times(more)} as large; "
            f"B_simple with it was not measured yet: {MEASURE}."
        )
    paired = on.merge(both[both["dropout"] == "off"], on=["run", "epoch"], suffixes=("", "_off"))
    times = paired["noise_scale"] / paired["noise_scale_off"]
    return (
        f"With dropout on, as in training, it is {ends(on)}: {_times(times)} as large "
        "along the runs. As a critical batch size it depends on which of the two is meant."
    )


def trained_to(epoch: int) -> str:
    """A place on the slider of epochs."""
    return "untrained" if epoch < 0 else str(epoch)


def not_constant(measured: pd.DataFrame) -> str:
    """How far the noise changes along runs; columns run, epoch and trace, of one image's gradient."""
    told = []
    for run, rows in measured.groupby("run", sort=False):
        first, last = rows.sort_values("epoch")["trace"].iloc[[0, -1]]
        change = max(first, last) / min(first, last)
        way = f"{'falls' if last < first else 'grows'} {change:.1f}-fold" if change >= 1 + ALIKE else "hardly changes"
        told.append(f"{way} along {run}")
    return (
        "**The noise is not constant**, as the page *Motion* takes it to be: from the first measurement to the last "
        f"tr Σ {' and '.join(told)}. At one μ/B the cloud's width goes with it."
    )


def with_rate(table: pd.DataFrame, trace: float) -> str:
    """That noise goes with mu as with 1/B: rows of evidence.wander.travelled, tr Sigma before training, dropout on.

    '' where not all three runs are there.
    """
    if len(table) < 3:
        return ""
    ordered = table.sort_values("noise", kind="stable")
    alike, other = ordered.head(2), ordered.iloc[2]
    calm = alike["distance"].mean()
    beyond = other["distance"] ** 2 - calm**2
    apart = " and ".join(f"{row['distance']:.2f} ({row['run']})" for row in alike.to_dict("records"))
    return (
        f"**Not only with 1/B: with μ too.** At T = {other['training_time']:.2g} two runs of one μ/B are {apart} from "
        f"their start; {other['run']}, with {other['noise'] / alike['noise'].mean():.0f} times their μ/B, is "
        f"{other['distance']:.2f}. Squared that is {beyond:.0f} more; steps that nothing pulls back would add "
        f"T μ/B tr Σ/(1−m)² = {wander.random_walk(other, trace):.0f}, with the tr Σ before training."
    )


def critical() -> str:
    """That B_simple is a prediction for a single step."""
    return (
        "B_simple predicts, for one step at one place and a loss that curves alike in all directions, the batch at "
        "which the best step gains half of what the full gradient's would (McCandlish et al., arXiv 1812.06162, "
        "section 2). The critical batch size itself is measured: by the steps that training to one goal takes at "
        "every B, with μ tuned for each (Shallue et al., JMLR 20:112, 2019)."
    )


def scale_described(both: pd.DataFrame) -> str:
    """The picture of B_simple in words."""
    told = [f"with dropout {way} {ends(rows)}" for way, rows in both.groupby("dropout")]
    return f"B_simple along training: {'; '.join(told)}."


def signal_described(measured: pd.DataFrame) -> str:
    """The picture of signal and noise in words; columns run, epoch, trace and gradient_norm_squared."""
    last = measured.loc[measured.groupby("run", sort=False)["epoch"].idxmax()]
    told = ", ".join(
        f"{row['trace']:.3g} and {row['gradient_norm_squared']:.3g} {_when(int(row['epoch']))} of {row['run']}"
        for row in last.to_dict("records")
    )
    return f"tr Sigma and |G| squared along training: {told}."


def _range(low: float, high: float) -> str:
    """Two shares as one text; once where they read alike."""
    return f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"


def _times(ratios: pd.Series) -> str:
    low, high = (f"{ratio:.1f}" for ratio in (ratios.min(), ratios.max()))
    return f"{low} times" if low == high else f"{low} to {high} times"


def _with_error(value: float, error: float) -> str:
    return f"{value:,.0f}" if math.isnan(error) else f"{value:,.0f} ± {float(f'{error:.2g}'):,g}"


def _when(epoch: int) -> str:
    return "before training" if epoch < 0 else f"after epoch {epoch}"
