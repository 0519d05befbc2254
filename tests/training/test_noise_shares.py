"""The shares of the noise against brute force: every gradient of many crops and masks, materialised, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from sgd_core.experiment.spec import RunSpec
from sgd_core.training.loop import Training
from sgd_core.training.probes import Moment, Probes, noise_shares
from sgd_core.training.probes.gradient_noise import backward
from tests.training.banks import TinyBank
from tests.training.test_gradient_noise import small_head

PARTS = ("images", "crops", "masks")


@dataclass
class Crops:
    """Images of ten classes whose crops are the image and normal noise: any number of them, each fresh."""

    images: int
    spread: float = 0.7
    drawn: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(7))

    def __post_init__(self) -> None:
        drawn = torch.Generator().manual_seed(1)
        self.labels = torch.arange(self.images) % 10
        self.bases = torch.randn(10, 30, generator=drawn)[self.labels] + torch.randn(self.images, 30, generator=drawn)

    def later(self, views: int) -> Tensor:
        return (self.bases + self.spread * torch.randn(self.bases.shape, generator=self.drawn)).half()

    def moment(self, head: nn.Module, epoch: int = 0) -> Moment:
        return Moment(RunSpec(), epoch, head, self.later(0), self.labels, around=self)  # type: ignore[arg-type]


def gradients(head: nn.Sequential, features: Tensor, labels: Tensor) -> Tensor:
    """(n, parameters): every example's gradient, with masks of its own."""
    factors = backward(head, features, labels)
    parts = [
        torch.cat([torch.einsum("no,ni->noi", d, x).flatten(1), d], dim=1)
        for x, d in zip(factors.inputs, factors.deltas, strict=True)
    ]
    return torch.cat(parts, dim=1).double()


def by_brute_force(head: nn.Sequential, crops: Crops, views: int, masks: int) -> dict[str, float]:
    """Nested analysis of variance over views and masks, corrected for their finite numbers."""
    within, squares, means = 0.0, torch.zeros(crops.images), torch.zeros(())
    for _ in range(views):
        features = crops.later(0)
        cells = torch.stack([gradients(head, features, crops.labels) for _ in range(masks)])
        within += float(cells.var(0).sum(1).mean()) / views
        cell = cells.mean(0)
        squares, means = squares + cell.square().sum(1) / views, means + cell / views
    between = float((squares - means.square().sum(1)).mean()) * views / (views - 1)
    crop = between - within / masks
    image = float((means - means.mean(0)).square().sum(1).mean()) - (1 - 1 / crops.images) * between / views
    return {"images": image, "crops": crop, "masks": within, "norm": float(means.mean(0).square().sum())}


def test_the_parts_are_those_of_brute_force() -> None:
    head, crops = small_head().train(), Crops(20)
    torch.manual_seed(5)
    expected = by_brute_force(head, crops, 40, 40)
    drawn = [noise_shares._parts(head, crops.later(0), crops.later(1), crops.labels) for _ in range(250)]
    for name in (*PARTS, "norm"):
        values = torch.stack([each[name].mean() for each in drawn])
        error = float(values.std()) / len(drawn) ** 0.5
        assert error < 0.15 * expected[name]
        assert abs(float(values.mean()) - expected[name]) < 4 * error + 0.02 * expected[name], name


def test_the_parts_add_up_and_the_shares_to_one() -> None:
    told = noise_shares.measure(Crops(300).moment(small_head()))
    assert sum(told[name] for name in PARTS) == pytest.approx(told["total"], rel=1e-9)
    assert sum(told[f"{name}_share"] for name in PARTS) == pytest.approx(1, rel=1e-9)
    assert all(told[f"{name}_share"] > 3 * told[f"{name}_share_se"] > 0 for name in PARTS)
    assert told["noise_scale"] == pytest.approx(told["total"] / told["gradient_norm_squared"])


def test_the_standard_errors_are_the_spread_over_draws_of_images() -> None:
    head, everything = small_head(), Crops(30_000)
    order = torch.randperm(30_000, generator=torch.Generator().manual_seed(3))  # the classes of a draw vary too
    told = []
    for i in range(100):
        part = Crops(300)
        rows = order[300 * i : 300 * (i + 1)]
        part.bases, part.labels = everything.bases[rows], everything.labels[rows]
        part.drawn = torch.Generator().manual_seed(i)
        told.append(noise_shares.measure(part.moment(head, i)))
    for name in ("images", "crops", "masks", "total", "images_share", "crops_share", "masks_share", "noise_scale"):
        spread = float(torch.tensor([each[name] for each in told]).std())
        claimed = sum(each[f"{name}_se"] for each in told) / len(told)
        assert claimed == pytest.approx(spread, rel=0.3), name  # a standard deviation of 100 draws is good to 7%


def test_what_does_not_vary_has_no_share() -> None:
    bare = nn.Sequential(*(layer for layer in small_head() if not isinstance(layer, nn.Dropout)))
    without = noise_shares.measure(Crops(200).moment(bare))
    assert without["masks"] == pytest.approx(0, abs=1e-6 * without["total"])
    assert without["crops_share"] > 0.01
    still = noise_shares.measure(Crops(200, spread=0).moment(bare))
    assert still["crops"] == pytest.approx(0, abs=1e-6 * still["total"])
    assert still["images_share"] == pytest.approx(1, abs=1e-6)


def test_it_measures_along_a_run_on_two_views_and_leaves_the_run_as_it_was() -> None:
    spec, bank = RunSpec(epochs=3, learning_rate=1e-3, views=4), TinyBank()
    probes = Probes({"noise_shares": noise_shares.measure}, {"noise_shares": frozenset({1})})
    bare = Training(spec, TinyBank(), torch.device("cpu"))  # type: ignore[arg-type]
    probed = Training(spec, bank, torch.device("cpu"), probes=probes)  # type: ignore[arg-type]
    assert [{**record.as_dict(), "seconds": 0} for record in probed] == [
        {**record.as_dict(), "seconds": 0} for record in bare
    ]
    assert bank.asked == [0, 1, 2, 3, 3]  # after epoch 1, scored on view 2, the probe asks for the next one
    assert {row["name"] for row in probed.measurements} >= {"images_share", "crops_share", "masks_share"}


@pytest.mark.parametrize("changed", [{"augment": False}, {"images_per_class": 2}, {"dropout": 0.0}])
def test_it_measures_runs_of_other_settings(changed: dict[str, object]) -> None:
    spec = RunSpec.parse({"epochs": 1, "learning_rate": 1e-3, "views": 2, **changed})
    probes = Probes({"noise_shares": noise_shares.measure}, {"noise_shares": frozenset({0})})
    training = Training(spec, TinyBank(), torch.device("cpu"), probes=probes)  # type: ignore[arg-type]
    list(training)
    told = {row["name"]: row["value"] for row in training.measurements}
    assert told["total"] > 0
    if "dropout" in changed:
        assert told["masks"] == pytest.approx(0, abs=1e-6 * told["total"])
