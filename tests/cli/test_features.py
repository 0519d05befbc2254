"""`data features`: a bank made beforehand, in several processes, is the bank that runs make one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from sgd_core.cli import features
from sgd_core.training import one_run
from tests.cli.conftest import Command
from tests.images.folders import CATS_AND_DOGS, write


def of(folder: Path) -> dict[str, np.ndarray]:
    return {file.name: np.load(file) for file in folder.glob("banks/*/*.npy")}


@pytest.mark.long
def test_features_made_by_two_processes_are_those_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", f"pets={write(tmp_path / 'pets', CATS_AND_DOGS)}")
    words = ("data", "features", "--dataset", "pets", "--features", "random", "--views", "2", "--device", "cpu")
    said = command(*words, "--processes", "2")
    assert said.code == 0
    assert "4 made; all are in " in said.out.replace("\n", " ")
    two = of(tmp_path / "cache")
    assert set(two) == {"clean-train.npy", "clean-val.npy", "view-0000.npy", "view-0001.npy"}
    assert "0 made; " in command(*words).out, "what is there is not made again"
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "another"))
    one_run.forget_banks()
    assert command(*words, "--processes", "1").code == 0
    one = of(tmp_path / "another")
    assert set(one) == set(two)
    for name, rows in one.items():  # but for rounding: several processes use one thread each
        np.testing.assert_allclose(rows.astype(float), two[name].astype(float), rtol=2e-3, atol=1e-3)
    assert not np.allclose(one["view-0000.npy"], one["view-0001.npy"], atol=0.1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--views", "0"), "--views"),
        (("--dataset", "cats"), "There is no image set 'cats' here"),
        (("--features", "vgg"), "features is 'vgg', but must be one of imagenet, random."),
        (("--device", "tpu"), "device is 'tpu', but must be auto, cpu, cuda or cuda:N."),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], says: str, command: Command) -> None:
    said = command("data", "features", "--dataset", "shapes", "--features", "random", *words)
    assert said.code != 0
    assert says in said.err


def test_the_number_of_cores_is_the_default(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    asked: list[int] = []

    def made(spec: object, device: str, wanted: list[str | int], processes: int) -> list[None]:
        asked.append(processes)
        return [None] * len(wanted)

    monkeypatch.setattr(features, "_made", made)
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    said = command("data", "features", "--dataset", "shapes", "--features", "random", "--views", "2", "--device", "cpu")
    assert (said.code, asked) == (0, [7])
