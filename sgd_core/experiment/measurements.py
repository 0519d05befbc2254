"""What is measured along runs by probes, as data: which probes, along which runs, after which epochs.

`python -m sgd_core measure NAME` makes a measurement, `evidence` has its tables. Runs are those of the paper or of a
claim where these serve, so that one training gives its curve and everything that is measured along it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sgd_core.experiment.claims import ENDS, LARGE, LARGE_FAST, LAST, NOMINAL, equal_time
from sgd_core.experiment.spec import RunSpec

ALONG = frozenset({-1, 0, 1, 4, 14, 49, 99, LAST})
"""The untrained head, then about evenly in the logarithm of training."""


@dataclass(frozen=True)
class Measurement:
    """Probes along some runs (seed 0 here)."""

    words: str
    runs: tuple[RunSpec, ...]
    probes: tuple[str, ...]
    epochs: frozenset[int]


EDGE_EPOCHS = 10


def _edge(batch_size: int, learning_rate: float) -> RunSpec:
    return RunSpec(batch_size=batch_size, learning_rate=learning_rate, epochs=EDGE_EPOCHS)


EDGE = {
    "B=16, mu=0.02": _edge(16, 0.02),
    "B=16, mu=0.05": _edge(16, 0.05),
    "B=512, mu=0.02": _edge(512, 0.02),
    "B=512, mu=0.1": _edge(512, 0.1),
}
"""Short runs on both sides of the edge of stability: where noise, and not curvature, decides whether a run trains."""
TWINS = (NOMINAL, LARGE, LARGE_FAST, equal_time(16))

MEASUREMENTS: dict[str, Measurement] = {
    "noise": Measurement("the gradient noise, with and without dropout", (NOMINAL, LARGE), ("gradient_noise",), ALONG),
    "noise_shares": Measurement(
        "which share of the noise is images, crops and dropout masks", (NOMINAL, LARGE), ("noise_shares",), ALONG
    ),
    "curvature": Measurement("the largest curvature where mu is large", (LARGE_FAST,), ("curvature",), ALONG),
    "sharpness": Measurement(
        "largest eigenvalue, trace and scale-free sharpness", (NOMINAL, LARGE, LARGE_FAST), ENDS,
        frozenset({-1, 0, 1, 4, 14, 49, LAST}),
    ),
    "edge": Measurement(
        "short runs on both sides of the edge of stability", tuple(EDGE.values()), ("curvature",),
        frozenset({-1, 0, 1, 2, 4, LAST}),
    ),
    "ways": Measurement(
        "the weights on the way and at the ends, kept here for the line and the plane between them", (NOMINAL, LARGE),
        ("weights",), ALONG,
    ),
    "twins": Measurement(
        "what is recognised at the end with and without near-twins of training images", TWINS, ("twins",),
        frozenset({LAST}),
    ),
    "errors": Measurement(
        "which images are still wrong at the end, and what they are taken for", TWINS, ("errors",), frozenset({LAST}),
    ),
}  # fmt: skip
"""Name -> what is measured. A new one is an entry here."""


def along(names: Iterable[str]) -> list[tuple[RunSpec, Mapping[str, frozenset[int]]]]:
    """The runs of these measurements, each once, with every probe and its epochs."""
    found: dict[str, tuple[RunSpec, dict[str, frozenset[int]]]] = {}
    for measurement in (MEASUREMENTS[name] for name in names):
        for spec in measurement.runs:
            _, probes = found.setdefault(spec.question(), (spec, {}))
            for probe in measurement.probes:
                probes[probe] = probes.get(probe, frozenset()) | measurement.epochs
    return list(found.values())


_QUESTIONS = frozenset(spec.question() for each in MEASUREMENTS.values() for spec in each.runs)


def is_measured(spec: RunSpec) -> bool:
    """Whether something is to be measured along a run, whatever its seed."""
    return spec.model_copy(update={"seed": 0}).question() in _QUESTIONS
