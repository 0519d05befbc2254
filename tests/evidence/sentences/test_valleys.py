"""What the page on two valleys says: shares, where they are largest, and how long an escape takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence.sentences import valleys as sentences
from sgd_core.noise.landscape import Landscape, Noise, Valley

NOISE = np.array([0.05 / batch for batch in (1, 2, 4, 8, 12, 16)])
EQUAL = Landscape(Valley(0.5, 0.25), Valley(1.5, 0.25))
SHARP_IS_DEEPER = Landscape(Valley(0.6, 0.35), Valley(1.2, 0.25))
GROWS = "as μ/B grows from 0.00313 to 0.05; over the second half of 2,048 steps the measured share"


@pytest.mark.parametrize(
    ("measured", "error", "told"),
    [
        ([0.7, 0.69, 0.71, 0.4, 0.1, 0.0], 0.01, "has reached about 0.70 from μ/B of about 0.013 on"),
        ([0.5, 0.6, 0.61, 0.4, 0.1, 0.0], 0.01, "is largest, about 0.60, at μ/B from about 0.013 to 0.025"),
        ([0.5, 0.6, 0.71, 0.4, 0.1, 0.0], 0.01, "is largest, 0.71, at μ/B = 0.0125"),
        ([0.5] * 6, 0.01, "is about 0.50 at all six μ/B"),
        ([0.5] * 6, 0.0, "is about 0.50 at all six μ/B"),
        ([0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 0.0, "is largest, 0.50, at μ/B = 0.05"),
        ([0.0] * 6, 0.01, "is about 0.00 at all six μ/B"),
        ([0.7], 0.01, "is about 0.70 at all 1 μ/B"),
    ],
)
def test_shares_within_error_of_each_other_have_no_single_largest(
    measured: list[float], error: float, told: str
) -> None:
    k = len(measured)
    assert told in sentences.highest(NOISE[:k], np.array(measured), np.full(k, error))


@pytest.mark.parametrize(
    ("landscape", "kind", "long_run", "told"),
    [
        (EQUAL, "constant", (0.75, 0.75), "the long-run share is the ratio of widths, 0.750, whatever μ/B is; only the "
         "time to get there depends on it: over the second half of 2,048 steps the measured share has reached about "
         "0.70 from μ/B of about 0.013 on, and 0.00 at μ/B = 0.00313."),
        (EQUAL, "curvature", (0.999, 0.916), f"the right valley's share falls from 0.999 to 0.916 {GROWS}"),
        (SHARP_IS_DEEPER, "constant", (0.05, 0.62), f"the right valley's share rises from 0.050 to 0.620 {GROWS}"),
        (SHARP_IS_DEEPER, "constant", (0.5, 0.503), f"share hardly changes (0.500 to 0.503) {GROWS}"),
        (SHARP_IS_DEEPER, "constant", (0.503, 0.5), f"share hardly changes (0.503 to 0.500) {GROWS}"),
    ],
)  # fmt: skip
def test_which_valley_holds_the_walkers(
    landscape: Landscape, kind: Noise, long_run: tuple[float, float], told: str
) -> None:
    measured = np.array([0.7, 0.69, 0.71, 0.4, 0.1, 0.0])
    assert told in sentences.occupancy(landscape, kind, long_run, 2048, NOISE, measured, np.full(6, 0.01))


def test_a_frame_and_the_end_of_a_film() -> None:
    assert sentences.counter(2048, 2048, 0.314) == "step 2,048 of 2,048 · 31% in the right valley"
    assert sentences.counter(0, 2048, 0.0) == "step 0 of 2,048 · 0% in the right valley"
    assert sentences.counter(2000, 2048, 0.996) == "step 2,000 of 2,048 · more than 99% in the right valley"


@pytest.mark.parametrize(
    ("share", "lost", "told"),
    [
        (0.88, 0.0, "88% of the walkers are in the right valley; in the long run, with small steps, it would be 73%."),
        (0.996, 0.0, "more than 99% of the walkers are in the right valley"),
        (0.004, 0.5, "less than 1% of the walkers left are in the right valley"),
        (0.0, 1.0, "no walker is in either valley: there is nothing to choose between where steps are unstable."),
    ],
)
def test_where_the_walkers_are_of_those_not_thrown_out(share: float, lost: float, told: str) -> None:
    said = sentences.in_the_right(4, 0.0125, 2048, share, 0.73, lost)
    assert said.startswith(f"After 2,048 steps at B = 4 (μ/B = 0.0125) {told}")
    assert sentences.unstable_at([1, 2]).startswith("At B = 1, 2 walkers are thrown out: no share is drawn there")


def test_walkers_thrown_out_are_counted() -> None:
    assert sentences.thrown_out(4, 0.0) == ""
    assert sentences.thrown_out(4, float("nan")) == ""
    assert sentences.thrown_out(1, 0.12).startswith("At B = 1 12% of the walkers have been thrown out")
    assert sentences.thrown_out(1, 0.999).startswith("At B = 1 more than 99% of the walkers")
    assert "in neither valley" in sentences.thrown_out(1, 0.12)


@pytest.mark.parametrize(
    ("x", "steps", "told"),
    [
        ([20.0, 120.0], [100.0, 250.0], "From B/μ = 20 to 120 the mean escape grows from 100 to 250 steps: 2.5 times "
         "as long for 6 times the B/μ."),
        ([20.0, 40.0], [100.0, 5310.0], "from 100 to 5,310 steps: 53 times as long for 2 times the B/μ."),
        ([20.0, 80.0, 320.0], [100.0, 1e4, 1e8], "to 100,000,000 steps: 1,000,000 times as long for 16 times the B/μ."),
        ([20.0], [100.0], "too long here for its exact time to be computed"),
        ([], [], "too long here for its exact time to be computed"),
    ],
)  # fmt: skip
def test_how_the_escape_grows(x: list[float], steps: list[float], told: str) -> None:
    assert told in sentences.escape(pd.DataFrame({"x": x, "steps": steps}))


def test_what_is_drawn_of_escapes_depends_on_the_noise() -> None:
    constant, curvature = (sentences.escape_read(kind, 0.05, 1500) for kind in ("constant", "curvature"))
    assert constant.startswith("Kramers' formula is for high barriers")
    assert "Kramers' formula is not drawn" in curvature
    assert all("exact at μ = 0.05." in told and "less than 1,500 steps." in told for told in (constant, curvature))
    assert sentences.too_long(1500).startswith("Every escape takes more than 1,500 steps here")


TEXTBOOK = pd.DataFrame(
    {
        "x": [20.0, 120.0, 160.0, 20.0, 120.0],
        "rate": ["0.05", "0.05", "0.05", "0.1", "0.1"],
        "measured": [100.0, 3000.0, 9000.0, 60.0, 1500.0],
        "kramers": [92.0, 2700.0, 8400.0, 56.0, 1400.0],
        "exact": [100.0, 3000.0, 9000.0, 60.0, 1500.0],
    }
)


def test_the_textbook_well_is_compared_where_all_rates_were_measured() -> None:
    assert sentences.textbook(TEXTBOOK) == (
        "From B/μ = 20 to 120 the escape becomes 30.00, 25.00 times as long at μ = 0.05, 0.1: B/μ sets the exponent, μ "
        "only the factor in front. The longest here took 9,000 steps."
    )


@pytest.mark.parametrize(
    ("ratio", "told"), [(0.92, "is 8% low here"), (1.25, "is 25% high here"), (1.0, "off by less than 0.5% here")]
)
def test_kramers_is_low_high_or_neither(ratio: float, told: str) -> None:
    assert told in sentences.kramers(TEXTBOOK.assign(kramers=ratio * TEXTBOOK["exact"]))


def scene(left: Valley, right: Valley, noise: Noise, shares: tuple[float, float]) -> sentences.Scene:
    return sentences.Scene("here", Landscape(left, right), noise, *shares)


@pytest.mark.parametrize(
    ("one", "answer", "why"),
    [
        (
            scene(Valley(0.6, 0.25), Valley(1.2, 0.25), "constant", (0.667, 0.667)),
            "no, only sooner",
            "ratio of the widths",
        ),
        (scene(Valley(0.6, 0.35), Valley(1.2, 0.25), "constant", (0.05, 0.62)), "yes", "settles in the sharp valley"),
        (scene(Valley(0.6, 0.25), Valley(1.2, 0.35), "constant", (0.99, 0.72)), "no, less", "is the deeper one here"),
        (
            scene(Valley(0.6, 0.25), Valley(1.2, 0.25), "curvature", (0.999, 0.916)),
            "no, less",
            "Noise is weaker in the",
        ),
        (scene(Valley(0.4, 0.4), Valley(2.0, 0.4), "curvature", (1.0, 0.999)), "no, hardly", "holds nearly all"),
        (scene(Valley(0.4, 0.4), Valley(2.0, 0.4), "curvature", (0.6, 0.601)), "no, hardly", "as deep for their noise"),
        (scene(Valley(1.0, 0.25), Valley(1.0, 0.25), "curvature", (0.5, 0.5)), "neither is flatter", "one curvature"),
    ],
)
def test_whether_more_noise_prefers_the_flat_valley(one: sentences.Scene, answer: str, why: str) -> None:
    told, because = sentences.prefers(one)
    assert told == answer
    assert why in because


def test_the_answers_stand_in_a_table() -> None:
    deep = scene(Valley(0.6, 0.35), Valley(1.2, 0.25), "constant", (0.001, 0.62))
    alike = scene(Valley(1.0, 0.25), Valley(1.0, 0.25), "constant", (0.5, 0.5))
    said, _, head, _, first, second = sentences.table([deep, alike], (0.003125, 0.05)).split("\n")
    assert said == "Its share is that of the long run, from μ/B = 0.0031 to 0.05."
    assert head == "| valleys | does it? | its share | why |"
    assert first.startswith("| here | **yes** | less than 1% → 62% | Little noise")
    assert second.startswith("| here | **neither is flatter** | – |")
