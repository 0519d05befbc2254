"""What the live page says beside its walks; what changes while they walk is said by `words.js` of the component."""

from __future__ import annotations

from sgd_core.evidence.sentences import badges

ARGUMENT = (
    "**The argument in two lines.** A step forgets the share μh of the way to the minimum, and so 2μh of the variance, "
    "and adds a kick of variance μ²σ²/B. The cloud stands still where both balance: 2μh · Var = μ²σ²/B, so "
    "**Var = (μ/B) · σ²/(2h)**. Twice B halves the kick's variance; twice μ makes it four times as large, and forgets "
    "it twice as fast. Both together change nothing, except that all takes half as many steps: count time as "
    "μ × steps, and the walks look alike."
)
ENDS = (
    "**Where it ends.** When μh is not small, the term μ²h² that was left out counts: the cloud grows by 1/(1 − μh/2), "
    "without bound at the edge μh = 2; with momentum the edge is 2(1+m). When B comes near N and no example is drawn "
    "twice, the noise has another factor (N−B)/(N−1), down to none at B = N (*A guess*). And when the cloud is wide, "
    "the loss is no longer quadratic over it: the badge says so. *Where it ends* has more."
)


def how(images: int, walkers: int) -> str:
    """How the page's ring and its badge are computed."""
    return (
        f"The loss is logistic regression's with two weights on {images} points, the same as on the next page. Each of "
        f"the {walkers} walkers starts at w = 0 and takes its own batches; the generator (sfc32) is seeded, so a seed "
        "and the same settings give the same walk. The ring solves P = APAᵀ + bCbᵀ for SGD with momentum, with the "
        "Hessian and the covariance C of a batch gradient at the minimum, and is drawn at 2 standard deviations; "
        "dotted rings are former settings. The solid ring is the walkers' own covariance.\n\n"
        "The badge compares the mean squared distance from the minimum. After a change it waits until the former place "
        "has shrunk to 1% of the cloud, then averages each walker over time. Only walkers count as independent, and of "
        "a single walker only pieces of 8 relaxation times. "
        f"{badges.meaning()} It looks anew every few seconds, so now and then it is.\n\n"
        "Walkers beyond the picture lie on its frame. Click near a walker to follow it. Space pauses while the "
        "pointer or the keyboard is on the walks."
    )
