"""The machine a run is made on: its description for provenance, and the settings that make runs repeatable and fast."""

from __future__ import annotations

import ctypes
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import torch
import torch.utils.deterministic

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.heads import FEATURES

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4


def choose_device(name: str = "auto") -> torch.device:
    """The device called auto (CUDA where there is one, else CPU), cpu or cuda[:n]; raises UserError for any other."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise UserError(f"device is {name!r}, but must be auto, cpu, cuda or cuda:N.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UserError(f"device is {name!r}, but this machine has no CUDA GPU that torch can use; use cpu.")
    return device


def prepare(device: torch.device) -> None:
    """Full float32 and repeatable kernels, and the commit noted; on CPU, memory kept by the process between steps.

    Every step frees and takes again some 100 MB of gradients. Returned to the system each time, page faults double the
    time of a B=16 epoch (3.3 s against 1.75 s, two cores); the two mallopt calls keep the memory.
    """
    commit()
    torch.set_float32_matmul_precision("highest")
    if device.type == "cuda":
        torch.backends.cudnn.allow_tf32 = False  # it is on by default, and puts features 0.1% off
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
        # Nothing here reads what it has not written; filling it first would cost bandwidth.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    elif platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, -1)  # never; a large threshold still trims once more than that is free


def seconds_of_an_update(device: torch.device, images: int = 16, updates: int = 12) -> float:
    """The median time of an update of the paper's head at B=16 on random features, after two that do not count."""
    from sgd_core.training.classifier import initial_head
    from sgd_core.training.sgd import SGD

    head = initial_head(0).to(device)
    sgd = SGD(head.parameters(), 1e-4, 0.9)
    features, labels = torch.rand(images, FEATURES, device=device), torch.zeros(images, dtype=torch.long, device=device)
    times = []
    for _ in range(updates):
        started = time.perf_counter()
        sgd.forget_gradients()
        torch.nn.functional.cross_entropy(head(features), labels).backward()  # type: ignore[no-untyped-call]
        sgd.step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - started)
    return statistics.median(times[2:])


def leave_a_core() -> None:
    """Train on one core less than there are, or as many as SGD_THREADS says: the rest belongs to the app's visitors.

    Several workers of one machine without a GPU want their share each: threads in lockstep lose most of their time to
    any other process. Raises UserError.
    """
    torch.set_num_threads(settings.threads())


def equality(device: torch.device) -> dict[str, Any]:
    """What must agree for two runs of one spec to give bit-identical records."""
    return {"device": device_name(device), "threads": torch.get_num_threads(), "torch": torch.__version__}


def provenance(device: torch.device) -> dict[str, Any]:
    """Device, versions, commit, command and date of a run made now."""
    return {
        **equality(device),
        "python": platform.python_version(),
        "torchvision": version("torchvision"),
        "numpy": version("numpy"),
        "system": f"{platform.system()} {platform.machine()}",
        "commit": commit(),
        "command": "python -m sgd_core " + " ".join(sys.argv[1:]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def device_name(device: torch.device) -> str:
    """The device in words: 'cuda: NVIDIA H200' or 'cpu: Intel(R) Xeon(R) Processor (2 cores)'."""
    if device.type == "cuda":
        return f"cuda: {torch.cuda.get_device_name(device)}"
    return f"cpu: {_cpu_model()} ({os.cpu_count()} cores)"


@cache
def commit() -> str:
    """The project's git commit, with '+changes' where the core differs from it.

    As it was when first asked: a checkout may move on under a long sweep. Outside a checkout what SGD_COMMIT says it is
    (a copy that was sent to another machine, an image), or 'unknown'.
    """
    git = ["git", "-C", str(settings.ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "sgd_core"]).returncode != 0
    except (OSError, subprocess.CalledProcessError):
        return settings.commit() or "unknown"
    return head + ("+changes" if changed else "")


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
