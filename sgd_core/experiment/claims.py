"""The paper's claims as data: what each says, the runs that test it, the controls that could refute it, margin, seeds.

A claim compares two arms by one measure, seed by seed. Arms are runs (seed 0 here); those that the paper has are the
paper's. Every control is another comparison, with what it would mean if it came out one way or the other. What is here
was written down before the runs were made; evidence.verdicts says what they showed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec

Kind = Literal["more", "same"]
"""more: the first arm has more of what is measured (of a loss: it is better) than the second. same: equally much."""


@dataclass(frozen=True)
class Measure:
    """What of a run's end is compared: on which scale, which way is more, and what counts as no difference."""

    words: str
    scale: Literal["log", "points"]
    """log: the difference is one of logarithms, told in percent. points: of percentages."""
    sign: int
    """+1: the larger value is more. -1: the smaller one is (a loss)."""
    margin: float
    """In units of the difference: log(1.1) is a factor of 1.1, 0.5 is half a point."""
    resolution: float = 0.0
    """The least spread over seeds that is believed, in the same units: what rounding to whole images alone makes."""


TEN_PERCENT = math.log(1.1)
MEASURES: dict[str, Measure] = {
    "test_loss": Measure("a test loss", "log", -1, TEN_PERCENT),
    "test_accuracy": Measure("a test accuracy", "points", 1, 0.5, 0.02),
    "reported_accuracy": Measure("an accuracy on its training images", "points", 1, 0.5, 0.02),
    "reported_loss": Measure("a loss on its training images", "log", -1, TEN_PERCENT),
    "curvature.largest_eigenvalue": Measure("a largest curvature", "log", 1, TEN_PERCENT),
    "trace.trace": Measure("a trace of the Hessian", "log", 1, TEN_PERCENT),
    "sharpness.adaptive": Measure("a scale-free sharpness", "log", 1, TEN_PERCENT),
    **{
        f"updates_to_{right}": Measure(f"a number of updates until {right}% are right", "log", -1, TEN_PERCENT)
        for right in (95, 97, 98)
    },
    "time_to_95": Measure("a training time until 95% are right", "log", -1, TEN_PERCENT),
    "kink_error": Measure("an error in predicting a left-out decay", "points", -1, 0.5),
}


@dataclass(frozen=True)
class Arm:
    """One side of a comparison: a run, and where along it the measure is read."""

    spec: RunSpec
    epoch: int | None = None
    """Read after this epoch; None: at the end."""
    time: float | None = None
    """Read at this training time T, between the epochs around it; None: at `epoch`."""
    probes: tuple[str, ...] = ()
    probe_epochs: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """Two arms by one measure: `kind` is what the claim expects of them."""

    first: str
    second: str
    measure: str
    kind: Kind = "more"
    words: str = ""
    """Where or how they are compared: 'at equal epochs', 'by noise alone'."""


@dataclass(frozen=True)
class Control:
    """A comparison that could refute a claim's reason, and what each of its outcomes would mean for it."""

    comparison: Comparison
    if_so: str
    if_not: str
    """What follows for a claim that is supported, if the control comes out as it says, or not: '..., so it ...'."""


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, in our words."""

    name: str
    title: str
    statement: str
    arms: dict[str, Arm]
    primary: Comparison
    secondary: tuple[Comparison, ...]
    controls: tuple[Control, ...]
    seeds: int
    caveat: str = ""
    settings: str = field(default="the paper's images and network, dropout and random crops on")

    def comparisons(self) -> list[Comparison]:
        """Primary, secondary and controls, in this order."""
        return [self.primary, *self.secondary, *(control.comparison for control in self.controls)]


def _spec(**changed: Any) -> RunSpec:
    return RunSpec.parse(changed)


NOMINAL = RunSpec()
LARGE = _spec(batch_size=512)
LARGE_FAST = _spec(batch_size=512, learning_rate=32e-4)
"""T = 2.88 in 900 updates; the nominal run has 2.79."""


def equal_time(batch_size: int, **changed: Any) -> RunSpec:
    """mu = 32e-4 for 900 updates, T = 2.88, at any B; B=512 is the paper's own run of 150 epochs."""
    if batch_size == 512:
        return _spec(batch_size=512, learning_rate=32e-4, **changed)
    return _spec(batch_size=batch_size, learning_rate=32e-4, updates=900, **changed)


def _few(images: int, wrong: float, batch: int, noise: float = 0.0) -> Arm:
    return Arm(
        _spec(
            images_per_class=images, label_noise=wrong, augment=False, learning_rate=1e-3, updates=600,
            batch_size=batch, weight_noise=noise,
        )
    )  # fmt: skip


def _few_arms() -> dict[str, Arm]:
    arms = {}
    for images in (10, 30):
        everything = 10 * images
        for wrong in (0.0, 0.3):
            told = f"{images} a class, {wrong:.0%} wrong"
            for batch in (4, 16, everything):
                arms[f"B={'N' if batch == everything else batch}, {told}"] = _few(images, wrong, batch)
            # Cov of a batch of 4 without replacement is Sigma/4 (N-4)/(N-1); of weights alone v (Sigma + G G')/N.
            noise = round(everything / 4 * (everything - 4) / (everything - 1))
            arms[f"B=N and noise by weights, {told}"] = _few(images, wrong, everything, noise)
    return arms


ENDS: tuple[str, ...] = ("curvature", "trace", "sharpness")
LAST = -2
"""Stands for the last epoch of whatever run a probe measures."""
AT_END = frozenset({LAST})
EQUAL_TIME_EPOCH = 4
"""B=16 at mu=1e-4 after epoch 4: T = 0.093, where B=512 ends with 0.090."""
_SHARP = {
    "B=16": Arm(NOMINAL, probes=ENDS, probe_epochs=frozenset({EQUAL_TIME_EPOCH}) | AT_END),
    "B=512": Arm(LARGE, probes=ENDS, probe_epochs=AT_END),
    "B=16 at T=0.093": Arm(NOMINAL, epoch=EQUAL_TIME_EPOCH, probes=ENDS, probe_epochs=frozenset({EQUAL_TIME_EPOCH})),
    "B=512, mu=32e-4": Arm(LARGE_FAST, probes=ENDS, probe_epochs=AT_END),
}
_FIGURE4 = {"epochs": 120, "schedule": "step", "decay_every": 20}
_TIME = _spec(batch_size=512, learning_rate=0.01, schedule="time")
_DECAYS = [run for run in paper.runs_of(3) if run.spec.schedule in ("exponential", "step")]


def _both(first: str, second: str, words: str, kind: Kind = "more") -> tuple[Comparison, Comparison]:
    one = Comparison(first, second, "test_loss", kind, words)
    return one, replace(one, measure="test_accuracy")


def _few_comparisons(told: str) -> list[Comparison]:
    """Small against full batches on test and training images, and noise alone against none."""
    small, full = f"B=4, {told}", f"B=N, {told}"
    loss, accuracy = _both(small, full, f"with {told}")
    alone = replace(loss, first=f"B=N and noise by weights, {told}", words=f"by noise alone, {told},")
    return [loss, accuracy, replace(loss, measure="reported_accuracy"), alone]


def _claims() -> list[Claim]:
    end, end_accuracy = _both("B=16", "B=512", "at equal epochs")
    at_time, at_time_accuracy = _both("B=16, equal T", "B=512, equal T", "at equal training time")
    makes_up, makes_up_accuracy = _both("B=512, mu=32e-4", "B=16", "at the end of both", "same")
    few, few_accuracy = _both("B=4, 10 a class, 30% wrong", "B=N, 10 a class, 30% wrong", "with 10 a class, 30% wrong")
    beats, beats_accuracy = _both("time-based", "B=16", "at equal epochs")
    pair, pair_accuracy = _both("s=0.75, s_B=2", "s=0.375, B=16", "at equal mu/B and equal T", "same")
    sharp = Comparison("B=512", "B=16", "curvature.largest_eigenvalue", "more", "at equal epochs")
    both_times = {"B=16, equal T": Arm(equal_time(16)), "B=512, equal T": Arm(equal_time(512))}
    return [
        Claim(
            "1", "Small batches do better", "At equal epochs a smaller batch ends better.",
            {"B=16": Arm(NOMINAL), "B=512": Arm(LARGE), **both_times},
            end, (end_accuracy,),
            (Control(at_time, "it does better at equal training time too",
                     "at equal training time it does not: what it has more of at equal epochs is training"),),
            5, "At 150 epochs B=16 takes 27,900 updates and B=512 takes 900.",
        ),
        Claim(
            "2", "A larger rate makes up for a large batch", "With 32 times the learning rate, B=512 ends like B=16.",
            {"B=16": Arm(NOMINAL), "B=512, mu=32e-4": Arm(LARGE_FAST), "B=512": Arm(LARGE),
             "B=512, mu=32e-4, cut at T=2.79": Arm(LARGE_FAST, time=2.79)},
            makes_up, (makes_up_accuracy,),
            (Control(replace(makes_up, first="B=512, mu=32e-4, cut at T=2.79", words="at exactly equal training time"),
                     "it is so at exactly equal training time too", "cut at equal training time it is not"),),
            5, "Noise and training time become equal by the same factor here, so this cannot say which of them did it. "
            "It is a second look: the same seeds on CPUs (1% higher, 7% lower to 9% higher) could not tell.",
        ),
        Claim(
            "3", "Noise decides what is found",
            "More gradient noise finds better minima: at equal training time a smaller batch ends better.",
            {**{f"B={batch}, equal T": Arm(equal_time(batch)) for batch in (16, 64, 256, 512)},
             "B=512 and noise by weights": Arm(equal_time(512, weight_noise=31)),
             "B=16, no dropout": Arm(equal_time(16, dropout=0)),
             "B=512, no dropout": Arm(equal_time(512, dropout=0))},
            at_time, (at_time_accuracy,),
            (Control(Comparison("B=512 and noise by weights", "B=512, equal T", "test_loss", "more", "by noise alone"),
                     "noise alone, with the same updates and images, does better too",
                     "noise alone, with the same updates and images, does not"),
             Control(Comparison("B=16, no dropout", "B=512, no dropout", "test_loss", "more", "without dropout"),
                     "without dropout's noise it does better too", "without dropout's noise it does not")),
            5, "At equal updates a run with larger batches has seen more crops; the control of noise alone has not.",
            "mu = 32e-4, 900 updates (T = 2.88), noise 32-fold",
        ),
        Claim(
            "3b", "Noise decides where a gap can open",
            "With few images and wrong labels, more gradient noise generalises better.",
            _few_arms(), few,
            (few_accuracy, replace(few, measure="reported_accuracy"), *(
                comparison for images in (10, 30) for wrong in (0.0, 0.3) if (images, wrong) != (10, 0.3)
                for comparison in _few_comparisons(f"{images} a class, {wrong:.0%} wrong")
            )),
            (Control(replace(few, first="B=N and noise by weights, 10 a class, 30% wrong", words="by noise alone"),
                     "noise alone, with batches that hold every image, does better too",
                     "noise alone, with batches that hold every image, does not"),),
            5, "One subset of the images and one set of wrong labels: the interval is over seeds, not over images.",
            "no crops, mu = 1e-3, 600 updates (T = 0.6), N = 100 or 300 images",
        ),
        Claim(
            "4", "Large batches end in sharp minima",
            "At equal epochs a larger batch ends where the loss is more curved.",
            _SHARP, sharp,
            (replace(sharp, measure="trace.trace"), replace(sharp, measure="sharpness.adaptive"),
             Comparison("B=512", "B=16 at T=0.093", "reported_loss", "same", "at equal training time")),
            (Control(replace(sharp, second="B=16 at T=0.093", words="at equal training time and about equal loss"),
                     "it is so at equal training time too",
                     "at equal training time it is not: less trained is more curved"),
             Control(replace(sharp, first="B=512, mu=32e-4", words="at equal training time, both trained to the end"),
                     "it is so where both are trained to the end too", "where both are trained to the end it is not")),
            3, "Curvature is of the training loss without dropout; a scale-free sharpness is among the measures.",
        ),
        Claim(
            "5", "Time-based decay beats the baseline",
            "B=512 with time-based decay from 0.01 ends better than B=16 at 1e-4.",
            {"B=16": Arm(NOMINAL), "time-based": Arm(_TIME), "B=16, mu=2.6e-4": Arm(_spec(learning_rate=2.6e-4))},
            beats, (beats_accuracy,),
            (Control(replace(beats, second="B=16, mu=2.6e-4", words="at equal training time"),
                     "it does so at equal training time too",
                     "at equal training time it does not: the baseline was given 2.6 times less"),),
            5, "The baseline's learning rate was not tuned.",
        ),
        Claim(
            "6", "The rate must stay high for a critical time",
            "There are thresholds (about 20 and 60 epochs) below which a decay costs accuracy.",
            {run.name: Arm(run.spec) for run in _DECAYS},
            Comparison("a kink", "one smooth curve", "kink_error", "more", "along T_eff"), (), (),
            5, "Accuracy by the paper's metric; each decay is predicted from the seven others along T_eff.",
        ),
        Claim(
            "7", "Growing the batch is a faster decay",
            "Doubling B while mu falls to 0.75 ends like mu alone falling to 0.375.",
            {"s=0.75, s_B=2": Arm(_spec(**_FIGURE4, batch_growth=2, step_decay=0.75)),
             "s=0.375, B=16": Arm(_spec(**_FIGURE4, step_decay=0.375)),
             "four times the noise": Arm(_spec(learning_rate=4e-4, epochs=30, schedule="step", decay_every=5,
                                               step_decay=0.375)),
             "s=0.75, B=16": Arm(_spec(**_FIGURE4, step_decay=0.75))},
            pair, (pair_accuracy,),
            (Control(Comparison("s=0.375, B=16", "four times the noise", "test_loss", "same",
                                "with four times the noise at equal T"),
                     "four times the noise at equal training time ends alike too: equal training time is enough",
                     "four times the noise at equal training time ends differently: noise counts, or fewer crops do"),
             Control(Comparison("s=0.75, B=16", "s=0.375, B=16", "test_loss", "more", "with more training time"),
                     "more training time ends better, so the comparison can see one",
                     "more training time does not end better either, so the comparison would not see a difference")),
            5, "Equal mu/B is equal training time: both agree in both arms up to rounding. Four times the noise at "
            "equal training time also means a quarter of the updates and of the crops.",
            "120 epochs, N_dec = 20",
        ),
        Claim(
            "8", "The same accuracy for fewer updates",
            "With a large batch and a large rate the same accuracy takes fewer updates.",
            {"B=512, mu=32e-4": Arm(LARGE_FAST), "B=16": Arm(NOMINAL)},
            Comparison("B=512, mu=32e-4", "B=16", "updates_to_95", "more", "in updates"),
            tuple(Comparison("B=512, mu=32e-4", "B=16", f"updates_to_{right}", "more", "in updates")
                  for right in (97, 98)),
            (Control(Comparison("B=512, mu=32e-4", "B=16", "time_to_95", "same", "in training time"),
                     "the training time until then is the same: larger steps, not better ones",
                     "the training time until then differs too"),),
            5, "Accuracy by the paper's metric, on the training images.",
        ),
    ]  # fmt: skip


CLAIMS: dict[str, Claim] = {claim.name: claim for claim in _claims()}


MAP: dict[str, Arm] = {
    f"B={batch}, mu={rate * 1e4:g}e-4": Arm(_spec(batch_size=batch, learning_rate=rate, updates=updates))
    for rate, updates in ((8e-4, 3600), (32e-4, 900), (128e-4, 225))
    for batch in (16, 32, 64, 128, 256, 512)
}
"""Claim 3's map: T = 2.88 at three rates and six batch sizes. `sweep evidence --claim map` makes it; three seeds."""
MAP_NAME, MAP_SEEDS = "map", 3
_ON_THE_MAP = frozenset(arm.spec.question() for arm in MAP.values())
_QUESTIONS = frozenset(
    arm.spec.question() for arms in (*(claim.arms for claim in CLAIMS.values()), MAP) for arm in arms.values()
)


def is_arm(spec: RunSpec) -> bool:
    """Whether a run is, whatever its seed, an arm of a claim."""
    return spec.model_copy(update={"seed": 0}).question() in _QUESTIONS


def is_on_the_map(spec: RunSpec) -> bool:
    """Whether a run is, whatever its seed and views, a cell of claim 3's map, which is read at one number of views."""
    return spec.model_copy(update={"seed": 0}).question() in _ON_THE_MAP


def stages(claim: Claim) -> list[list[Arm]]:
    """The arms that decide a claim, those that only its controls need, and the rest."""
    by_controls = [control.comparison for control in claim.controls]
    named_in = [
        [name for comparison in comparisons for name in (comparison.first, comparison.second)]
        for comparisons in ([claim.primary], by_controls)
    ]
    first = [name for name in claim.arms if name in named_in[0]]
    if not first:  # a claim that is decided by all its arms together
        return [list(claim.arms.values())]
    second = [name for name in claim.arms if name in named_in[1] and name not in first]
    rest = [name for name in claim.arms if name not in first and name not in second]
    return [[claim.arms[name] for name in names] for names in (first, second, rest)]


def named(name: str) -> Claim:
    """The claim of that name; raises UserError naming those there are."""
    if name not in CLAIMS:
        raise UserError(f"claim is {name!r}, but must be one of {', '.join(CLAIMS)}.")
    return CLAIMS[name]
