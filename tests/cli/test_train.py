"""`train` and `sweep`: what they make, skip and refuse. Processes that are killed are in tests/training."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from sgd_core import settings
from sgd_core.experiment import paper
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import PROTOCOL, RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue.sweep import Wanted
from sgd_core.training import identity, loop, one_run, weights
from tests.cli.conftest import Command
from tests.runs.made import made
from tests.training.banks import TinyBank

TINY = [
    "--dataset", "shapes", "--features", "random", "--epochs", "2", "--batch-size", "32", "--views", "2",
    "--device", "cpu",
]  # fmt: skip


@pytest.fixture
def tiny_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training is real, on a bank that is made in milliseconds."""
    monkeypatch.setattr(one_run, "bank_of", lambda spec, device: TinyBank())
    monkeypatch.setattr(identity, "known", lambda spec: TinyBank.fingerprints)
    monkeypatch.setattr(one_run, "_lacking", 0.0)


@pytest.mark.usefixtures("tiny_bank")
def test_train_keeps_the_run_with_its_provenance(command: Command, store: Store) -> None:
    said = command("train", *TINY)
    assert said.code == 0
    assert "0 of 1 runs are there; 1 to train." in said.out
    assert "Training on cpu. That takes about 1 minute in one process, by a few steps that were just timed;" in said.out
    assert "shapes, B=32, mu=1e-4, 2 epochs, seed 0: failed to learn after epoch 1" in said.out
    (run,) = store.runs().to_dict("records")
    assert (run["status"], run["source"], run["epochs"], run["protocol"]) == (
        "failed to learn",
        "this machine",
        2,
        PROTOCOL,
    )
    assert (run["data_fingerprint"], run["weights_fingerprint"], run["bank_seed"]) == ("tiny data", "tiny weights", 0)
    assert (run["train_images"], run["val_images"], run["test_images"]) == (45, 20, 30)
    assert (
        RunSpec.parse({"dataset": "shapes", "features": "random", "epochs": 2, "batch_size": 32, "views": 2}).command()
        == (run["command"])
    )
    assert all(run[name] for name in ("device", "threads", "torch", "python", "system", "commit", "date"))
    assert store.epochs(store.runs())["epoch"].tolist() == [-1, 0, 1]


@pytest.mark.usefixtures("tiny_bank")
def test_the_same_train_again_is_skipped(command: Command, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    command("train", *TINY)
    before = store.epochs(store.runs())
    monkeypatch.setattr(loop.Training, "__iter__", lambda self: pytest.fail("it is there already"))
    said = command("train", *TINY)
    assert (said.code, "1 of 1 runs are there; 0 to train" in said.out) == (0, True)
    assert store.epochs(store.runs()).equals(before)


@pytest.mark.usefixtures("tiny_bank")
@pytest.mark.parametrize("damaged", [False, True])
def test_a_run_that_could_not_be_kept_is_not_begun(
    command: Command, store: Store, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    monkeypatch.setattr(loop.Training, "__iter__", lambda self: pytest.fail("its result would be lost"))
    store.local.folder.parent.mkdir()
    if damaged:
        store.local.folder.mkdir()
        (store.local.folder / "cache.db").write_bytes(bytes(range(256)) * 100)
        said = command("train", *TINY)
        assert said.code == 1
        assert f"The file {store.local.folder / 'cache.db'} is damaged" in said.err
        return
    store.local.folder.write_text("a file in the way")
    said = command("train", *TINY)
    assert said.code == 1
    assert f"could not be kept in {store.local.folder}" in said.err


@pytest.mark.usefixtures("tiny_bank")
def test_random_features_in_place_of_imagenets_are_said_and_kept_as_such(
    command: Command, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "available", lambda: "random")
    said = command("train", *[word.replace("random", "imagenet") for word in TINY])
    assert "seeded random features instead" in " ".join(said.out.split())
    assert store.runs()["features"].tolist() == ["random"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("train --epochs 0", "epochs is 0, but must be a whole number from 1 to 1000."),
        ("train --device tpu", "device is 'tpu', but must be auto, cpu, cuda or cuda:N."),
        ("sweep all", "sweep makes the runs of 'paper', of 'evidence' or of a 'grid', not of 'all'."),
        ("sweep paper --figure 5", "figure is 5, but must be one of 1, 2, 3, 4."),
        ("sweep paper --seeds 0,x", "--seeds is '0,x', but must be whole numbers separated by commas."),
        ("sweep paper --seeds -1", "seed is -1, but must be a whole number from 0 to 2147483647."),
        ("sweep paper --batch-size 16", "--batch-size is for 'sweep grid'; the runs of 'paper' are given."),
        ("sweep evidence --training-time 1", "--training-time is for 'sweep grid'; the runs of 'evidence' are given."),
        ("sweep grid --figure 1", "--figure and --claim are for 'sweep paper' and 'sweep evidence'."),
        ("sweep grid --batch-size 16,16", "--batch-size is '16,16', but must be different values separated by commas."),
        ("sweep paper --views 1", "views is 1, but must be a whole number from 2 to 1001."),
    ],
)
def test_an_impossible_value_is_a_sentence(command: Command, words: str, sentence: str) -> None:
    said = command(*words.split())
    assert (said.code, said.err.strip()) == (1, sentence)


@pytest.mark.parametrize("words", [["train", *TINY], ["sweep", "paper"]])
def test_training_is_refused_in_explore_mode(
    command: Command, store: Store, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("SGD_MODE", "explore")
    said = command(*words)
    assert (said.code, said.err.strip()) == (1, "SGD_MODE is explore: training is switched off here.")
    assert not store.local.folder.parent.exists()


def test_an_unknown_mode_is_a_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "demo")
    said = command("train", *TINY)
    assert (said.code, said.err.strip()) == (1, "SGD_MODE is 'demo', but must be lab or explore.")


def test_a_missing_data_folder_is_a_sentence(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path / "nowhere"))
    said = command("train", "--features", "random", "--device", "cpu")
    assert said.code == 1
    assert said.err.startswith(f"The folder {tmp_path}/nowhere/train of the vegetables is missing.")


def made_by_sweep(monkeypatch: pytest.MonkeyPatch, command: Command, *words: str) -> list[RunSpec]:
    """The runs that `sweep` asks for, in order."""
    asked: list[RunSpec] = []
    monkeypatch.setattr("sgd_core.cli.train.make", lambda wanted, device: asked.extend(each.spec for each in wanted))
    assert command("sweep", *words).code == 0
    return asked


def test_sweep_makes_the_27_runs_seed_by_seed(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    specs = made_by_sweep(monkeypatch, command, "paper", "--seeds", "0,3", "--views", "33")
    assert [spec.seed for spec in specs] == [0] * 27 + [3] * 27
    assert {spec.views for spec in specs} == {33}
    runs = [paper.find(spec) for spec in specs]
    assert set(runs[:27]) == set(runs[27:]) == set(paper.RUNS)


def test_sweep_of_a_figure_makes_its_runs(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    specs = made_by_sweep(monkeypatch, command, "paper", "--figure", "4")
    assert [paper.find(spec) for spec in specs] == paper.runs_of(4)
    assert {spec.views for spec in specs} == {151}


def test_sweep_of_a_grid_makes_its_runs(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    words = ("grid", "--batch-size", "16,64", "--learning-rate", "1e-4, 1e-3", "--seeds", "0,1", "--training-time", "1")
    specs = made_by_sweep(monkeypatch, command, *words, "--views", "33")
    assert [(spec.seed, spec.batch_size, spec.updates) for spec in specs] == [
        (seed, batch, updates) for seed in (0, 1) for batch in (16, 64) for updates in (10_000, 1000)
    ]
    assert {spec.views for spec in specs} == {33}


@pytest.mark.usefixtures("tiny_bank")
def test_several_runs_are_made_and_only_those_that_are_missing(command: Command, store: Store) -> None:
    from sgd_core.cli.train import Wanted, make

    specs = [RunSpec.parse({"dataset": "shapes", "features": "random", "epochs": 1, "seed": seed}) for seed in range(3)]
    options: dict[str, Any] = {"checkpoint_seconds": 0}
    wanted = [Wanted(spec, {}) for spec in specs]
    make(wanted[:1], "cpu", **options)
    make(wanted, "cpu", **options)
    runs = store.runs()
    assert sorted(runs["seed"]) == [0, 1, 2]
    assert [path.suffix for path in (store.local.folder.parent / "checkpoints").iterdir()] == [".lock"] * 3


@pytest.mark.usefixtures("tiny_bank")
def test_a_sweep_without_weights_asks_for_them_once_and_says_so_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sgd_core.cli.train import Wanted, make

    asked = Mock(return_value="random")
    monkeypatch.setattr("sgd_core.training.weights.available", asked)
    make([Wanted(RunSpec.parse({"dataset": "shapes", "epochs": 1, "seed": seed}), {}) for seed in range(3)], "cpu")
    assert asked.call_count == 1
    assert capsys.readouterr().out.count("seeded random features") == 1
    assert list(store.runs()["features"]) == ["random"] * 3


@pytest.mark.usefixtures("tiny_bank")
def test_a_second_gauge_is_added_to_the_first(command: Command, store: Store) -> None:
    linear = [*TINY, "--head", "linear"]  # its gradients are small
    command("train", *linear, "--probe", "gradient_noise", "--probe-epochs", "-1,0")
    command("train", *linear, "--probe", "weights", "--probe-epochs", "last")
    measured = store.measurements(store.runs())
    assert set(measured.loc[measured["probe"] == "gradient_noise", "epoch"]) == {-1, 0}
    assert measured.loc[measured["probe"] == "weights", ["epoch", "name"]].values.tolist() == [[1, "norm"]]
    before = len(measured)
    again = command("train", *linear, "--probe", "weights", "--probe-epochs", "last")
    assert "1 of 1 runs are there; 0 to train" in again.out
    assert len(store.measurements(store.runs())) == before


@pytest.mark.usefixtures("tiny_bank")
def test_a_gauge_at_weights_that_are_kept_trains_nothing(
    command: Command, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    linear = [*TINY, "--head", "linear"]
    command("train", *linear, "--probe", "weights", "--probe-epochs", "last")
    monkeypatch.setattr("sgd_core.training.one_run.train", lambda *_, **__: pytest.fail("trained again"))
    said = command("train", *linear, "--probe", "errors", "--probe-epochs", "last")
    assert "measured at the weights that are kept here, without training it again" in said.out
    measured = store.measurements(store.runs())
    values = dict(zip(measured["name"], measured["value"], strict=True))
    right = store.epochs(store.runs())["val_correct"].iloc[-1]
    assert set(measured.loc[measured["probe"] == "errors", "epoch"]) == {1}
    assert values["val_images"] - values["val_wrong"] == right
    with pytest.raises(pytest.fail.Exception, match="trained again"):  # of the untrained head none are kept
        command("train", *linear, "--probe", "errors", "--probe-epochs", "-1,last")


def test_what_is_kept_is_answered_without_torch(store: Store, tmp_path: Path) -> None:
    """In a process of its own: nothing of torch is imported, and a second or two of CPU are enough."""
    store.save(made())
    script = (
        "import resource, sys; from sgd_core import cli; sys.argv = ['sgd_core', 'train'];"
        "\ntry: cli.main()\nexcept SystemExit as ended: assert not ended.code"
        "\nassert not {'torch', 'torchvision'} & set(sys.modules)"
        "\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_utime)"
    )
    environment = {**os.environ, "SGD_DATA_DIR": str(tmp_path / "none"), "PYTHONPATH": str(settings.ROOT)}
    environment.pop("SGD_ALEXNET_WEIGHTS", None)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    said, seconds = ended.stdout.strip().rsplit("\n", 1)
    assert said == "1 of 1 runs are there; 0 to train."
    assert float(seconds) < 2.5  # about 0.6 on an idle core; with torch it was over four


def test_unknown_probes_and_epochs_are_sentences(command: Command) -> None:
    said = command("train", *TINY, "--probe", "luck")
    assert said.err.startswith("--probe is 'luck', but must be one of curvature, errors, gradient_noise, noise_shares")
    said = command("train", *TINY, "--probe", "trace", "--probe-epochs", "-3")
    assert said.err.strip() == "--probe-epochs has -3, but epochs are -1 (untrained), 0, 1, ... and 'last'."


def test_a_sweep_of_claims_makes_what_decides_them_first_and_each_run_once(
    monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("sgd_core.cli.train.make", lambda wanted, device: asked.extend(wanted))
    assert command("sweep", "evidence", "--claim", "3").code == 0
    questions = [each.spec.question() for each in asked]
    assert len(questions) == len(set(questions)) == 7 * 5
    named = [name_of(each.spec) for each in asked]
    assert set(named[:10]) == {"B=16, mu=32e-4, 900 updates", "B=512, mu=32e-4"}
    assert set(named[-10:]) == {"B=64, mu=32e-4, 900 updates", "B=256, mu=32e-4, 900 updates"}
    # Claim 4 measures this run too, at the three seeds that it plans: it need not be trained again for that.
    measured = [each.spec.seed for each in asked if each.probes]
    assert measured == [0, 1, 2]
    shared = next(each for each in asked if name_of(each.spec) == "B=512, mu=32e-4")
    assert set(shared.probes) == {"curvature", "trace", "sharpness"}


def test_seeds_that_are_given_are_made_all(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("sgd_core.cli.train.make", lambda wanted, device: asked.extend(wanted))
    assert command("sweep", "evidence", "--claim", "4", "--seeds", "7,8,9,10").code == 0
    assert {each.spec.seed for each in asked if each.probes} == {7, 8, 9, 10}
    asked.clear()
    assert command("sweep", "evidence", "--claim", "map").code == 0
    assert len(asked) == 18 * 3


def test_what_is_measured_along_a_run_is_measured_in_one_training(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Wanted] = []
    monkeypatch.setattr("sgd_core.cli.measure.make", lambda wanted, device: asked.extend(wanted))
    said = command("measure", "noise_shares", "sharpness", "--seed", "3", "--views", "40")
    assert said.out.count("seed 3: not trained here, so there is nothing to compare.") == 3
    assert [(each.spec.batch_size, each.spec.seed, each.spec.views) for each in asked] == [
        (16, 3, 40), (512, 3, 40), (512, 3, 40),
    ]  # fmt: skip
    assert [len(each.probes) for each in asked] == [4, 4, 3]
    asked.clear()
    assert command("measure", "all").code == 0
    assert len(asked) == 8
    assert command("measure", "line", "twins").err.startswith("measure makes line or plane or rescale alone")


def test_measuring_something_else_is_a_sentence(command: Command) -> None:
    said = command("measure", "luck")
    assert (said.code, said.err.strip()) == (
        1,
        "measure is asked for 'luck', but measures noise, noise_shares, curvature, sharpness, edge, ways, twins, "
        "errors, all, line, plane, rescale.",
    )
