"""The paper as data: its 27 runs, the figures they belong to, what was reported, what was claimed and what to mind.

Source: Lynn and Maljkovic, "Assessment of the Generalization Error of SGD in Deep Neural Network" (EPFL), and the
per-epoch result files of the authors' notebook. `reported` is the mean over a run's last ten epochs of the accuracy
that the paper plots as "validation accuracy" (measured on the training images), `best` its best epoch; one seed each.
"""

from __future__ import annotations

from dataclasses import dataclass

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec

TRAIN_IMAGES = 2967
VALIDATION_IMAGES = 409
FINAL_EPOCHS = 10
"""A run's final accuracy is the mean over this many last epochs, as in the authors' numbers."""


@dataclass(frozen=True)
class PaperRun:
    """One of the paper's runs: its settings (seed 0), its figures, and the accuracies the authors reported."""

    name: str
    figures: tuple[int, ...]
    spec: RunSpec
    reported: float
    best: float

    def label(self, figure: int) -> str:
        """Its short name in a figure's legend: what differs there."""
        return f"B={self.spec.batch_size}" if figure == 1 else self.name.replace("mu", "μ")


@dataclass(frozen=True)
class Figure:
    """One of the paper's figures: what varies in it, what the paper says of it and what a careful reader minds."""

    number: int
    title: str
    question: str
    settings: str
    statement: str
    caveat: str


def _constant(figures: tuple[int, ...], batch: int, rate: float, reported: float, best: float) -> PaperRun:
    spec = RunSpec(batch_size=batch, learning_rate=rate)
    return PaperRun(f"B={batch}, mu={rate * 1e4:g}e-4", figures, spec, reported, best)


def _decaying(name: str, reported: float, best: float, **schedule: object) -> PaperRun:
    spec = RunSpec.parse({"batch_size": 512, "learning_rate": 0.01, **schedule})
    return PaperRun(name, (3,), spec, reported, best)


def _figure4(name: str, reported: float, best: float, **schedule: object) -> PaperRun:
    common = {"epochs": 120, "schedule": "step", "decay_every": 20}
    return PaperRun(name, (4,), RunSpec.parse({**common, **schedule}), reported, best)


RUNS: tuple[PaperRun, ...] = (
    _constant((1, 3), 16, 1e-4, 0.9870, 0.9912),
    _constant((1,), 32, 1e-4, 0.9817, 0.9869),
    _constant((1,), 64, 1e-4, 0.9767, 0.9801),
    _constant((1,), 128, 1e-4, 0.9650, 0.9683),
    _constant((1, 2), 256, 1e-4, 0.9508, 0.9565),
    _constant((1, 2), 512, 1e-4, 0.9144, 0.9211),
    _constant((2,), 256, 2e-4, 0.9670, 0.9700),
    _constant((2,), 256, 4e-4, 0.9750, 0.9781),
    _constant((2,), 256, 8e-4, 0.9813, 0.9845),
    _constant((2,), 256, 16e-4, 0.9863, 0.9902),
    _constant((2,), 256, 32e-4, 0.9907, 0.9939),
    _constant((2,), 512, 2e-4, 0.9459, 0.9501),
    _constant((2,), 512, 4e-4, 0.9646, 0.9720),
    _constant((2,), 512, 8e-4, 0.9765, 0.9831),
    _constant((2,), 512, 16e-4, 0.9809, 0.9848),
    _constant((2,), 512, 32e-4, 0.9870, 0.9899),
    _decaying("exponential r=0.1", 0.9728, 0.9778, schedule="exponential", decay_rate=0.1),
    _decaying("exponential r=0.25", 0.9437, 0.9515, schedule="exponential", decay_rate=0.25),
    _decaying("exponential r=0.5", 0.9032, 0.9144, schedule="exponential", decay_rate=0.5),
    _decaying("exponential r=1", 0.7298, 0.7442, schedule="exponential", decay_rate=1.0),
    _decaying("step s=0.5, N_dec=10", 0.9776, 0.9842, schedule="step", step_decay=0.5, decay_every=10),
    _decaying("step s=0.5, N_dec=8", 0.9752, 0.9818, schedule="step", step_decay=0.5, decay_every=8),
    _decaying("step s=0.5, N_dec=6", 0.9710, 0.9794, schedule="step", step_decay=0.5, decay_every=6),
    _decaying("step s=0.5, N_dec=2", 0.9283, 0.9380, schedule="step", step_decay=0.5, decay_every=2),
    _decaying("time-based", 0.9905, 0.9933, schedule="time"),
    _figure4("s=0.75, s_B=2", 0.9729, 0.9788, batch_growth=2, step_decay=0.75),
    _figure4("s=0.375, B=16", 0.9726, 0.9788, step_decay=0.375),
)

FIGURES: dict[int, Figure] = {
    1: Figure(
        1,
        "Batch size at a fixed learning rate",
        "At one learning rate, what does a larger batch change?",
        "μ = 1e-4 throughout, B from 16 to 512, 150 epochs, momentum 0.9.",
        "The smallest batch, B=16, converges fastest and reaches the best accuracy; the larger the "
        "batch, the slower the convergence. It puts this down to large batches having less gradient noise and so "
        "ending in sharp minima.",
        "At equal epochs B=512 takes 900 updates and B=16 takes 27,900, so the runs differ in training time T as much "
        "as in noise: at equal epochs T goes as μ/B, like the noise (31-fold here, and 32-fold). Along T runs are "
        "compared at equal training. Sharpness was not measured in the paper.",
    ),
    2: Figure(
        2,
        "Learning rate at a large batch size",
        "Can a larger learning rate make up for a large batch?",
        "B = 256 and B = 512, μ from 1e-4 to 32e-4, 150 epochs, momentum 0.9.",
        "At a large batch, a larger learning rate converges faster and reaches a higher accuracy, "
        "because it restores the noise that the large batch took away; at high learning rates both batch sizes "
        "converge alike.",
        "A 32 times larger learning rate is also 32 times more training time T in the same number of updates. Noise "
        "(μ/B) and T rise together in every one of these runs, so they cannot tell one cause from the other.",
    ),
    3: Figure(
        3,
        "Decaying learning rates at B = 512",
        "How long must a large learning rate be kept up?",
        "B = 512 and μ₀ = 0.01 with decay, beside the baseline B = 16, μ = 1e-4; 150 epochs, momentum 0.9. "
        "Exponential: μ falls as exp(−r k) over epochs k. Step: μ is multiplied by s every N_dec epochs. Time-based: μ "
        "falls a little from epoch to epoch.",
        "With a well chosen μ₀ and decay, B=512 is as fast and as accurate as the baseline B=16, "
        "and the time-based decay even better; the large learning rate is needed only for an initial period N_cr, "
        "about 20 and 60 epochs.",
        "The comparison is between μ₀ = 0.01 and a baseline of 1e-4 that was not tuned. The values of r and N_dec "
        "are in the figure's legend and the notebook, not in the text, and N_cr is not defined there; it matches the "
        "epochs with μ_k >= 1e-4 for r=0.25 (19) and N_dec=8 (56).",
    ),
    4: Figure(
        4,
        "Growing the batch instead of shrinking the rate",
        "Is a growing batch the same as a faster decay?",
        "Start at μ = 1e-4, B = 16. Every 20 epochs, either μ × 0.75 and B × 2 (s=0.75, s_B=2), or μ × 0.375 and B "
        "stays (s=0.375, B=16); 120 epochs, momentum 0.9.",
        "Both runs have the same μ_k/B_k in every epoch, and their curves match almost perfectly in "
        "speed and final accuracy, so the batch may grow (fewer updates) without loss.",
        "μ_k/B_k is equal in both arms at every epoch, and so is T up to the rounding of the last batch: the match "
        "is what equal training time predicts as well. One seed each; the accuracy is measured on the training images.",
    ),
}

METRIC_CAVEAT = (
    "The paper's 'validation accuracy' was measured on the training images: the authors' notebook builds its "
    "validation set from the training folder, with the random crop and flip on, in eval mode. Every value of all 27 "
    "curves, times 2967 (the number of training images), is a whole number; the 409 validation images were not used."
)


def runs_of(figure: int) -> list[PaperRun]:
    """The runs drawn in one of the paper's figures (1 to 4), in the order of its legend."""
    if figure not in FIGURES:
        raise UserError(f"figure is {figure}, but must be one of {', '.join(map(str, FIGURES))}.")
    runs = [run for run in RUNS if figure in run.figures]
    return sorted(runs, key=lambda run: (run.spec.batch_size, run.spec.learning_rate)) if figure == 2 else runs


def find(spec: RunSpec) -> PaperRun | None:
    """The paper's run that asks the same question as `spec` whatever its seed, or None."""
    return _BY_QUESTION.get(spec.model_copy(update={"seed": 0}).question())


_BY_QUESTION = {run.spec.question(): run for run in RUNS}
