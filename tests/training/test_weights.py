from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from sgd_core.experiment import fingerprints
from sgd_core.training import weights
from sgd_core.training.weights import WeightsError
from tests.training.conftest import REAL

pytestmark = pytest.mark.usefixtures("own_settings")
REAL_WEIGHTS = REAL.with_name("alexnet_features.npz")
Use = Callable[[str, dict[str, Tensor]], Path]


@pytest.fixture(scope="module")
def drawn() -> dict[str, Tensor]:
    """Tensors of the right names and shapes."""
    return weights.tensors("random")


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Writes tensors to a file and sets SGD_ALEXNET_WEIGHTS to it."""

    def write(name: str, tensors: dict[str, Tensor]) -> Path:
        file = tmp_path / name
        if file.suffix == ".npz":
            np.savez(file, allow_pickle=False, **{key: value.numpy() for key, value in tensors.items()})
        else:
            save_file(tensors, file)
        monkeypatch.setenv("SGD_ALEXNET_WEIGHTS", str(file))
        return file

    return write


def test_random_weights_are_the_same_everywhere(drawn: dict[str, Tensor]) -> None:
    assert weights.fingerprint_of(drawn) == fingerprints.WEIGHTS["random"]


def test_the_real_weights_have_the_known_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    if not REAL_WEIGHTS.is_file():
        pytest.skip(f"AlexNet's weights are not at {REAL_WEIGHTS}")
    monkeypatch.setenv("SGD_ALEXNET_WEIGHTS", str(REAL_WEIGHTS))
    assert weights.fingerprint_of(weights.tensors("imagenet")) == fingerprints.WEIGHTS["imagenet"]


def test_the_fingerprint_sees_names_shapes_and_values() -> None:
    base = {"a": torch.tensor([1.0, 2.0]), "b": torch.zeros(2, 3)}
    same = {"b": torch.zeros(3, 2).T.contiguous(), "a": torch.tensor([1.0, 2.0])}
    others = [
        {**base, "a": torch.tensor([1.0, 2.5])},
        {**base, "b": torch.zeros(3, 2)},
        {"a": base["a"], "c": base["b"]},
        {"a": base["a"]},
    ]
    assert weights.fingerprint_of(same) == weights.fingerprint_of(base)
    assert len({weights.fingerprint_of(each) for each in [base, *others]}) == 5


@pytest.mark.parametrize("name", ["features.npz", "features.safetensors"])
def test_a_file_of_the_feature_tensors_is_accepted(use: Use, drawn: dict[str, Tensor], name: str) -> None:
    use(name, {**drawn, "classifier.1.bias": torch.zeros(3)})
    read = weights.tensors("imagenet")
    assert list(read) == list(drawn)
    assert all((read[key] == drawn[key]).all() for key in drawn)
    assert weights.available() == "imagenet"


def test_the_layers_carry_the_weights_and_nothing_is_drawn(use: Use, drawn: dict[str, Tensor]) -> None:
    use("features.safetensors", drawn)
    state = torch.random.get_rng_state()
    layers = weights.feature_layers("imagenet")
    assert (torch.random.get_rng_state() == state).all(), "making the layers moved the global random state on"
    from torchvision.models import alexnet

    whole = alexnet(weights=None).eval()
    whole.load_state_dict(drawn, strict=False)
    images = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        expected = whole.avgpool(whole.features(images)).flatten(1)
        assert torch.equal(layers(images), expected)
    assert expected.shape == (2, 9216)
    assert not layers.training
    assert not any(parameter.requires_grad for parameter in layers.parameters())


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SGD_ALEXNET_WEIGHTS", str(tmp_path / "nowhere.npz"))
    with pytest.raises(WeightsError, match=f"SGD_ALEXNET_WEIGHTS={tmp_path / 'nowhere.npz'}: there is no such file"):
        weights.tensors("imagenet")


def _text(file: Path) -> None:
    file.write_text("these are no weights")


def _half(file: Path) -> None:
    np.savez(file, a=np.zeros(1000))
    file.write_bytes(file.read_bytes()[:500])


def _torch_file(file: Path) -> None:
    with file.open("wb") as opened:
        torch.save({"features.0.weight": torch.zeros(2)}, opened)


def _pickled(file: Path) -> None:
    file.write_bytes(pickle.dumps({"features.0.weight": [1, 2, 3]}))


def _pickled_array(file: Path) -> None:
    np.savez(file, allow_pickle=True, **{"features.0.weight": np.array([{"an": "object"}])})


def _one_array(file: Path) -> None:
    with file.open("wb") as opened:
        np.save(opened, np.zeros(3))


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("write", [_text, _half, _torch_file, _pickled, _pickled_array, _one_array])
def test_another_format_is_refused_by_name_and_nothing_is_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None], suffix: str
) -> None:
    made, file = tmp_path / "made.npz", tmp_path / f"weights{suffix}"
    write(made)
    made.rename(file)
    monkeypatch.setenv("SGD_ALEXNET_WEIGHTS", str(file))

    def unpickled(*_: Any, **__: Any) -> None:
        pytest.fail("something was unpickled")

    for loader in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, loader, unpickled)
    for ask in (lambda: weights.tensors("imagenet"), weights.available):
        with pytest.raises(
            WeightsError, match=rf"^SGD_ALEXNET_WEIGHTS={file} cannot be read as .npz or .safetensors: "
        ):
            ask()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (None, "missing"),
        (torch.zeros(64, 3, 11, 11, dtype=torch.float64), r"torch.float64 of shape \(64, 3, 11, 11\)"),
        (torch.zeros(64, 3, 11), r"torch.float32 of shape \(64, 3, 11\)"),
    ],
)
@pytest.mark.parametrize("name", ["w.npz", "w.safetensors"])
def test_a_missing_or_misshapen_tensor_is_named(
    use: Use, drawn: dict[str, Tensor], name: str, change: Tensor | None, found: str
) -> None:
    tensors = {**drawn, "features.0.weight": change}
    file = use(name, {key: value for key, value in tensors.items() if value is not None})
    sentence = rf"{file}: tensor features.0.weight is {found}, but must be float32 of shape \(64, 3, 11, 11\)"
    with pytest.raises(WeightsError, match=sentence):
        weights.tensors("imagenet")
    with pytest.raises(WeightsError):
        weights.available()


class Download:
    """Stands in for torchvision's download, which needs the network; counts its calls and keeps their arguments."""

    def __init__(self, outcome: dict[str, Tensor] | Exception) -> None:
        self.outcome, self.calls = outcome, list[dict[str, Any]]()

    def __call__(self, member: object, *args: Any, **options: Any) -> dict[str, Tensor]:
        from torchvision.models import AlexNet_Weights

        assert member is AlexNet_Weights.IMAGENET1K_V1
        assert not args
        self.calls.append(options)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def download(monkeypatch: pytest.MonkeyPatch, outcome: dict[str, Tensor] | Exception) -> Download:
    from torchvision.models import AlexNet_Weights

    fake = Download(outcome)
    monkeypatch.setattr(AlexNet_Weights, "get_state_dict", lambda *args, **options: fake(*args, **options))
    return fake


def test_torchvisions_weights_are_downloaded_once_and_kept_as_safetensors(
    drawn: dict[str, Tensor], own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torchvision's get_state_dict is replaced, because there is no network here: the bytes it would fetch are not
    tested, only what is asked of it and what is done with what it returns."""
    fake = download(monkeypatch, {**drawn, "classifier.6.bias": torch.zeros(1000)})
    first = weights.tensors("imagenet")
    assert fake.calls == [{"progress": True, "check_hash": True, "weights_only": True}]
    (kept,) = own_settings.iterdir()
    assert load_file(kept).keys() == drawn.keys()
    second = weights.tensors("imagenet")
    assert weights.available() == "imagenet"
    assert len(fake.calls) == 1
    assert all(torch.equal(first[name], drawn[name]) and torch.equal(second[name], drawn[name]) for name in drawn)


@pytest.mark.parametrize(
    "failure",
    [
        URLError("no route to host"),
        ConnectionResetError("connection reset"),
        RuntimeError('invalid hash value (expected "7be5be79", got "00000000")'),
        pickle.UnpicklingError("Weights only load failed"),
    ],
)
def test_without_a_download_random_features_are_all_there_is(
    own_settings: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """torchvision's get_state_dict is replaced by one that fails as it does without a network or with a broken file."""
    download(monkeypatch, failure)
    with pytest.raises(
        WeightsError, match=r"could not be downloaded \(.+\)\. Set SGD_ALEXNET_WEIGHTS .*features=random"
    ):
        weights.tensors("imagenet")
    assert weights.available() == "random"
    assert not own_settings.exists() or not list(own_settings.iterdir())


def test_a_broken_kept_file_is_named_and_not_passed_over(
    drawn: dict[str, Tensor], own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torchvision's get_state_dict is replaced, because there is no network here."""
    download(monkeypatch, drawn)
    weights.tensors("imagenet")
    (kept,) = own_settings.iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    for ask in (lambda: weights.tensors("imagenet"), weights.available):
        with pytest.raises(WeightsError, match=f"{kept} .*delete it to have it made anew.* cannot be read"):
            ask()
