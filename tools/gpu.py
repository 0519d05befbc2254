"""`bench gpu`: does training work on this machine's GPU, how fast is it, and all runs of the paper made on it.

The path is checked first, on a few epochs: records close to those of the CPU, bit for bit the same twice, after a stop,
and with updates replayed from CUDA graphs. Then features, updates and whole runs are timed, and what was trained is
written as published runs that `publish --from DIR/published` takes over. Every stage is written to DIR/report.json when
it ends; one that fails says so and the next begins. Without a GPU the same stages run on the CPU.
"""

from __future__ import annotations

import json
import math
import os
import signal
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any
from unittest.mock import patch

import typer

from sgd_core import settings
from sgd_core.cli.options import whole_numbers
from sgd_core.errors import UserError
from sgd_core.experiment import claims
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets

if TYPE_CHECKING:
    import torch

    from sgd_core.training.features import FeatureBank

BATCH_SIZES = (16, 32, 64, 128, 256, 512)
SIDE_BY_SIDE = (1, 2, 4, 8)
"""Heads in one batched update."""
STEPS = 6
"""Updates that are timed together, as many as an epoch has at B=512."""
LOSS_TOLERANCE, COUNT_TOLERANCE = 0.01, 0.01
"""How far GPU and CPU may be apart after a few epochs: losses relatively, counts as a part of the images."""
ERRORS = ("--probe", "errors", "--probe-epochs", "last")
"""Which images a run still gets wrong, as the pages show it for seed 0."""
EPOCHS, VIEWS = 3, 4
"""Of the runs by which the path is checked."""


@dataclass
class Report:
    """What the stages found so far, in DIR/report.json."""

    file: Path
    until: float
    """time.monotonic() at which no more runs are trained."""
    found: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, Any]]:
        """Fill the dict within the block; an error is told and kept, and does not go on."""
        of: dict[str, Any] = {}
        started = time.monotonic()
        try:
            yield of
        except Exception as error:
            traceback.print_exc()
            of["error"] = f"{type(error).__name__}: {error}"
        of["seconds"] = round(time.monotonic() - started, 1)
        self.found[name] = of
        self.file.write_text(json.dumps(self.found, indent=1))
        print(f"{name}: {json.dumps(of)}", flush=True)

    @property
    def left(self) -> float:
        return self.until - time.monotonic()


def gpu(
    out: Annotated[Path, typer.Option(help="a folder for report.json and published/")],
    dataset: Annotated[str | None, typer.Option(help="vegetables (default where they are) or shapes")] = None,
    seeds: Annotated[str, typer.Option(help="seeds of the paper's runs, separated by commas")] = "0,1,2,3,4,5,6,7,8,9",
    processes: Annotated[str, typer.Option(help="numbers of training processes to try; the fastest goes on")] = "1,3,6",
    views: Annotated[int, typer.Option(help="augmented feature views; more than 150: a fresh one every epoch")] = 151,
    minutes: Annotated[float, typer.Option(help="in all; what is trained by then is written")] = 10.0,
    evidence: Annotated[bool, typer.Option(help="train the arms of the claims too")] = True,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N")] = "auto",
) -> None:
    """Check and time the GPU path, train the paper's runs on it, and write them ready to be published."""
    counts, numbers = whole_numbers("processes", processes), whole_numbers("seeds", seeds)
    if min(counts) < 1:
        raise UserError(f"--processes has {min(counts)}, but must be whole numbers of 1 or more.")
    dataset = dataset or ("vegetables" if sets.at_hand("vegetables") else "shapes")
    try:
        from sgd_core.training import environment, one_run
    except ModuleNotFoundError as error:
        raise UserError(f"This needs {error.name}: pip install -r requirements.txt.") from None
    out.mkdir(parents=True, exist_ok=True)
    report = Report(out / "report.json", time.monotonic() + 60 * minutes)
    chosen = environment.choose_device(device)
    environment.prepare(chosen)
    spec, message = one_run.at_hand(RunSpec.parse({"dataset": dataset, "views": views}))
    if message:
        print(message)
    published = (out / "published").resolve()
    with report.stage("machine") as found:
        found.update(environment.provenance(chosen), dataset=dataset, features=spec.features, cores=os.cpu_count())
    with TemporaryDirectory(prefix="sgd-gpu-") as place, report.stage("path") as found:
        shapes = RunSpec.parse({"dataset": "shapes", "features": "random", "views": VIEWS, "epochs": EPOCHS})
        check(shapes, chosen, Path(place), found)
    with report.stage("updates") as found:
        time_updates(chosen, found)
    make = Maker(report, published, ["--views", str(views), "--device", device])
    with report.stage("features") as found:
        make.wait([make.started("data", "features", "--dataset", dataset, "--features", spec.features)])
        found["views"] = views
    if dataset == "vegetables":
        planned = max(claim.seeds for claim in claims.CLAIMS.values())
        with report.stage("runs") as found:
            best = make.seeds(numbers[:planned], counts, found)
        if evidence:
            with report.stage("evidence") as found:
                found["rc"] = make.wait([make.started("sweep", "evidence") for _ in range(best)])
                found["map_rc"] = make.wait([make.started("sweep", "evidence", "--claim", "map") for _ in range(best)])
        with report.stage("more runs") as found:
            make.seeds(numbers[planned:], [best], found)
    with report.stage("published") as found:
        found["rc"] = Maker(report, published, []).started("publish").wait()


def check(spec: RunSpec, device: torch.device, place: Path, found: dict[str, Any]) -> None:
    """Compare records of short runs; `found` says by how much CPU and GPU differ, and what is the same bit for bit.

    Dropout is off for the comparison with the CPU: each device draws its own random numbers.
    """
    import torch

    from sgd_core.training import loop
    from sgd_core.training.data import open_set
    from sgd_core.training.features import FeatureBank
    from sgd_core.training.updates import Updates

    images = open_set(spec.dataset)
    bank = FeatureBank(images, spec.features, place / "gpu", device)
    cpu = torch.device("cpu")
    cpu_bank = FeatureBank(images, spec.features, place / "cpu", cpu)
    ours, theirs = bank.clean("val").float().cpu(), cpu_bank.clean("val").float()
    found["features_apart"] = float((ours - theirs).abs().max() / theirs.abs().max())

    plain = spec.model_copy(update={"dropout": 0.0, "batch_size": 64, "learning_rate": 1e-3})
    pairs = list(zip(_records(plain, bank, device), _records(plain, cpu_bank, cpu), strict=True))
    losses = [_apart(a[name], b[name]) for a, b in pairs for name in ("train_loss", "reported_loss", "val_loss")]
    counts = [abs(a["val_correct"] - b["val_correct"]) / len(images.labels("val")) for a, b in pairs]
    found.update(losses_apart=max(losses), counts_apart=max(counts))
    found["close_to_cpu"] = max(losses) <= LOSS_TOLERANCE and max(counts) <= COUNT_TOLERANCE

    paper = spec.model_copy(update={"batch_size": 16, "learning_rate": 1e-3})
    first = _records(paper, bank, device)
    found["same_twice"] = _records(paper, bank, device) == first
    with patch.object(loop, "updates_of", Updates):
        found["same_without_graphs"] = _records(paper, bank, device) == first
    file = place / "checkpoint.safetensors"
    stopped = loop.Training(paper, bank, device, file, checkpoint_seconds=0.0)
    for record in stopped:
        if record.epoch == 1:
            break
    found["same_after_a_stop"] = _records(paper, bank, device, file) == first


def _records(spec: RunSpec, bank: FeatureBank, device: torch.device, file: Path | None = None) -> list[dict[str, Any]]:
    from sgd_core.training.loop import Training

    training = Training(spec, bank, device, file)
    for _ in training:
        pass
    return [{name: value for name, value in each.as_dict().items() if name != "seconds"} for each in training.records]


def _apart(a: float | None, b: float | None) -> float:
    return 0.0 if a is None and b is None else math.inf if a is None or b is None else abs(a - b) / max(abs(b), 1e-12)


def time_updates(device: torch.device, found: dict[str, Any]) -> None:
    """Microseconds of an update at each B: plain, as it is trained here, and per head with several at once."""
    import torch

    from sgd_core.experiment.heads import FEATURES
    from sgd_core.training.classifier import initial_head
    from sgd_core.training.updates import PLAIN_FIRST, Updates, updates_of

    for size in BATCH_SIZES:
        images = STEPS * size
        view, labels = torch.rand(images, FEATURES, device=device).half(), torch.arange(images, device=device) % 10
        order = torch.randperm(images).to(device)
        row: dict[str, Any] = {}
        for name, make in (("plain", Updates), ("as_trained", updates_of)):
            updates = make(initial_head(0).to(device), device, 0.9, labels)

            def update() -> None:
                updates.begin(view, order, None, 1e-4)  # noqa: B023 (called at once)
                for _ in range(STEPS):
                    updates(size)  # noqa: B023

            row[name] = round(_microseconds(update, device, PLAIN_FIRST) / STEPS, 1)
        for heads in SIDE_BY_SIDE:
            update = _side_by_side(heads, size, device)
            row[f"per_head_of_{heads}"] = round(_microseconds(update, device) / heads, 1)
        found[f"B={size}"] = row


def _side_by_side(heads: int, size: int, device: torch.device) -> Callable[[], None]:
    """An update of several of the paper's heads at once, their layers stacked; a CUDA graph where there is a GPU."""
    import torch
    from torch.nn.functional import cross_entropy, dropout

    from sgd_core.experiment.heads import FEATURES

    widths = (FEATURES, 1024, 128, 10)
    layers = [torch.randn(heads, a, b, device=device).mul_(a**-0.5).requires_grad_() for a, b in pairwise(widths)]
    biases = [torch.zeros(heads, 1, b, device=device, requires_grad=True) for b in widths[1:]]
    optimizer = torch.optim.SGD([*layers, *biases], lr=1e-4, momentum=0.9, fused=True)
    features, labels = (
        torch.rand(heads, size, FEATURES, device=device).half(),
        torch.zeros(heads * size, dtype=torch.long, device=device),
    )

    def update() -> None:
        optimizer.zero_grad(set_to_none=True)
        x = dropout(features.float(), 0.5)
        for i, (layer, bias) in enumerate(zip(layers, biases, strict=True)):
            x = torch.baddbmm(bias, x, layer)
            x = x if i == 2 else dropout(x.relu(), 0.5) if i == 0 else x.relu()
        (cross_entropy(x.reshape(-1, 10), labels) * heads).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    if device.type != "cuda":
        return update
    for _ in range(3):
        update()
    graph = torch.cuda.CUDAGraph()
    optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        update()
    return graph.replay


def _microseconds(call: Callable[[], object], device: torch.device, warm: int = 2) -> float:
    """The median over five rounds of the mean time of a call."""
    import torch

    calls = 50 if device.type == "cuda" else 2
    for _ in range(warm):
        call()
    rounds = []
    for _ in range(5):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        started = time.perf_counter()
        for _ in range(calls):
            call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        rounds.append((time.perf_counter() - started) / calls)
    return round(1e6 * statistics.median(rounds), 1)


@dataclass(frozen=True)
class Maker:
    """Commands of the core, each a process of its own, on an empty folder of published runs."""

    report: Report
    published: Path
    options: Sequence[str]

    def started(self, *command: str) -> subprocess.Popen[bytes]:
        """The command with the options of all."""
        words = [sys.executable, "-m", "sgd_core", *command, *self.options]
        environ = {**os.environ, "SGD_PUBLISHED_DIR": str(self.published)}
        return subprocess.Popen(words, cwd=settings.ROOT, env=environ)

    def wait(self, started: Sequence[subprocess.Popen[bytes]]) -> list[int]:
        """Exit statuses, once all have ended; at the report's end they are interrupted, and keep what they have."""
        for each in started:
            try:
                each.wait(max(self.report.left, 0))
            except subprocess.TimeoutExpired:
                for other in started:
                    if other.poll() is None:
                        other.send_signal(signal.SIGINT)
                break
        return [each.wait() for each in started]

    def seeds(self, seeds: Sequence[int], counts: Sequence[int], found: dict[str, Any]) -> int:
        """All 27 runs of one seed by each number of processes, the other seeds by the fastest; which number that is."""
        speeds: dict[int, float] = {}
        for count, seed in zip(counts, seeds, strict=False):
            speeds[count] = found[f"seconds of seed {seed} by {count}"] = self._by(count, [seed])
        best = found["fastest"] = min(speeds, key=lambda count: speeds[count], default=counts[0])
        if (left := seeds[len(counts) :]) and self.report.left > 0:
            found[f"seconds of {len(left)} more by {best}"] = self._by(best, left)
        return best

    def _by(self, processes: int, seeds: Sequence[int]) -> float:
        started = time.monotonic()
        gauges = ERRORS if 0 in seeds else ()
        command = ("sweep", "paper", "--seeds", ",".join(map(str, seeds)), *gauges)
        self.wait([self.started(*command) for _ in range(processes)])
        return round(time.monotonic() - started, 1)
