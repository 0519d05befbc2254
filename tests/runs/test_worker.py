"""What the worker makes of errors, in this process: out of memory and the like are injected, not provoked."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue import worker

torch = pytest.importorskip("torch")

SPEC = RunSpec(dataset="shapes", features="random", images_per_class=2, views=2, epochs=3, batch_size=20)


@pytest.fixture(autouse=True)
def own_process_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("sgd_core.training.environment.prepare", lambda device: None)
    monkeypatch.setattr("sgd_core.training.environment.leave_a_core", lambda: None)
    monkeypatch.setattr("sgd_core.training.one_run.bank_of", lambda spec, device: _Bank())


class _Bank:
    """Random features without images: what is tested here happens around them."""

    def __init__(self) -> None:
        from tests.training.banks import TinyBank

        self._bank = TinyBank()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bank, name)

    @property
    def fingerprints(self) -> Any:
        from sgd_core.experiment.spec import Fingerprints

        return Fingerprints("tiny data", "tiny weights")


def made(error: Exception | None, monkeypatch: pytest.MonkeyPatch, after: int = 2) -> worker.Result:
    """A run in which `error` is raised after so many records."""
    from sgd_core.training.loop import Training

    original = Training.__iter__

    def stumbling(self: Training) -> Iterator[Any]:
        for number, record in enumerate(original(self)):
            if error is not None and number == after:
                raise error
            yield record

    monkeypatch.setattr(Training, "__iter__", stumbling)
    return worker.make(SPEC, lambda kind, **values: None, lambda: False)


def test_a_run_comes_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    result = made(None, monkeypatch)
    assert result["status"] in ("done", "failed to learn")
    assert [record["epoch"] for record in result["records"]] == [-1, 0, 1, 2]
    assert result["provenance"]["command"] == SPEC.command()
    assert result["run_key"] == SPEC.key(_Bank().fingerprints)


def test_out_of_memory_on_the_gpu_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Injected: raised by the test where a GPU would."""
    result = made(torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), monkeypatch)
    assert result["status"] == "failed"
    assert result["message"].startswith("The GPU ran out of memory.")
    assert len(result["records"]) == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (OSError("5529600 requested and 1024 written"), "The disk is full"),
        (OSError(errno.ENOSPC, "No space left on device", "/elsewhere/page.html"), "/elsewhere/page.html could not"),
        (OSError(errno.EROFS, "Read-only file system", "/cache/x"), "/cache/x may not be written"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/data/train"), "/data/train"),
        (MemoryError(), "memory of this machine"),
        (UserError("The folder is missing."), "The folder is missing."),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_what_goes_wrong_is_a_sentence(error: Exception, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = made(error, monkeypatch)
    assert result["status"] == "failed"
    assert words in result["message"]
    assert result["message"].endswith(".")


def test_a_run_waits_for_the_device_and_can_be_cancelled_while_it_waits() -> None:
    with worker._device:
        result = worker.make(SPEC, lambda kind, **values: None, lambda: True)
    assert result["status"] == "cancelled"


def test_a_run_that_another_process_trains_is_left_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from filelock import FileLock

    monkeypatch.setattr(worker, "LOCK_SECONDS", 0.6)
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    with FileLock(folder / f"{SPEC.key(_Bank().fingerprints)}.lock"):
        result = worker.make(SPEC, lambda kind, **values: None, lambda: False)
    assert result["status"] == "failed"
    assert "Another process" in result["message"]
