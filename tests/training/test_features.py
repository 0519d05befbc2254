from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock
from safetensors.torch import save_file

from sgd_core.experiment import fingerprints
from sgd_core.experiment.heads import FEATURES
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import features, locks, one_run, weights
from sgd_core.training.data import Shapes, Vegetables
from sgd_core.training.features import Cancelled, FeatureBank, channel_statistics

CPU = torch.device("cpu")
IMAGES = 30


class FewShapes(Shapes):
    """The built-in shapes, fewer of them."""

    counts = {"train": 3, "val": 1, "test": 1}


@pytest.fixture(scope="module")
def few() -> FewShapes:
    return FewShapes()


@pytest.fixture
def open_bank(few: FewShapes, tmp_path: Path) -> Callable[..., FeatureBank]:
    """Opens the bank of a few shapes under random features, anew at every call."""

    def open_one(folder: str = "banks", batch: int = 8, seed: int = 0) -> FeatureBank:
        return FeatureBank(few, "random", tmp_path / folder, CPU, batch=batch, seed=seed)

    return open_one


Open = Callable[..., FeatureBank]


def files(bank: FeatureBank) -> list[str]:
    """What is kept of a bank, locks aside."""
    return sorted(path.name for path in bank.folder.iterdir() if path.suffix != ".lock") if bank.folder.exists() else []


def test_only_what_is_asked_for_is_made(open_bank: Open) -> None:
    bank = open_bank()
    assert files(bank) == []
    bank.view(3)
    assert files(bank) == ["view-0003.npy"]
    assert [bank.has(number) for number in (2, 3)] == [False, True]
    bank.clean("val")
    assert files(bank) == ["clean-val.npy", "view-0003.npy"]


def test_features_are_float16_mapped_from_disk(open_bank: Open) -> None:
    bank = open_bank()
    view = bank.view(0)
    assert view.shape == (IMAGES, FEATURES)
    assert view.dtype == torch.float16
    assert bank.clean("val").shape == (10, FEATURES)
    assert (bank.folder / "view-0000.npy").stat().st_size == pytest.approx(view.numel() * 2, abs=256)
    with open("/proc/self/maps") as maps:
        assert str(bank.folder / "view-0000.npy") in maps.read()
    assert isinstance(np.load(bank.folder / "view-0000.npy", allow_pickle=False), np.ndarray)


def test_batches_side_by_side_are_those_one_after_the_other(open_bank: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for lanes in (1, 2, 5):
        monkeypatch.setattr(features, "lanes_on", lambda _device, lanes=lanes: lanes)
        bank = open_bank(f"banks of {lanes}", batch=4)
        made.append((bank.view(0), bank.view(1), bank.clean("train")))
    for others in made[1:]:
        assert all(torch.equal(one, other) for one, other in zip(made[0], others, strict=True))
    assert not torch.equal(made[0][0], made[0][1])


@pytest.mark.parametrize(
    ("cores", "threads", "lanes"), [(2, 1, 2), (2, 2, 1), (16, 15, 1), (8, 1, 2), (1, 1, 1), (None, 1, 1)]
)
def test_a_second_batch_where_cores_are_left(
    cores: int | None, threads: int, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    for name in ("SGD_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert features.lanes_on(CPU) == lanes
    assert features.lanes_on(torch.device("cuda")) == 1


@pytest.mark.parametrize("name", ["SGD_THREADS", "OMP_NUM_THREADS"])
def test_no_second_batch_where_the_cores_of_a_process_were_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("SGD_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert features.lanes_on(CPU) == 2
    monkeypatch.setenv(name, "1")
    assert features.lanes_on(CPU) == 1


def test_a_second_bank_reads_what_the_first_made(open_bank: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_bank().view(1)
    monkeypatch.setattr(FeatureBank, "_compute", None)
    second = open_bank()
    assert torch.equal(second.view(1), first)
    with pytest.raises(TypeError):
        second.view(2)


def test_what_a_killed_maker_left_is_removed_and_what_is_being_made_is_not(open_bank: Open) -> None:
    bank = open_bank()
    bank.folder.mkdir(parents=True)
    for leftover in ("view-0000.1.part", "view-0000.part", "view-0007.part", "clean-val.part", "view-0000.lock"):
        (bank.folder / leftover).write_bytes(b"half a view")
    with FileLock(bank.folder / "clean-val.lock"):
        view = bank.view(0)
    assert torch.equal(view, open_bank("elsewhere").view(0))
    assert [path.name for path in bank.folder.glob("*.part")] == ["clean-val.part"]


def test_a_process_that_waits_for_a_view_of_another_can_be_told_to_stop(
    open_bank: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)
    bank = open_bank()
    bank.folder.mkdir(parents=True)
    answers = iter([False, False, True])
    with FileLock(bank.folder / "view-0000.lock"), pytest.raises(Cancelled):
        bank.view(0, cancelled=lambda: next(answers))
    assert files(bank) == []
    bank.view(0, cancelled=lambda: False)
    assert files(bank) == ["view-0000.npy"]
    with FileLock(bank.folder / "view-0000.lock", timeout=0):
        pass  # the maker has let go of it


def test_making_a_view_is_reported(open_bank: Open) -> None:
    heard: list[tuple[int, int]] = []
    bank = open_bank()
    bank.view(0, report=lambda done, total: heard.append((done, total)))
    assert heard == [(8, 30), (16, 30), (24, 30), (30, 30)]
    bank.view(0, report=lambda done, total: pytest.fail("nothing is made the second time"))


@pytest.mark.parametrize("asked", [1, 2, 4])
def test_making_stops_at_the_next_batch_and_keeps_finished_views(open_bank: Open, asked: int) -> None:
    bank = open_bank()
    finished = bank.view(0).clone()
    answers = iter([False] * (asked - 1) + [True])
    done: list[int] = []
    with pytest.raises(Cancelled):
        bank.view(1, report=lambda n, _: done.append(n), cancelled=lambda: next(answers))
    assert done[-1] == min(8 * asked, IMAGES), "it went on after it was told to stop"
    assert files(bank) == ["view-0000.npy"]
    assert torch.equal(open_bank().view(0), finished)
    assert torch.equal(bank.view(1), open_bank("elsewhere").view(1)), "a cancelled view is made whole afterwards"


def test_a_cancelled_view_leaves_no_torch_state_behind(open_bank: Open) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with pytest.raises(Cancelled) as raised:
        open_bank().view(0, cancelled=lambda: True)
    assert raised.traceback, "the exception is alive, and its frames with it"
    assert not torch.is_inference_mode_enabled()
    assert torch.equal(torch.rand(3), expected)


def test_a_view_depends_on_seed_and_number_only(open_bank: Open) -> None:
    torch.manual_seed(1)
    first = open_bank("first")
    made_first = [first.view(0), first.view(1), first.view(2)]
    torch.manual_seed(2)
    other = open_bank("other")
    other.clean("val")
    torch.rand(7)
    made_later = [other.view(2), other.view(1), other.view(0)][::-1]
    assert all(torch.equal(a, b) for a, b in zip(made_first, made_later, strict=True))


def test_the_crops_do_not_depend_on_how_many_images_are_convolved_at_once(open_bank: Open) -> None:
    by_eight, all_at_once = open_bank("a").view(0).float(), open_bank("b", batch=64).view(0).float()
    other = open_bank("a").view(1).float()
    assert (by_eight - all_at_once).abs().max() < 0.01 * (by_eight - other).abs().max()


def test_views_differ_by_number_and_by_the_banks_seed(open_bank: Open) -> None:
    views = [open_bank().view(0), open_bank().view(1), open_bank(seed=1).view(0), open_bank().clean("train")]
    for i, one in enumerate(views):
        for other in views[:i]:
            assert (one != other).any(dim=1).all(), "an image has the same crop and flip in two views"


def test_clean_features_are_the_layers_of_the_normalised_images(few: FewShapes, open_bank: Open) -> None:
    pixels = few.images("val").astype(np.float64) / 255
    train = few.images("train").astype(np.float64) / 255
    mean, std = train.mean(axis=(0, 1, 2)).round(4), train.std(axis=(0, 1, 2)).round(4)
    inputs = torch.from_numpy(((pixels - mean) / std).transpose(0, 3, 1, 2)).float()
    with torch.inference_mode():
        expected = weights.feature_layers("random")(inputs)
    torch.testing.assert_close(open_bank().clean("val").float(), expected, rtol=2e-3, atol=2e-3)


def test_making_a_view_leaves_the_callers_random_state_alone(open_bank: Open) -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    open_bank().view(0)
    assert torch.equal(torch.rand(4), expected)


def test_a_bank_is_named_by_data_weights_transform_size_and_seed(
    few: FewShapes, open_bank: Open, own_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    banks = [open_bank(), open_bank(seed=1), FeatureBank(Shapes(), "random", tmp_path / "banks", CPU)]

    doubled = {name: 2 * value for name, value in weights.tensors("random").items()}
    save_file(doubled, tmp_path / "doubled.safetensors")
    monkeypatch.setenv("SGD_ALEXNET_WEIGHTS", str(tmp_path / "doubled.safetensors"))
    banks.append(FeatureBank(few, "imagenet", tmp_path / "banks", CPU))

    with monkeypatch.context() as patched:
        patched.setattr(features, "TRANSFORM", "another transform")
        banks.append(open_bank())
    with monkeypatch.context() as patched:
        patched.setattr(FewShapes, "image_size", 32)
        banks.append(open_bank())

    assert len({bank.folder for bank in banks}) == len(banks)
    assert {bank.folder.parent for bank in banks} == {tmp_path / "banks"}
    assert open_bank(batch=64).folder == banks[0].folder, "the size of a batch changes nothing that is kept"


def test_a_bank_of_the_built_in_set_has_the_known_fingerprints(tmp_path: Path) -> None:
    bank = FeatureBank(Shapes(), "random", tmp_path, CPU)
    assert bank.fingerprints == fingerprints.expected(RunSpec.parse({"dataset": "shapes", "features": "random"}))


def test_a_bank_is_not_looked_for_where_the_last_run_had_its_own(
    own_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_run, "_banks", {})
    monkeypatch.setattr(one_run, "open_set", lambda name: FewShapes())
    spec = RunSpec.parse({"dataset": "shapes", "features": "random"})
    first, same = (one_run.bank_of(spec, CPU) for _ in range(2))
    assert first is same
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "another"))
    assert one_run.bank_of(spec, CPU).folder == tmp_path / "another" / "banks" / first.key


class SomeShapes(Shapes):
    """A third of the built-in shapes."""

    counts = {"train": 20, "val": 1, "test": 1}


def test_random_features_tell_the_built_in_shapes_apart_though_not_all_of_them(tmp_path: Path) -> None:
    """By a ridge fit to one augmented view, judged on the next; chance is 0.1. A bare laptop trains on these."""
    bank = FeatureBank(SomeShapes(), "random", tmp_path, CPU)
    labels = bank.images.labels("train")
    seen, unseen = (bank.view(number).double().numpy() for number in (0, 1))
    middle = seen.mean(axis=0)
    seen, unseen = seen - middle, unseen - middle
    products = seen @ seen.T
    fit = np.linalg.solve(products + 1e-3 * np.trace(products) / len(labels) * np.eye(len(labels)), np.eye(10)[labels])
    right = float(((unseen @ seen.T @ fit).argmax(axis=1) == labels).mean())
    assert 0.5 < right < 0.95


def _ask_once_the_other_has_begun(folder: Path, begun: Event, asking: Event, answer: Path) -> None:
    bank = FeatureBank(FewShapes(), "random", folder, CPU, batch=8)
    made: list[int] = []
    assert begun.wait(300)
    asking.set()
    view = bank.view(0, report=lambda done, _: made.append(done))
    np.savez(answer, view=view.numpy(), made=np.array(made))


def test_two_processes_that_ask_for_the_same_view_make_it_once(open_bank: Open, tmp_path: Path) -> None:
    bank = open_bank()
    context = multiprocessing.get_context("spawn")
    begun, asking, answer = context.Event(), context.Event(), tmp_path / "answer.npz"
    other = context.Process(
        target=_ask_once_the_other_has_begun, args=(tmp_path / "banks", begun, asking, answer), daemon=True
    )
    other.start()
    made: list[int] = []

    def hold_until_the_other_asks(done: int, total: int) -> None:
        made.append(done)
        begun.set()
        assert asking.wait(300)

    view = bank.view(0, report=hold_until_the_other_asks)
    other.join(300)
    assert other.exitcode == 0
    with np.load(answer) as got:
        assert (got["view"] == view.numpy()).all()
        assert got["made"].tolist() == []
    assert made == [8, 16, 24, 30]
    assert files(bank) == ["view-0000.npy"]


def test_channel_statistics_are_mean_and_standard_deviation() -> None:
    images = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), dtype=np.uint8)
    images[..., 1] //= 3
    scaled = images.astype(np.float64) / 255
    mean, std = channel_statistics(images)
    assert mean == pytest.approx(scaled.mean(axis=(0, 1, 2)), abs=5.1e-5)
    assert std == pytest.approx(scaled.std(axis=(0, 1, 2)), abs=5.1e-5)
    assert all(value == round(value, 4) for value in mean + std)


def test_the_papers_normalisation_comes_out_of_its_images(real_vegetables: Vegetables) -> None:
    mean, std = channel_statistics(real_vegetables.images("train"))
    assert mean == [0.4662, 0.4507, 0.3478]
    assert std == [0.2370, 0.2295, 0.2418]
