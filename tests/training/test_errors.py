"""The probe that lists what a head gets wrong: against the head asked image by image, and at weights that were kept."""

from __future__ import annotations

import math

import pytest
import torch

from sgd_core.experiment.claims import LAST
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.places import SPLITS
from sgd_core.training import kept_heads, one_run
from sgd_core.training.data import chosen
from sgd_core.training.loop import Training
from sgd_core.training.probes import Moment, Probes, errors, named
from tests.training.banks import TEST, TRAIN, VAL, TinyBank

CPU = torch.device("cpu")
SPEC = RunSpec(epochs=2, learning_rate=1e-3, views=2, head="linear")


def _errors(spec: RunSpec, epochs: frozenset[int] = frozenset({LAST})) -> tuple[Training, dict[str, float]]:
    probes = Probes({"errors": errors.measure}, {"errors": epochs})
    training = Training(spec, TinyBank(), CPU, probes=probes)  # type: ignore[arg-type]
    list(training)
    return training, {row["name"]: row["value"] for row in training.measurements}


@pytest.mark.parametrize("epoch", [-1, 1])
def test_the_list_is_what_the_head_says_image_by_image(epoch: int) -> None:
    bank, seen = TinyBank(), {}

    def by_hand(moment: Moment) -> dict[str, float]:
        for split in SPLITS:
            features, labels = bank.clean(split), bank.images.labels(split)
            for i, label in enumerate(labels):
                with torch.no_grad():
                    said = int(moment.head.eval()(features[i : i + 1].float()).argmax())
                if said != label:
                    seen[f"{split} {i} of {label}"] = float(said)
        return {}

    probes = Probes(
        {"by hand": by_hand, "errors": errors.measure}, dict.fromkeys(("by hand", "errors"), frozenset({epoch}))
    )
    training = Training(SPEC, bank, CPU, probes=probes)  # type: ignore[arg-type]
    last = list(training)[epoch + 1]
    told = {row["name"]: row["value"] for row in training.measurements}
    counts = {"train_images": TRAIN, "val_images": VAL, "test_images": TEST}
    assert {name: told[name] for name in counts} == counts
    assert {name: value for name, value in told.items() if " of " in name} == seen
    assert seen
    for split in SPLITS:
        assert told[f"{split}_wrong"] == sum(name.startswith(f"{split} ") for name in seen)
    assert last.val_correct == VAL - told["val_wrong"]


def test_only_images_that_were_trained_on_count_and_their_true_labels() -> None:
    spec = SPEC.model_copy(update={"images_per_class": 2, "label_noise": 0.5})
    training, told = _errors(spec)
    assert (told["train_images"], told["val_images"]) == (20, VAL)
    trained = set(chosen(TinyBank().images.labels("train"), 2).tolist())
    listed = {tuple(map(int, name[6:].split(" of "))) for name in told if name.startswith("train ")}
    assert listed
    assert {i for i, _ in listed} <= trained
    assert all(label == i % 10 for i, label in listed)  # the true one, though half of those given are others
    assert training.status is not None


def test_of_too_many_only_how_many_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    untrained = frozenset({-1})
    _, whole = _errors(SPEC, untrained)
    monkeypatch.setattr(errors, "MOST", int(whole["val_wrong"]))
    _, told = _errors(SPEC, untrained)
    assert told["train_wrong"] == whole["train_wrong"] > errors.MOST
    assert not any(name.startswith(("train ", "test ")) for name in told)
    assert sum(name.startswith("val ") for name in told) == errors.MOST


def test_weights_that_are_not_finite_say_nothing() -> None:
    def broken(moment: Moment) -> dict[str, float]:
        with torch.no_grad():
            next(moment.head.parameters()).fill_(math.nan)
        return {name: value for name, value in errors.measure(moment).items() if math.isnan(value) or " " in name}

    probes = Probes({"broken": broken}, {"broken": frozenset({-1})})
    training = Training(SPEC, TinyBank(), CPU, probes=probes)  # type: ignore[arg-type]
    list(training)
    assert [(row["name"], row["value"]) for row in training.measurements] == [
        (f"{split}_wrong", None) for split in SPLITS
    ]


def test_weights_that_were_kept_measure_what_training_did(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(one_run, "bank_of", lambda spec, device: TinyBank())
    wanted = {name: frozenset({0, LAST}) for name in ("errors", "trace", "noise_shares", "weights")}
    training = Training(SPEC, TinyBank(), CPU, probes=Probes(named(wanted), wanted))  # type: ignore[arg-type]
    list(training)
    along = [row for row in training.measurements if row["probe"] != "weights"]
    again = {name: epochs for name, epochs in wanted.items() if name != "weights"}
    rows = kept_heads.measure(SPEC, training.key, CPU, again, ended=1, last=1)
    assert rows is not None
    assert sorted(map(str, rows)) == sorted(map(str, along))
    assert kept_heads.measure(SPEC, training.key, CPU, {"errors": frozenset({-1})}, 1, 1) is None  # not kept then
    assert kept_heads.measure(SPEC, training.key, CPU, wanted, 1, 1) is None  # only training keeps weights
    assert kept_heads.measure(SPEC, "another run's", CPU, again, 1, 1) is None
