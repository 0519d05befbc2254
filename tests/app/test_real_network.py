"""The page on the real network: what it says of measured noise, and that nothing was measured yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sgd_core.evidence.noise import PROBE
from sgd_core.noise import theory
from sgd_core.runs.kept import table
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.ui.noise_lab import network
from tests.app.conftest import charts, opened, said
from tests.conftest import pages_of

PARTS = (network.SIZES, network.MADE_OF, network.ALONG)
NETWORK = "pages/Noise_lab_Real_network.py"
LIMITS = "pages/Noise_lab_Limits.py"
SIZES = (16, 64, 256, 1024)
IMAGES = 2967
TRACE = {-1: 1000.0, 149: 400.0}
ERROR = 0.05
"""Of every measured variance, as a share of it."""


def measurements(key: str, off: float = 1.0) -> list[dict[str, Any]]:
    """What the probe finds where the variance without replacement is `off` times the theory's."""
    rows = []
    for epoch, trace in TRACE.items():
        named = {"trace": trace, "gradient_norm_squared": trace / 500, "noise_scale": 500.0 + epoch}
        named |= {"dropout_trace": trace / 4, "dropout_trace_se": trace / 100, "total_trace": 1.25 * trace}
        for size in SIZES:
            values = {
                f"with_{size}": float(theory.batch_gradient_variance(trace, size)),
                f"without_{size}": off * float(theory.batch_gradient_variance(trace, size, IMAGES)),
            }
            named |= values | {f"{name}_se": ERROR * value for name, value in values.items()}
        rows += [{"key": key, "probe": PROBE, "epoch": epoch, "name": n, "value": v} for n, v in named.items()]
    return rows


def shares(key: str) -> list[dict[str, Any]]:
    """What the probe of the shares finds: the same at both epochs, and four times the noise scale of `measurements`."""
    parts = {"images": 0.25, "crops": 0.15, "masks": 0.6}
    rows = []
    for epoch, trace in TRACE.items():
        scale = 4 * (500.0 + epoch)
        named = {"noise_scale": scale, "noise_scale_se": ERROR * scale}
        for part, share in parts.items():
            named |= {part: trace * share, f"{part}_se": ERROR * trace * share}
            named |= {f"{part}_share": share, f"{part}_share_se": ERROR * share}
        rows += [{"key": key, "probe": "noise_shares", "epoch": epoch, "name": n, "value": v} for n, v in named.items()]
    return rows


def published(invented: Path, folder: Path, off: float = 1.0, apart: bool = False) -> Path:
    """The invented runs, with measurements along both ends of Figure 1; `apart`: those of the shares too."""
    runs = PublishedRuns(invented)
    tables = {name: runs.frame(name) for name in ("runs", "epochs")}
    first = tables["runs"].query("seed == 0 and learning_rate == 1e-4 and schedule == 'constant' and batch_growth == 1")
    keys = [first.loc[first["batch_size"] == size, "key"].iloc[0] for size in (16, 512)]
    rows = [row for key in keys for row in measurements(key, off) + (shares(key) if apart else [])]
    PublishedRuns(folder).write(
        tables | {"measurements": table.frame("measurements", rows)}, runs.provenance(), "Invented.\n"
    )
    return folder


def test_measured_noise_is_held_against_theory_and_its_resolution_told(invented: Path, tmp_path: Path) -> None:
    with pages_of(published(invented, tmp_path / "published"), tmp_path / "cache"):
        apps = [opened(NETWORK, part=part) for part in PARTS]
        before = said(opened(NETWORK, run="B=512", epoch="untrained"))
    assert not any(app.exception or app.error for app in apps)
    text = "\n".join(map(said, apps))
    assert text.count("agrees with theory") == 2
    assert "**The noise is not constant**" in text
    assert "tr Σ falls 2.5-fold along B=16 and falls 2.5-fold along B=512" in text
    assert "Slope on the log-log plot, with replacement: measured −1 ± 0.0" in text
    assert "Variance at B = 1024 without replacement: measured 0.2559 ± 0.013" in text
    assert "where it is off by 23% or more" in text
    assert "where it is off by 0.07 or more" in text
    assert "Doubling B multiplies the variance by 0.50 here" in text
    assert "**dropout masks 20%**, images and crops 80%. A standard error is at most 0.8 points." in text
    assert "Images and crops were not told apart yet along B=16 and B=512: `python -m sgd_core measure" in text
    assert "nothing takes theirs back: at least 20% of the noise." in text
    assert "A batch of all 2,967 images still has noise" in text
    assert "its noise tr Σ is 1.2 times as large; B_simple with it was not measured yet" in text
    assert "is 649 after epoch 149 of B=16, 649 after epoch 149 of B=512, with dropout off." in text
    assert "Doubling B multiplies the variance by 0.50 here" in before
    assert [len(charts(app)) for app in apps] == [1, 2, 2]


def test_where_crops_were_told_apart_shares_and_b_simple_with_dropout_are_told(invented: Path, tmp_path: Path) -> None:
    with pages_of(published(invented, tmp_path / "published", apart=True), tmp_path / "cache"):
        apps = [opened(NETWORK, part=part, along="T_eff") for part in PARTS[1:]]
        limits = said(opened(LIMITS, case="reshuffling"))
    assert not any(app.exception for app in apps)
    text = "\n".join(map(said, apps))
    assert "**dropout masks 60%**, crops 15% and images 25%. A standard error is at most 3.0 points." in text
    assert "nothing takes theirs back: 75% of the noise." in text
    assert "75% of what 1/B alone would leave." in text
    assert "not told apart" not in text
    assert "it is 2,596 ± 130 after epoch 149 of B=16, 2,596 ± 130 after epoch 149 of B=512: 4.0 times" in text
    assert "In the paper's network that is 75% of all noise" in limits


def test_a_variance_that_is_not_the_theorys_is_called_off(invented: Path, tmp_path: Path) -> None:
    with pages_of(published(invented, tmp_path / "published", off=1.2), tmp_path / "cache"):
        text = said(opened(NETWORK))
    assert "differs from theory" in text
    assert "(+20.0%)" in text


def test_without_measurements_the_page_says_how_to_make_them(invented: Path, tmp_path: Path) -> None:
    for folder in (invented, tmp_path / "nothing"):
        with pages_of(folder, tmp_path / "cache"):
            app = opened(NETWORK)
        assert not app.exception
        assert not app.error
        assert "No measurement is published yet: `python -m sgd_core measure`" in said(app)
        assert not app.get("vega_lite_chart")
