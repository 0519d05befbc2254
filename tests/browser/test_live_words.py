"""What is said of a walk while it runs: a table of cases, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sgd_core.ui.shell.live import component

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(context: BrowserContext) -> Iterator[Ask]:
    """Evaluate JavaScript beside the component's sentences."""
    page = context.new_page()
    page.add_script_tag(content=component.script("meter", "words", "scene"))
    yield page.evaluate
    page.close()


def theory_of(trace: float, sampling: float = 1.0, stable: bool = True) -> dict[str, Any]:
    return {"trace": trace, "sampling": sampling, "stable": stable, "steepest": 0.125}


GONE = theory_of(1e300, stable=False)


@pytest.mark.parametrize(
    ("first", "second", "one", "other", "said"),
    [
        ((0.4, 8), (0.8, 16), theory_of(0.05), theory_of(0.052),
         "μ/B = 0.05 in both: the predicted variances are 4.0% apart, though the second's step is 2 "
         "times the first's."),
        ((0.4, 8), (0.4, 8), theory_of(0.05), theory_of(0.05),
         "μ/B = 0.05 in both, with the same μ and B: only the random numbers differ."),
        ((0.4, 8), (6.4, 128), theory_of(0.05), theory_of(0.0375, 0.5),
         "μ/B = 0.05 in both, and yet the second cloud's predicted variance is 0.75 times the first's: (N−B)/(N−1) "
         "makes it 0.5 times, steps that are long beside the edge make it 1.5 times."),
        ((0.4, 8), (1.6, 32), theory_of(0.05), theory_of(0.044, 0.88),
         "μ/B = 0.05 in both, and yet the second cloud's predicted variance is 0.88 times the first's: (N−B)/(N−1) "
         "makes it 0.88 times."),
        ((0.4, 8), (1.6, 8), theory_of(0.05), theory_of(0.21),
         "μ/B = 0.05 and 0.2, a factor of 4: the second cloud's predicted variance is 4.2 times the first's."),
        ((0.4, 8), (20.0, 400), theory_of(0.05), GONE,
         "μ/B = 0.05 in both, but the second is beyond the edge of stability: μ/B does not say whether a step "
         "is too long."),
        ((20.0, 8), (0.4, 8), GONE, theory_of(0.05),
         "μ/B = 2.5 and 0.05, but the first is beyond the edge of stability: μ/B does not say whether a step "
         "is too long."),
        ((20.0, 8), (20.0, 8), GONE, GONE,
         "μ/B = 2.5 in both, and both are beyond the edge of stability: there is no cloud at all."),
        ((0.4, 8), (12.8, 256), theory_of(0.05), theory_of(0.0, 0.0),
         "μ/B = 0.05 in both, but the second has no noise at all: its batch is the whole data set."),
        ((1.0, 256), (1.0, 256), theory_of(0.0, 0.0), theory_of(0.0, 0.0),
         "μ/B = 0.00391 in both, and neither has any noise: B = N."),
    ],
)  # fmt: skip
def test_two_walks_beside_each_other(
    first: tuple[float, int], second: tuple[float, int], one: dict[str, Any], other: dict[str, Any], said: str, ask: Ask
) -> None:
    settings = [{"mu": mu, "B": batch} for mu, batch in (first, second)]
    assert ask("([a, b, c, d]) => beside(a, b, c, d)", [*settings, one, other]) == said


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (1.02, ""),
        (1.25, "The measured cloud is 25% larger: the theory takes the loss as quadratic and its noise as that of the "
         "minimum, and over a cloud this wide (± 1.4) they are not."),
        (0.75, "The measured cloud is 25% smaller: the theory takes the loss as quadratic and its noise as that of the "
         "minimum, and over a cloud this wide (± 1.4) they are not."),
    ],
)  # fmt: skip
def test_where_the_linear_theory_misses(measured: float, said: str, ask: Ask) -> None:
    assert ask("([m, t]) => misses(agreement(m, 0.01, 1), t)", [measured, theory_of(1.0)]) == said


def test_beyond_the_edge(ask: Ask) -> None:
    said = ask("([of, t]) => unstable(of, t, 1234.5)", [{"mu": 20.0, "m": 0.0}, GONE])
    assert said == (
        "Beyond the edge of stability: μh = 2.5 is above 2(1+m) = 2, so the linear theory has no cloud. Here gradients "
        "are bounded, so the walkers are thrown about instead of leaving for good; mean squared distance now 1,230."
    )


def test_without_noise(ask: Ask) -> None:
    assert ask("() => still(3.21e-17)") == (
        "B = N without replacement: every batch is the whole data set, so there is no noise, and theory predicts 0. "
        "Mean squared distance from the minimum now 3.2e-17."
    )


def test_how_samples_are_counted(ask: Ask) -> None:
    assert ask("() => counted({samples: 200}, {alone: false, steps: 1234, length: 10})") == (
        "Samples: 200 walkers, each averaged over 1,234 steps."
    )
    assert ask("() => counted({samples: 59}, {alone: true, steps: 1234, length: 21})") == (
        "Samples: 59 pieces of one path, each of 8 relaxation times (21 steps)."
    )


def test_how_long_it_settles(ask: Ask) -> None:
    assert ask("() => [settling(1), settling(1200)]") == [
        "Settling: 1 step until the former place is forgotten.",
        "Settling: 1,200 steps until the former place is forgotten.",
    ]
