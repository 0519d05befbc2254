"""What the evidence page says of all claims together, and a card of one: pure functions from verdicts to text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from sgd_core.evidence.neighbours import Split
from sgd_core.evidence.sentences.verdicts import SAME, amount, interval, margin
from sgd_core.evidence.sentences.words import listed
from sgd_core.evidence.verdicts import Finding, Outcome, Verdict
from sgd_core.experiment import schedules
from sgd_core.experiment.claims import MEASURES, Claim, Comparison
from sgd_core.experiment.paper import RUNS, TRAIN_IMAGES
from sgd_core.experiment.spec import RunSpec

NOISE, EPOCHS = "3", "1"
"""The claims that the answer stands on: noise at equal training time, and batch size at equal epochs."""
WORDS: dict[Outcome, str] = {"supported": "for", "not supported": "against", "cannot tell yet": "open"}
"""What a control says of a claim's reason, in a picture's margin."""
SHORT = {
    "test_loss": "test loss", "test_accuracy": "test accuracy", "reported_accuracy": "accuracy on training images",
    "reported_loss": "loss on training images", "curvature.largest_eigenvalue": "largest curvature",
    "trace.trace": "trace of the Hessian", "sharpness.adaptive": "scale-free sharpness",
    **{f"updates_to_{right}": f"updates to {right}%" for right in (95, 97, 98)},
    "time_to_95": "training time to 95%", "kink_error": "error of prediction",
}  # fmt: skip
"""What a measure is called beside a row."""
BRIEF = {"curvature.largest_eigenvalue": "curvature", "updates_to_95": "updates", "kink_error": "error"}
"""And where there is little room."""
NAMES = {"val": "validation", "test": "test"}
"""Splits as they are called."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def summary(found: Sequence[Verdict]) -> str:
    """'Of the paper's nine claims two are supported, three are not supported, and four cannot be told yet'."""
    if not any(each.primary.paired.n for each in found):
        return "No run that tests a claim is here yet, so none can be told"
    count = {outcome: sum(each.outcome == outcome for each in found) for outcome in WORDS}
    parts = [f"{_number(number)} {_are(number, outcome)}" for outcome, number in count.items() if number]
    return f"Of the paper's {_number(len(found))} claims {listed(parts)}"


def answer(found: Sequence[Verdict]) -> str:
    """What does the work here, and how sure that is; empty where no claim is about noise at equal training time."""
    by_name = {each.claim.name: each for each in found}
    if NOISE not in by_name:
        return ""
    noise = by_name[NOISE]
    told = f"{_lead(noise, by_name.get(EPOCHS))}."
    if not noise.primary.paired.n:
        return told
    return f"{told} {_at_equal_time(noise)}"


def at_equal_epochs(found: Verdict) -> str:
    """What batch size does at equal epochs, and how much longer the better arm has trained by then."""
    primary = found.primary
    measure, comparison = MEASURES[primary.comparison.measure], primary.comparison
    if not primary.paired.n:
        return ""
    longer = _time(found, comparison.first) / _time(found, comparison.second)
    change = amount(measure, primary.paired.mean)
    than = f"as {comparison.second}" if change == SAME else f"than {comparison.second}"
    return (
        f"At equal epochs {comparison.first} ends with {measure.words} {change} {than} ({seeds(found)}), but it has "
        f"then trained {longer:.0f} times as long"
    )


def scope(found: Verdict) -> str:
    """For which network, data, noise and margin the answer holds."""
    bound = margin(MEASURES[found.primary.comparison.measure])
    return (
        f"Here: three new layers on frozen AlexNet features, ten kinds of vegetables, {found.claim.settings}; "
        f"differences below {bound} count as none"
    )


def seeds(found: Verdict) -> str:
    """'4 of 5 planned seeds'."""
    return f"{found.primary.paired.n} of {found.claim.seeds} planned seeds"


def agreeing(found: Finding) -> int:
    """At how many seeds the difference has the sign of the mean."""
    measure = MEASURES[found.comparison.measure]
    more = [measure.sign * (pair.first - pair.second) for pair in found.pairs.values()]
    return sum(each * found.paired.mean > 0 for each in more)


def beside(found: Verdict) -> str:
    """What stands beside a claim in the picture of all: 'test loss 97% higher · 5 of 5 · control against'."""
    primary, measure = found.primary, found.primary.comparison.measure
    change = f"{BRIEF.get(measure, SHORT[measure])} {amount(MEASURES[measure], primary.paired.mean)}"
    change = change if primary.paired.n else "no seed"
    change = f"{change} · {primary.paired.n} of {found.claim.seeds}"
    words = [WORDS[result.outcome] for _, result in found.controls]
    if not words:
        return change
    return f"{change} · control{'s' * (len(words) > 1)} {', '.join(words)}"


def beside_row(found: Finding) -> str:
    """What stands beside one comparison in a card's picture: '97% higher, n = 5'."""
    if not found.paired.n:
        return "no seed yet"
    return f"{amount(MEASURES[found.comparison.measure], found.paired.mean)}, n = {found.paired.n}"


def also(comparison: Comparison) -> str:
    """The name of a row that compares more than the claim itself: 'with 10 a class, 0% wrong: test accuracy'."""
    return ": ".join(part for part in (comparison.words.rstrip(","), SHORT[comparison.measure]) if part)


def in_margins(found: Sequence[Finding]) -> str:
    """What the axis counts where rows differ in their units."""
    bounds = dict.fromkeys(margin(MEASURES[each.comparison.measure]) for each in found)
    return f"The axis counts margins, as the rows have different units: {' or '.join(bounds)}."


def by_weights(claim: Claim) -> str:
    """What noise without small batches is, where a claim has an arm of it."""
    if not any(arm.spec.weight_noise for arm in claim.arms.values()):
        return ""
    return (
        "By noise alone: the loss of every image is multiplied by a random weight of mean 1, drawn anew for each step, "
        "so that a step of a large batch is as noisy as one of a small batch, with the same updates, images and crops "
        "as without (Wu et al. 2020)."
    )


def would_have_found(found: Verdict) -> str:
    """The smallest true difference that would have been found 8 times in 10."""
    if found.primary.paired.n < 2:
        return "unknown with fewer than two seeds"
    return amount(MEASURES[found.primary.comparison.measure], found.detectable)


def picture(found: Sequence[Verdict]) -> str:
    """The picture of all claims for those who cannot see it."""
    rows = []
    for each in found:
        low, high = interval(each.primary)
        rows.append(f"{each.claim.name} {each.claim.title}: {each.outcome}, {beside(each)} ({low} to {high})")
    return "Differences between the arms of every claim, with intervals, against the margin. " + "; ".join(rows) + "."


def ordering(agreement: float, runs: int) -> str:
    """How far the authors' order of their runs is found again on test images (Spearman's rank correlation)."""
    if math.isnan(agreement):
        return f"With {_number(runs)} of the paper's runs here nothing can be said of the authors' order of them."
    kept = "survives" if agreement >= 0.9 else "is found again in part" if agreement >= 0.5 else "is not found again"
    return (
        f"The authors' order of their runs {kept} on the test images: their reported finals and the "
        f"test accuracies here rank the {runs} runs with a correlation of {agreement:.2f} (Spearman)."
    )


def cannot_show(measured: Mapping[str, Split]) -> str:
    """What these data cannot show, and why: what the nearest training image alone gets right, by split."""
    said = "What these data cannot show is a gap between training and test images on the whole set"
    there = {NAMES[name]: split for name, split in measured.items() if name in NAMES and split.images and split.far}
    if not there:
        return f"{said}."
    named = listed([f"{split.share:.1%} of the {name}" for name, split in there.items()])
    twins = listed([f"{split.twins:,} of the {split.images:,} {name}" for name, split in there.items()])
    still = listed([f"{split.far_share:.1%}" for split in there.values()])
    return (
        f"{said}: by the frozen features the nearest training image alone names {named} images, so that no method has "
        f"room for one. {twins} images are near-twins of training images; of those that resemble none it still names "
        f"{still}."
    )


def without_twins(differences: pd.DataFrame) -> str:
    """What leaving the near-twins out changes at runs' ends (evidence.twins.differences), by split; and where none was
    looked at, the command."""
    apart = differences[differences["part"] == "apart"]
    if apart.empty:
        return "What runs recognise without the near-twins was not measured yet: `python -m sgd_core measure twins`."
    parts = []
    for split, rows in apart.groupby("split", sort=False):
        low, high = float(rows["points"].min()), float(rows["points"].max())
        span = f"{low:+.2f}" if round(low, 2) == round(high, 2) else f"{low:+.2f} to {high:+.2f}"
        parts.append(f"by {span} points on the {NAMES[str(split)]} images".replace("-", "−"))
    runs = apart[["run", "seed"]].drop_duplicates()
    where = f"{len(runs)} run{'s' * (len(runs) > 1)} ({', '.join(runs['run'].drop_duplicates())})"
    return f"Without the near-twins the accuracy at the end of {where} changes {listed(parts)}."


def curves(table: pd.DataFrame, what: str, loss: bool) -> str:
    """Where the arms' mean curves end, and over how many seeds."""
    last = table.groupby("arm", sort=False).last()
    ends = [
        f"{name} at {f'{mean:.3g}' if loss else f'{mean:.1%}'} ({n:.0f} seed{'' if n == 1 else 's'})"
        for name, mean, n in zip(last.index, last["mean"], last["n"], strict=True)
    ]
    return f"The {what.partition(' (')[0].removeprefix('the ')} ends: {'; '.join(ends)}."


def _lead(noise: Verdict, epochs: Verdict | None) -> str:
    if noise.outcome == "cannot tell yet":
        return "Whether the noise of the steps does the work here cannot be told yet"
    if noise.outcome == "supported":
        return "Noise does work here: at equal training time more of it does better"
    if epochs is not None and epochs.outcome == "supported":
        return "Training time does the work here, not the noise of the steps: with equal training time more noise " + (
            _no_better(noise.primary)
        )
    return f"At equal training time more noise {_no_better(noise.primary)} here"


def _no_better(found: Finding) -> str:
    bound = MEASURES[found.comparison.measure].margin
    low, high = found.paired.interval()
    if high < -bound:
        return "does worse"
    return "makes no difference that counts" if low > -bound and high < bound else "does not do better"


def _at_equal_time(noise: Verdict) -> str:
    found, measure = noise.primary, MEASURES[noise.primary.comparison.measure]
    n, mean = found.paired.n, found.paired.mean
    change, (low, high) = amount(measure, mean), interval(found)
    first, second = (arm.split(",")[0] for arm in (found.comparison.first, found.comparison.second))
    than = f"as {second}" if change == SAME else f"than {second}"
    said = f"{first} ends with {measure.words} {change} {than}"
    if n < 2:
        return f"{said} (one seed)."
    said = f"{said} (95% interval {low} to {high}; so in {agreeing(found)} of {n} seeds)"
    beyond = beyond_the_paper(noise.claim.arms[found.comparison.first].spec)
    return f"{said}, at {beyond:.0f} times the noise μ/B of the paper's noisiest run." if beyond > 1.5 else f"{said}."


def beyond_the_paper(spec: RunSpec) -> float:
    """mu/B of a run over the largest that any run of the paper begins with."""
    largest = max(run.spec.learning_rate / run.spec.batch_size for run in RUNS)
    return spec.learning_rate / spec.batch_size / largest


def _time(found: Verdict, arm: str) -> float:
    return schedules.plan(found.claim.arms[arm].spec, TRAIN_IMAGES)[-1].training_time


def _are(count: int, outcome: Outcome) -> str:
    if outcome == "cannot tell yet":
        return "cannot be told yet"
    return f"{'is' if count == 1 else 'are'} {outcome}"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
