"""The live walk's arithmetic in a real browser, against the same in Python: random numbers, steps, theory, badge."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sgd_core.evidence.sentences import badges
from sgd_core.noise import bowl, gradients, stationary, statistics, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.theory import FloatArray
from sgd_core.ui.shell.live import component
from sgd_core.ui.shell.live.settings import BATCHES, MOMENTA, RATES

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

PROBLEM = gradients.two_blobs()
MINIMUM = PROBLEM.minimum()
HESSIAN = PROBLEM.hessian(MINIMUM)
EACH = PROBLEM.gradients(MINIMUM)
FLAT = [0, 0, 1], [0, 1, 1]
"""The entries of a symmetric matrix that the browser holds."""
SETUP = """(data) => {
    const flat = ([[a, b], [, c]]) => [a, b, c];
    problem = {x: data.points.map(p => p[0]), y: data.points.map(p => p[1]), labels: data.labels};
    law = {hessian: flat(data.hessian), covariance: flat(data.covariance), N: data.labels.length};
    centre = data.minimum;
}"""

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(context: BrowserContext) -> Iterator[Ask]:
    """Evaluate JavaScript beside the component's plain functions and the page's problem."""
    page = context.new_page()
    names = [name for name in component.SCRIPTS if name != "live"]
    page.add_script_tag(content=f"var problem, law, centre;\n{component.script(*names)}")
    page.evaluate(SETUP, component.problem())
    yield page.evaluate
    page.close()


class Sfc32:
    """PractRand's sfc32, as the browser seeds it."""

    def __init__(self, seed: int, stream: int) -> None:
        self.a, self.b, self.c, self.counter = 0, seed, stream, 1
        for _ in range(12):
            self.next()

    def next(self) -> int:
        mask = 0xFFFFFFFF
        value = (self.a + self.b + self.counter) & mask
        self.counter = (self.counter + 1) & mask
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & mask
        self.c = (((self.c << 21) | (self.c >> 11)) + value) & mask
        return value


def walked(seed: int, mu: float, batch: int, m: float, replacement: bool, steps: int, walkers: int) -> FloatArray:
    """Where the walkers are after so many steps, (walkers, 2), and what the browser must give."""
    rng, order = Sfc32(seed, 1), list(range(gradients.IMAGES))
    w, v = np.zeros((walkers, 2)), np.zeros((walkers, 2))
    for _, i in itertools.product(range(steps), range(walkers)):
        drawn = list(range(gradients.IMAGES))
        if replacement:
            drawn = [int(rng.next() / 2**32 * gradients.IMAGES) for _ in range(batch)]
        elif batch < gradients.IMAGES:
            for k in range(batch):
                other = k + int(rng.next() / 2**32 * (gradients.IMAGES - k))
                order[k], order[other] = order[other], order[k]
            drawn = order[:batch]
        v[i] = m * v[i] + PROBLEM.gradients(w[i])[drawn].mean(axis=0)
        w[i] = w[i] - mu * v[i]
    return w


def setting(mu: float, batch: int, m: float = 0.0, replacement: bool = False) -> dict[str, Any]:
    return {"mu": mu, "B": batch, "m": m, "replacement": replacement}


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (1, 0), (0, 1), (9999, 1)])
def test_the_generator_is_sfc32(seed: int, stream: int, ask: Ask) -> None:
    rng = Sfc32(seed, stream)
    drawn = ask("([s, t]) => { const next = generator(s, t); return Array.from({length: 50}, next); }", [seed, stream])
    assert drawn == [rng.next() for _ in range(50)]


WALK = """([seed, of, steps, many]) => {
    const walkers = new Walkers(problem, seed, 1, many);
    for (let k = 0; k < steps; k++) walkers.step(of, false);
    return Array.from(walkers.w1, (w, i) => [w, walkers.w2[i]]);
}"""


@pytest.mark.parametrize(
    ("mu", "batch", "m", "replacement"),
    [(0.4, 4, 0.0, False), (0.4, 4, 0.9, True), (3.0, 64, 0.5, False), (0.8, 256, 0.0, False), (0.8, 256, 0.0, True)],
)
def test_a_walk_is_sgd_with_momentum(mu: float, batch: int, m: float, replacement: bool, ask: Ask) -> None:
    found = ask(WALK, [7, setting(mu, batch, m, replacement), 15, 4])
    assert np.array(found) == pytest.approx(walked(7, mu, batch, m, replacement, 15, 4), rel=1e-10)
    assert found == ask(WALK, [7, setting(mu, batch, m, replacement), 15, 4])
    other = ask(WALK, [8, setting(mu, batch, m, replacement), 15, 4])
    whole = batch == gradients.IMAGES and not replacement
    assert (other == found) == whole


def test_one_walker_leaves_the_others_where_they_are(ask: Ask) -> None:
    moved = ask(
        """(of) => {
            const walkers = new Walkers(problem, 0, 0, 3);
            walkers.chosen = 1;
            walkers.step(of, true);
            return [Array.from(walkers.w1, w => w !== 0), walkers.batch.length, new Set(walkers.batch).size];
        }""",
        setting(0.4, 16),
    )
    assert moved == [[False, True, False], 16, 16]


GRID = list(itertools.product([0.025, 0.4, 3.2, 12.8, 16.0], [1, 16, 255, 256], [0.0, 0.5, 0.95], [False, True]))


def test_the_ring_is_the_theory(ask: Ask) -> None:
    found = ask("list => list.map(one => predicted(law, one))", [setting(*case) for case in GRID])
    for (mu, batch, m, replacement), said in zip(GRID, found, strict=True):
        noise = stationary.batch_gradient_covariance(EACH, batch, None if replacement else gradients.IMAGES)
        exact = stationary.covariance(mu, HESSIAN, noise, m)
        limit = stationary.covariance_small_steps(mu, HESSIAN, noise, m)
        assert said["stable"]
        assert said["covariance"] == pytest.approx(exact[FLAT], rel=1e-8, abs=1e-14)
        assert said["trace"] == pytest.approx(np.trace(exact), rel=1e-9, abs=1e-14)
        assert said["smallSteps"] == pytest.approx(np.trace(limit), rel=1e-9, abs=1e-14)
        kept = theory.contraction(mu, np.linalg.eigvalsh(HESSIAN), m).max()
        assert said["kept"] == pytest.approx(kept, rel=1e-9)
        assert (said["trace"] == 0) == (batch == gradients.IMAGES and not replacement)


@pytest.mark.parametrize("m", MOMENTA)
def test_beyond_the_edge_there_is_no_ring(m: float, ask: Ask) -> None:
    edge = float(theory.stability_limit(np.linalg.eigvalsh(HESSIAN)[-1], m))
    below, above = ask("list => list.map(one => predicted(law, one))",
                       [setting(edge * (1 - 1e-9), 8, m), setting(edge * (1 + 1e-9), 8, m)])  # fmt: skip
    assert below["edge"] == pytest.approx(edge, rel=1e-12)
    assert below["stable"]
    assert not above["stable"]
    assert not np.isfinite(above["trace"])


@pytest.mark.parametrize("matrix", [[2.0, 0.0, 1.0], [1.0, 0.0, 2.0], [1.0, -0.3, 0.8], [1.0, 0.0, 1.0]])
def test_axes_of_a_matrix(matrix: list[float], ask: Ask) -> None:
    found = ask("matrix => eigen(matrix)", matrix)
    a, b, c = matrix
    axes = np.array(found["axes"])
    assert axes @ axes.T == pytest.approx(np.eye(2), abs=1e-12)
    assert axes.T @ np.diag(found["values"]) @ axes == pytest.approx(np.array([[a, b], [b, c]]), abs=1e-12)
    assert found["values"] == sorted(found["values"])


MEASURE = """([of, steps, alone, wrong]) => {
    const walkers = new Walkers(problem, 3, 0, 200), theory = predicted(law, of), meter = new Meter(centre, 200);
    meter.restart(theory, spread(walkers.w1, walkers.w2, centre).squared, alone);
    const waits = meter.left;
    for (let k = 0; k < steps; k++) { walkers.step(of, alone); meter.note(walkers); }
    const reading = meter.reading;
    return {waits, reading, steps: meter.steps, length: meter.length, trace: theory.trace,
        one: reading && agreement(reading.value, reading.error, wrong * theory.trace)};
}"""


@pytest.mark.parametrize(
    ("mu", "batch", "m", "steps", "alone"),
    [(0.8, 64, 0.0, 700, False), (1.6, 128, 0.0, 500, False), (0.2, 32, 0.9, 600, False), (1.6, 128, 0.0, 9000, True)],
)
def test_the_badge_agrees_with_the_theory_and_not_with_a_wrong_one(
    mu: float, batch: int, m: float, steps: int, alone: bool, ask: Ask
) -> None:
    right, wrong = (
        ask(MEASURE, [setting(mu, batch, m), steps, alone, factor]) for factor in (1, 0.6 if alone else 0.9)
    )
    assert right["one"]["within"], right
    assert not wrong["one"]["within"], wrong
    assert right["reading"]["samples"] == (59 if alone else 200)  # the 60th piece is under way


def test_the_error_of_the_badge_is_the_spread_of_its_readings(ask: Ask) -> None:
    """Readings of 40 walks with other seeds scatter as much as each says."""
    readings = ask(
        """(of) => Array.from({length: 40}, (_, seed) => {
            const walkers = new Walkers(problem, seed, 0, 50), meter = new Meter(centre, 50);
            const theory = predicted(law, of);
            meter.restart(theory, spread(walkers.w1, walkers.w2, centre).squared, false);
            for (let k = 0; k < 150; k++) { walkers.step(of, false); meter.note(walkers); }
            return meter.reading;
        })""",
        setting(1.6, 64),
    )
    scatter = np.std([one["value"] for one in readings], ddof=1)
    assert np.mean([one["error"] for one in readings]) == pytest.approx(scatter, rel=0.35)


@pytest.mark.parametrize(("mu", "h", "m"), [(0.1, 1.0, 0.0), (0.5, 1.0, 0.9), (1.0, 1.0, 0.0), (0.02, 1.0, 0.0)])
def test_the_wait_is_that_of_the_bowl(mu: float, h: float, m: float, ask: Ask) -> None:
    variance = float(theory.stationary_variance(mu, 4, h, 40.0, m))
    waits = ask("([kept, squared, trace]) => burnIn(kept, squared, trace)",
                [float(theory.contraction(mu, h, m)), bowl.START**2, variance])  # fmt: skip
    expected = bowl.sizes(mu, 4, h, 40.0, m).burn_in
    assert waits == expected or variance > bowl.START**2


def test_an_estimate_is_that_of_independent_samples(ask: Ask) -> None:
    samples = np.random.default_rng(0).exponential(size=30)
    found, expected = ask("samples => estimate(samples)", samples.tolist()), statistics.mean(samples)
    assert (found["value"], found["error"]) == pytest.approx((expected.value, expected.standard_error))


NUMBERS = [0.0, 1.0, 10.0, 123.456, 1234.6, 99999.0, 0.00012345, 0.000012345, 2.5e-05, 0.1, 1 / 3, 1e6, 0.0999996, -2.5]


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_numbers_read_as_in_python(digits: int, ask: Ask) -> None:
    said = ask("([list, digits]) => list.map(one => general(one, digits))", [NUMBERS, digits])
    assert said == [f"{number:.{digits}g}" for number in NUMBERS]


READINGS = [
    (1.02, 0.01, 1.0), (1.031, 0.01, 1.0), (0.97, 0.03, 1.0), (2.5e-05, 1e-06, 2.586e-05), (0.99999, 0.01, 1.0),
    (0.0, 0.0, 0.0), (0.1, 0.0, 0.0), (1.0, 0.05, 1.0), (1.0, 0.4, 1.0), (0.08, 0.0004, 0.0811),
]  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
def test_a_badge_says_what_badges_say_elsewhere(reading: tuple[float, float, float], ask: Ask) -> None:
    there = Agreement(*reading)
    said = ask(
        "of => { const one = agreement(...of); return [verdict(one), compared(one), blindTo(one)]; }", list(reading)
    )
    assert said == [badges.verdict(there), badges.compared(there), badges.blind_to(there)]


def test_the_lock_keeps_the_ratio_on_the_sliders(ask: Ask) -> None:
    """Every slider moved to every place: the ratios stay equal, and both learning rates stay on their slider."""
    places = [("mu", i, k) for i in (0, 1) for k in range(len(RATES))]
    places += [("B", i, k) for i in (0, 1) for k in range(len(BATCHES))]
    found = ask(
        """([list, lists]) => list.map(([name, i, k]) =>
            moved({mu: [0.4, 0.8], B: [8, 16], lock: true}, name, i, k, lists))""",
        [places, {"rates": RATES, "batches": BATCHES}],
    )
    for (name, i, k), got in zip(places, found, strict=True):
        assert set(got["mu"]) <= set(RATES)
        assert got["mu"][0] / got["B"][0] == pytest.approx(got["mu"][1] / got["B"][1], rel=1e-9)
        unmoved = got == {"mu": [0.4, 0.8], "B": [8, 16]}
        wanted = BATCHES[k] if name == "B" else RATES[k]
        other = wanted * (0.05 if name == "B" else 2 if i == 0 else 0.5)
        assert got[name][i] == wanted or (unmoved and not RATES[0] - 1e-9 <= other <= RATES[-1] + 1e-9)


def test_without_the_lock_only_what_was_moved_moves(ask: Ask) -> None:
    lists = {"rates": RATES, "batches": BATCHES}
    ways = "([i, lists]) => moved({mu: [0.4, 0.8], B: [8, 16], lock: false}, 'B', i, 0, lists)"
    assert ask(ways, [0, lists]) == {"mu": [0.4, 0.8], "B": [1, 16]}
    assert ask(ways, [1, lists]) == {"mu": [0.4, 0.8], "B": [8, 1]}


@pytest.mark.parametrize(
    ("mu", "batch", "expected"),
    [
        ([0.4, 3.2], [8, 16], {"mu": [0.4, 0.8], "B": [8, 16]}),
        ([44.8, 0.1], [8, 16], {"mu": [44.8, 44.8], "B": [8, 8]}),
    ],
)
def test_the_lock_brings_the_second_to_the_first(
    mu: list[float], batch: list[int], expected: dict[str, list[float]], ask: Ask
) -> None:
    lists = {"rates": RATES, "batches": BATCHES}
    assert ask("([mu, B, lists]) => locked({mu, B}, lists)", [mu, batch, lists]) == expected
    assert math.isclose(expected["mu"][0] / expected["B"][0], expected["mu"][1] / expected["B"][1])
