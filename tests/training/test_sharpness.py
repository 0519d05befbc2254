"""Trace, scale-free sharpness, and what lies between ends, against brute force on a small head."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from sgd_core.errors import UserError
from sgd_core.training import between, probes
from sgd_core.training.classifier import flat
from sgd_core.training.probes import Moment, curvature, gradient_noise, sharpness, trace, weights
from tests.training.test_curvature import full_hessian
from tests.training.test_gradient_noise import example_gradient, small_head, small_moment


@pytest.fixture
def moment() -> Moment:
    return small_moment(small_head().eval(), 60)


@pytest.fixture
def many_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    for probe in (trace, sharpness):
        monkeypatch.setattr(probe, "VECTORS", 200)


def rescaled(head: nn.Sequential, factor: float) -> nn.Sequential:
    """The same function: a layer times the factor, the next one's weights divided by it (Dinh et al. 1703.04933)."""
    other = small_head()
    other.load_state_dict(head.state_dict())
    linears = [layer for layer in other if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        linears[0].weight.mul_(factor)
        linears[0].bias.mul_(factor)
        linears[1].weight.div_(factor)
    return other.train(head.training)


@pytest.mark.usefixtures("many_vectors")
def test_the_trace_is_that_of_the_full_hessian_within_its_error(moment: Moment) -> None:
    measured = trace.measure(moment)
    assert measured["trace"] == pytest.approx(float(full_hessian(moment).trace()), abs=4 * measured["trace_se"])
    assert 0 < measured["trace_se"] < 0.2 * measured["trace"]


@pytest.mark.usefixtures("many_vectors")
def test_the_scale_free_sharpness_is_the_sum_over_the_full_hessian_within_its_error(moment: Moment) -> None:
    measured = sharpness.measure(moment)
    expected = float((flat(moment.head).square() * full_hessian(moment).diagonal()).sum())
    assert measured["adaptive"] == pytest.approx(expected, abs=4 * measured["adaptive_se"])
    assert measured["adaptive_se"] > 0


def test_rescaling_layers_changes_curvature_and_trace_but_no_prediction_and_not_the_scale_free_one(
    moment: Moment,
) -> None:
    other = Moment(moment.spec, moment.epoch, rescaled(moment.head, 5.0), moment.features, moment.labels)  # type: ignore[arg-type]
    logits = [each.head(moment.features.float()) for each in (moment, other)]
    assert torch.allclose(logits[0], logits[1], atol=1e-5)
    assert curvature.measure(other)["largest_eigenvalue"] > 2 * curvature.measure(moment)["largest_eigenvalue"]
    assert trace.measure(other)["trace"] > 2 * trace.measure(moment)["trace"]
    before, after = sharpness.measure(moment), sharpness.measure(other)
    exact = [float((flat(m.head).square() * full_hessian(m).diagonal()).sum()) for m in (moment, other)]
    assert exact[0] == pytest.approx(exact[1], rel=1e-3)
    assert after["adaptive"] == pytest.approx(before["adaptive"], abs=6 * before["adaptive_se"])


def test_probes_leave_the_head_and_the_random_state_as_they_were(moment: Moment) -> None:
    head, before = moment.head.train(), flat(moment.head).clone()
    state = torch.random.get_rng_state()
    for probe in (trace, sharpness):
        assert probe.measure(moment) == probe.measure(moment)
    assert head.training
    assert torch.equal(flat(head), before)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in head.parameters())


def test_the_noise_scale_with_dropout_is_that_of_gradients_one_by_one() -> None:
    """Brute force: every image's gradient under many masks; B_simple = tr Cov over images and masks / |mean|^2."""
    head, moment = small_head().train(), small_moment(small_head(), 40)
    torch.manual_seed(5)
    rows = torch.stack(
        [example_gradient(head, x, y) for _ in range(100) for x, y in zip(moment.features, moment.labels, strict=True)]
    ).double()
    mean = rows.mean(0)
    total = float((rows - mean).square().sum(1).mean())
    values = [
        gradient_noise.measure(Moment(moment.spec, epoch, head, moment.features, moment.labels)) for epoch in range(30)
    ]
    traces = torch.tensor([value["total_trace"] for value in values])
    norms = torch.tensor([value["total_gradient_norm_squared"] for value in values])
    assert float(traces.mean()) == pytest.approx(total, rel=0.05)
    assert float(norms.mean()) == pytest.approx(float(mean.square().sum()), rel=0.1)
    assert values[0]["total_noise_scale"] == pytest.approx(float(traces[0] / norms[0]), rel=1e-6)


# Between ends


def test_the_line_is_scored_at_its_points(moment: Moment) -> None:
    first, second = flat(moment.head).clone(), flat(rescaled(moment.head, 2.0)).clone()  # type: ignore[arg-type]
    scored = between.line(moment.head, first, second, moment.features, moment.labels, [0.0, 0.5, 1.0, 1.5])
    with torch.no_grad():
        logits = moment.head(moment.features.float())
    assert scored[0].loss == pytest.approx(float(cross_entropy(logits, moment.labels)), rel=1e-5)
    assert scored[2].loss == pytest.approx(scored[0].loss, rel=1e-4)  # another place, the same function
    assert scored[1].loss != pytest.approx(scored[0].loss, rel=1e-4)
    middle = between.score(moment.head, (first + second) / 2, moment.features, moment.labels)
    assert scored[1] == pytest.approx(middle)
    assert torch.equal(flat(moment.head), first)


def test_a_plane_holds_its_three_points_and_knows_how_far_others_are() -> None:
    torch.manual_seed(0)
    origin, first, second, other = torch.randn(4, 500)
    plane = between.Plane.through(origin, first, second)
    assert plane.coordinates(origin) == pytest.approx((0, 0, 0), abs=1e-4)
    for point in (first, second):
        x, y, away = plane.coordinates(point)
        assert away == pytest.approx(0, abs=1e-4)
        assert torch.allclose(plane.point(x, y), point, atol=1e-5)
    assert plane.coordinates(first)[1] == pytest.approx(0, abs=1e-4)
    assert plane.coordinates(first)[0] == pytest.approx(float((first - origin).norm()), rel=1e-5)
    x, y, away = plane.coordinates(other)
    assert float((plane.point(x, y) - other).norm()) == pytest.approx(away, rel=1e-5)
    with pytest.raises(ValueError, match="lie on one line"):
        between.Plane.through(origin, first, origin + 2 * (first - origin))


# The registry


def test_kept_weights_come_back(moment: Moment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path))
    named = Moment(moment.spec, 7, moment.head, moment.features, moment.labels, "k")
    assert weights.measure(named) == {"norm": pytest.approx(float(flat(moment.head).norm()))}
    kept = weights.kept("k", 7)
    assert kept is not None
    assert torch.equal(kept, flat(moment.head))
    assert weights.kept("k", 8) is None


def test_every_file_of_the_folder_is_a_probe_and_no_other_name_is() -> None:
    assert probes.names() == [
        "curvature", "errors", "gradient_noise", "noise_shares", "sharpness", "trace", "twins", "weights",
    ]  # fmt: skip
    assert set(probes.named(probes.names())) == set(probes.names())
    with pytest.raises(UserError, match="--probe is 'luck', but must be one of curvature, errors, gradient_noise"):
        probes.named(["luck"])
