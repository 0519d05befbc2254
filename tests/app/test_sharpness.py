"""The page on sharpness, with nothing measured, with what is published, and with everything measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.evidence.ends import Tables
from sgd_core.experiment.claims import LARGE, LARGE_FAST, NOMINAL
from sgd_core.experiment.measurements import EDGE
from sgd_core.runs.kept.store import Store
from sgd_core.ui.answer import sharpness as page
from tests.app.conftest import charts, opened, said
from tests.conftest import ROOT, pages_of
from tests.evidence.probed import Made

PAGE = "pages/Sharpness.py"
EPOCHS = (-1, 0, 1, 4, 14, 49, 149)


def sharp(curvature: float, epochs: tuple[int, ...] = EPOCHS) -> dict[tuple[str, int], dict[str, float]]:
    """All three measures, the same at every epoch."""
    values = {
        "curvature": {"largest_eigenvalue": curvature}, "trace": {"trace": 10 * curvature, "trace_se": 1.0},
        "sharpness": {"adaptive": curvature / 100, "adaptive_se": 0.01},
    }  # fmt: skip
    return {(probe, epoch): value for epoch in epochs for probe, value in values.items()}


def rescaled(curvature: float) -> dict[str, float]:
    return {
        f"{name} at {alpha:g}": value
        for alpha in (0.25, 1.0, 4.0)
        for name, value in {
            "largest_eigenvalue": curvature * max(alpha, 1 / alpha), "trace": 10 * curvature * max(alpha, 1 / alpha),
            "adaptive": 0.7, "changed": 0.0, "images": 4967.0, "logit_difference": 1e-5, "logit_size": 20.0,
        }.items()
    }  # fmt: skip


def everything() -> Tables:
    made = Made()
    line = {f"{split}_{what} at {alpha:g}": 0.1 + alpha**2 for split in ("train", "test")
            for what in ("loss", "accuracy") for alpha in (-0.5, 0.0, 0.5, 1.0, 1.5)}  # fmt: skip
    plane = {
        f"{split}_loss at {x:.4f} {y:.4f}": float(len(split) + x)
        for split in ("train", "test")
        for x in (0, 1)
        for y in (0, 1)
    }
    plane |= {f"{run} {what} at {epoch}": float(epoch + 1) for run in ("first", "second") for what in ("x", "y", "away")
              for epoch in EPOCHS}  # fmt: skip
    made.add(NOMINAL, sharp(10) | {("rescale", 149): rescaled(10)})
    made.add(LARGE, sharp(70) | {("rescale", 149): rescaled(70), ("line", 149): line, ("plane", 149): plane})
    made.add(LARGE_FAST, sharp(10))
    for name, spec in EDGE.items():
        status = "done" if name.startswith("B=512") else "failed to learn"
        made.add(spec, {("curvature", epoch): {"largest_eigenvalue": 20.0} for epoch in (-1, 4, 9)}, status)
    return made.tables()


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[None]:
    found = everything()
    with pages_of(tmp_path / "published", tmp_path / "cache"):
        named = {"runs": found.runs, "epochs": found.epochs, "measurements": found.measurements}
        Store().published.write(named, {}, "made up\n")
        yield


def parts() -> list[AppTest]:
    """The page's parts, each opened."""
    apps = [opened(PAGE, part=part) for part in (page.ALONG, page.RESCALED, page.LINE, page.PLANE, page.EDGE)]
    assert not any(app.exception or app.error for app in apps)
    return apps


def test_with_nothing_measured_every_part_names_its_command(tmp_path: Path) -> None:
    with pages_of(tmp_path / "nothing", tmp_path / "cache"):
        text = "\n".join(map(said, apps := parts()))
        for what in ("sharpness", "edge"):
            assert f"Not measured yet: `python -m sgd_core measure {what}`, then `publish`." in text
        for what in ("line", "plane", "rescale"):
            assert f"`python -m sgd_core measure ways`, then `measure {what}`, then `publish`." in text
        assert not any(map(charts, apps))


def test_the_published_measurements_are_drawn(tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path):
        for measure in ("largest eigenvalue", "trace", "scale-free sharpness"):
            app = opened(PAGE, measure=measure)
            assert not app.exception
            assert f"At equal epochs (150) the {measure} of B=512, μ=1e-4 is" in said(app)
            assert charts(app)[0].alt.startswith(f"The {measure} of the loss along runs")


@pytest.mark.usefixtures("measured")
def test_everything_that_is_measured_is_drawn_and_said() -> None:
    apps = parts()
    assert [len(charts(app)) for app in apps] == [1, 1, 1, 1, 1]
    text = "\n".join(map(said, apps))
    assert "ot measured yet" not in text
    assert "At equal epochs (150) the largest eigenvalue of B=512, μ=1e-4 is 7 times that of B=16, μ=1e-4." in text
    assert "Rescaling moves the largest eigenvalue 4-fold and the trace 4-fold; the scale-free sharpness stays." in text
    assert "None of 4,967 predictions changes at any α" in text
    assert "B=16, μ=0.05: falls to chance" in text
    assert "B=512, μ=0.1: trains" in text
    assert "seed 0, 10 epochs" in text


@pytest.mark.usefixtures("measured")
@pytest.mark.parametrize(
    ("control", "value", "part", "drawn"),
    [
        ("at", "equal T_eff", page.ALONG, "training time with momentum"),
        ("at", "equal training loss", page.ALONG, "loss on the training images"),
        ("line", "accuracy", page.LINE, '"accuracy"'), ("plane", "test images", page.PLANE, "off the plane"),
    ],
)  # fmt: skip
def test_a_link_and_a_press_draw_the_same(control: str, value: str, part: str, drawn: str) -> None:
    linked = charts(opened(PAGE, **{control: value}))[0]
    app = opened(PAGE, part=part)
    assert charts(app)[0].spec != linked.spec
    app.button_group(key=control).set_value(value).run()
    assert not app.exception
    assert charts(app)[0].spec == linked.spec
    assert drawn in linked.spec


@pytest.mark.usefixtures("measured")
def test_the_order_is_told_for_the_place_that_is_shown() -> None:
    assert "At equal T_eff (0.0891): B=512, μ=1e-4 (70) > " in said(opened(PAGE, at="equal T_eff"))
    assert "At equal training loss (" in said(opened(PAGE, at="equal training loss"))
