"""`measure line`, `plane` and `rescale` on a small head: what is kept, and that it is what the weights give."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch

from sgd_core.cli import between
from sgd_core.cli.train import Wanted, make
from sgd_core.errors import UserError
from sgd_core.experiment.claims import LAST
from sgd_core.experiment.heads import HEADS, Head
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.training import between as core
from sgd_core.training import one_run
from sgd_core.training.classifier import flat, initial_head
from sgd_core.training.probes import sharpness, trace, weights
from tests.cli.conftest import Command
from tests.training.banks import TEST, TRAIN, TinyBank

CPU = torch.device("cpu")


def _spec(batch: int) -> RunSpec:
    return RunSpec.parse(
        {"dataset": "shapes", "features": "random", "epochs": 6, "batch_size": batch,
         "learning_rate": 1e-3}
    )  # fmt: skip


SPECS = [_spec(4), _spec(16)]
KEYS = [spec.key(TinyBank.fingerprints) for spec in SPECS]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Both runs trained, weights kept before training, after epoch 1 and at the end, and everything measured.

    The head has 147,000 numbers and goes by the paper's name.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("SGD_PUBLISHED_DIR", str(tmp_path_factory.mktemp("published")))
        patch.delenv("SGD_MODE", raising=False)
        patch.setitem(HEADS, "paper", Head((16, 8), "small", "this test"))
        patch.setattr(one_run, "bank_of", lambda spec, device: TinyBank())
        patch.setattr("sgd_core.training.identity.known", lambda spec: TinyBank.fingerprints)
        for probe in (trace, sharpness):
            patch.setattr(probe, "VECTORS", 2)
        patch.setattr(between, "SIDE", 3)
        at_end = dict.fromkeys(("curvature", "trace"), frozenset({LAST}))
        make([Wanted(spec, {"weights": frozenset({-1, 1, LAST}), **at_end}) for spec in SPECS], "cpu")
        for what in between.BETWEEN:
            between.measure(what, SPECS, CPU)
        yield Store()


def kept(store: Store, which: int, probe: str) -> dict[str, float]:
    rows = store.local.measurements_of(KEYS[which])
    assert {row["epoch"] for row in rows if row["probe"] == probe} <= {5}
    return {row["name"]: row["value"] for row in rows if row["probe"] == probe}


def test_the_line_goes_from_one_end_to_the_other(trained: Store) -> None:
    line = kept(trained, 1, "line")
    assert len(line) == 4 * len(core.ALPHAS)
    bank, head = TinyBank(), initial_head(0)
    for alpha, key in ((0, KEYS[0]), (1, KEYS[1])):
        end = weights.kept(key, 5)
        assert end is not None
        scored = core.score(head, end, bank.clean("test"), torch.from_numpy(bank.images.labels("test")))
        assert line[f"test_loss at {alpha}"] == pytest.approx(scored.loss)
        assert line[f"test_accuracy at {alpha}"] == pytest.approx(scored.accuracy)
    assert line["train_loss at -0.5"] != line["train_loss at 1.5"]


def test_the_plane_holds_start_ends_and_both_ways(trained: Store) -> None:
    plane = kept(trained, 1, "plane")
    assert sum(name.startswith("train_loss at ") for name in plane) == 9
    assert plane["first y"] == pytest.approx(0, abs=1e-4)
    for which, name in enumerate(("first", "second")):
        start, end = weights.kept(KEYS[which], -1), weights.kept(KEYS[which], 5)
        assert start is not None
        assert end is not None
        far = math.hypot(plane[f"{name} x"], plane[f"{name} y"])
        assert far == pytest.approx(float((end - start).norm()), rel=1e-3)
        assert plane[f"{name} x at 5"] == plane[f"{name} x"]
        assert plane[f"{name} away at 5"] == pytest.approx(0, abs=1e-3)
        assert (plane[f"{name} x at -1"], plane[f"{name} y at -1"]) == pytest.approx((0, 0), abs=1e-4)
        middle = weights.kept(KEYS[which], 1)
        assert middle is not None
        at = plane[f"{name} x at 1"], plane[f"{name} y at 1"], plane[f"{name} away at 1"]
        assert math.sqrt(sum(part**2 for part in at)) == pytest.approx(float((middle - start).norm()), rel=1e-3)
        assert at[2] > 0


def test_rescaling_changes_curvature_and_neither_predictions_nor_the_scale_free_one(trained: Store) -> None:
    for which in (0, 1):
        found = kept(trained, which, "rescale")
        for alpha in ("0.25", "0.5", "1", "2", "4"):
            assert found[f"changed at {alpha}"] == 0
            assert found[f"images at {alpha}"] == TRAIN + TEST
            assert found[f"logit_difference at {alpha}"] < 1e-4 * found[f"logit_size at {alpha}"]
            assert found[f"adaptive at {alpha}"] == pytest.approx(found["adaptive at 1"], rel=1e-3)
        assert found["largest_eigenvalue at 0.25"] > 4 * found["largest_eigenvalue at 1"]
        assert found["trace at 0.25"] > 4 * found["trace at 1"]
        assert found["logit_difference at 1"] == 0


def test_at_one_it_is_what_the_probes_along_the_run_find(trained: Store) -> None:
    found = kept(trained, 0, "rescale")
    assert found["trace at 1"] == pytest.approx(kept(trained, 0, "trace")["trace"], rel=1e-5)
    largest = kept(trained, 0, "curvature")["largest_eigenvalue"]
    assert found["largest_eigenvalue at 1"] == pytest.approx(largest, rel=1e-3)


def test_rescaling_goes_on_where_it_was(trained: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgd_core.training.rescaled.measure", lambda *_: pytest.fail("measured twice"))
    before = kept(trained, 0, "rescale")
    between.measure("rescale", SPECS, CPU)
    assert kept(trained, 0, "rescale") == before


def test_without_weights_it_says_how_to_make_them(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_run, "bank_of", lambda spec, device: TinyBank())
    for what in between.BETWEEN:
        said = command("measure", what, "--device", "cpu")
        assert said.code == 1
        assert said.err.startswith("The weights at the ends of seed 0 are not kept here. Make them: 'python -m")
        assert "measure ways" in said.err


def test_a_head_without_a_relu_between_two_layers_cannot_be_rescaled() -> None:
    from sgd_core.training import rescaled

    with pytest.raises(ValueError, match="between two layers"):
        rescaled.rescale(initial_head(0, 10, "linear"), 2.0)
    with pytest.raises(ValueError, match="positive factor"):
        rescaled.rescale(initial_head(0, 10, "hidden"), 0.0)


def test_a_failure_on_the_way_leaves_the_head_as_it_was() -> None:
    head = initial_head(0, 10, "linear")
    before = flat(head)
    with pytest.raises(UserError), core.moved_to(head, before + 1):
        raise UserError("x")
    assert torch.equal(flat(head), before)
