"""One run: a RunSpec and a feature bank in, a stream of epoch records out; stops, resumes and repeats exactly.

Randomness comes from the run's seed and the epoch only (initial weights, order, dropout, weights of examples), so the
same spec on the same device model, thread count and versions gives bit-identical records, `seconds` aside, however
often it was interrupted. An epoch trains on one augmented view and is scored on the next, which is the view the next
epoch trains on; without augmentation both are the images as they are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sgd_core.experiment import schedules, takeover
from sgd_core.experiment.glimpse import EPOCHS, SAMPLE, Glimpse, due
from sgd_core.experiment.paper import FINAL_EPOCHS
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.places import SPLITS, Split
from sgd_core.training import checkpoint, environment
from sgd_core.training.between import moved_to
from sgd_core.training.classifier import flat, initial_head
from sgd_core.training.data import ImageSet, chosen, with_noise
from sgd_core.training.features import Cancelled, FeatureBank, InOneCount, Report
from sgd_core.training.probes import NO_PROBES, Moment, Probes
from sgd_core.training.updates import updates_of

CHECKPOINT_SECONDS = 20.0
TEST_EVERY = 5
"""On a CPU the test images are scored every so many epochs and in the last ten; on a GPU in every epoch."""
SCORED = 150
"""Where a run counts updates and has more than 200 epochs, it is scored at about so many of them, evenly, the first and
the last ten among them: with 100 images to an epoch, scoring would otherwise cost more than training."""
CHUNK, GPU_CHUNK = 1024, 8192
"""Examples that are scored at once."""
UNSAVED = "No checkpoint could be written, so this run would begin anew if it were stopped"


class Training:
    """One run under way. Iterate over it for its records; `status` is None until it ends."""

    def __init__(
        self,
        spec: RunSpec,
        bank: FeatureBank,
        device: torch.device,
        checkpoint_file: Path | None = None,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
        probes: Probes = NO_PROBES,
        cancelled: Callable[[], bool] = lambda: False,
        report: Report | None = None,
        glimpsed: Callable[[Glimpse], None] | None = None,
    ) -> None:
        """`cancelled` is asked once an epoch and while features are made.

        `report` hears of the making of features: images done and in all, over everything that this run still lacks.
        `glimpsed` hears of the first epochs on their way; whether it does changes no record.
        """
        self.spec, self.bank, self.device = spec, bank, device
        self.key = spec.key(bank.fingerprints)
        self.checkpoint_file, self.checkpoint_seconds = checkpoint_file, checkpoint_seconds
        self.probes, self.cancelled, self.report, self.glimpsed = probes, cancelled, report, glimpsed
        self.records: list[EpochRecord] = []
        self.measurements: list[dict[str, Any]] = []
        self.status: Status | None = None
        self.note = ""
        """What the reader should know of how the run was resumed; a sentence, or nothing."""
        self.repeatable = True
        """False where it went on from a checkpoint of another number of threads: equal then up to rounding only."""
        self._kept: dict[Split, tuple[Tensor, Tensor]] = {}
        self._making = 0.0
        """Seconds of the epoch under way that went into making features and into glimpses, which are no part of it."""

        true = bank.images.labels("train")
        self._rows = torch.from_numpy(chosen(true, spec.images_per_class))
        true = true[self._rows.numpy()]
        given = with_noise(true, spec.label_noise, len(bank.images.classes))
        self._true, self._given = torch.from_numpy(true).to(device), torch.from_numpy(given).to(device)
        self.plan = schedules.plan(spec, len(true))
        self._last = len(self.plan) - 1
        self._steps = schedules.steps(spec, len(true))

        classes = len(bank.images.classes)
        self._head = initial_head(spec.seed, classes, spec.head, spec.dropout).to(device)
        self._initial = flat(self._head).clone()
        self._updates = updates_of(self._head, device, spec.momentum, self._given, spec.weight_noise > 0)

    def __iter__(self) -> Iterator[EpochRecord]:
        """Every record of the run, those of a checkpoint first."""
        self._resume()
        yield from list(self.records)
        try:
            yield from self._continue()
        except Cancelled:
            self.status = "cancelled"

    def image_counts(self) -> dict[str, int | None]:
        """How many images each count of a record is out of, as columns of the runs table."""
        splits = self.bank.images.splits()
        counts: dict[str, int | None] = {
            f"{split}_images": len(self.bank.images.labels(split)) if split in splits else None for split in SPLITS
        }
        return {**counts, "train_images": len(self._rows)}

    def forget_checkpoint(self) -> None:
        """Remove the checkpoint, once the run itself is kept."""
        if self.checkpoint_file is not None:
            checkpoint.remove(self.checkpoint_file)

    def measure_at(self, epoch: int, weights: Tensor) -> None:
        """Measure what is due at the end of an epoch with these flat weights, as if training had come to it."""
        with moved_to(self._head, weights.to(self.device)):
            self._measure(epoch, self._view(epoch + 1))

    def _continue(self) -> Iterator[EpochRecord]:
        done = len(self.records) - 1  # the records start with epoch -1
        if self.report is not None:
            self.report = InOneCount(self._lacking(max(done, 0)), self.report)
        view = self._view(max(done, 0))
        self._making = 0.0
        if not self.records:
            started = time.perf_counter()
            yield self._record(-1, None, view, started)
            done = 0
        last_checkpoint = time.monotonic()
        for k in range(done, self._last + 1):
            if self.cancelled():
                raise Cancelled(f"epoch {k}")
            started = time.perf_counter()
            train_loss = self._train(k, view)
            view = self._view(k + 1)
            record = self._record(k, train_loss, view, started)
            if record.train_loss is None or (self._scores(k) and record.reported_loss is None):
                self.status = "diverged"
            elif k == self._last:
                learned = record.learned(len(self._given), len(self.bank.images.classes))
                self.status = "done" if learned else "failed to learn"
            elif time.monotonic() - last_checkpoint >= self.checkpoint_seconds:
                self._try_checkpoint()
                last_checkpoint = time.monotonic()
            if self.status is not None:
                self._score_start()
            yield record
            if self.status is not None:
                return
            if k == done:
                self._require_images()

    def _require_images(self) -> None:
        """Decode what will be needed later, the test images above all, so that a broken one stops no run halfway.

        After the first epoch, whose point a class waits for.
        """
        for split in self.bank.images.splits():
            if split != "train" and not self.bank.has_clean(split):
                self.bank.images.images(split)

    def _lacking(self, first: int) -> int:
        """The images whose features have to be made from epoch `first` on."""
        splits: list[Split] = ["val", "test"] if self.spec.augment else ["train", "val", "test"]
        there = self.bank.images.splits()
        clean = [split for split in splits if split in there and not self.bank.has_clean(split)]
        views = {epoch % self.spec.views for epoch in range(first, self._last + 2)} if self.spec.augment else set()
        lacking = sum(not self.bank.has(view) for view in views)
        images = self.bank.images
        return lacking * len(images.labels("train")) + sum(len(images.labels(split)) for split in clean)

    def _train(self, k: int, view: Tensor) -> float:
        """One pass over the view, or the part of it that the plan has; returns the mean batch loss."""
        generator = torch.Generator().manual_seed(derive(self.spec.seed, k, "order"))
        order = torch.randperm(len(view), generator=generator).to(self.device)
        size, images = self.plan[k].batch_size, len(view)
        sizes = [min(size, images - start) for start in range(0, images, size)][: self._steps[k]]
        self._updates.begin(view, order, self._example_weights(k, len(view)), self.plan[k].learning_rate)
        looked = _Looked(due(self._steps[k], self.plan[k].batch_size, len(view)) if self._is_watched(k) else {})
        self._head.train()
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(derive(self.spec.seed, k, "dropout"))
            for step, size in enumerate(sizes, 1):
                self._updates(size)
                if step in looked.due:
                    with self._timed(True):
                        mean = looked.mean(step, float(self._updates.total))
                        self._look(k, step, view, order[-looked.due[step] :], mean)
        return float(self._updates.total) / len(sizes)

    def _is_watched(self, k: int) -> bool:
        return self.glimpsed is not None and k < EPOCHS

    def _look(self, k: int, step: int, view: Tensor, rows: Tensor, train_loss: float) -> None:
        """Tell of the head after so many steps of epoch k; it trains on as if nobody had looked."""
        assert self.glimpsed is not None
        planned = self.plan[k]
        before = self.plan[k - 1] if k else None
        updates, rate, m = before.updates if before else 0, planned.learning_rate, self.spec.momentum
        warm = step - m ** (updates + 1) * (1 - m**step) / (1 - m)  # the sum of 1 - m^(t+1) over these steps
        features, labels = self._evaluation("val")
        thin = slice(None, None, max(1, len(labels) // SAMPLE))
        _, (reported,) = self._score(view[rows], self._given[rows])
        _, (val,) = self._score(features[thin], labels[thin])
        self._head.train()
        self.glimpsed(
            Glimpse(
                epoch=k - 1 + step / self._steps[k],
                updates=updates + step,
                training_time=(before.training_time if before else 0.0) + rate * step,
                effective_time=(before.effective_time if before else 0.0) + rate * warm,
                learning_rate=rate,
                batch_size=planned.batch_size,
                train_loss=train_loss,
                reported_correct=reported,
                reported_images=len(rows),
                val_correct=val,
                val_images=len(labels[thin]),
            )
        )

    def _example_weights(self, k: int, images: int) -> Tensor | None:
        """(n,) weights of the examples' losses in epoch k: normal, mean 1, variance v; None where v is 0.

        The multiplicative noise of Wu et al. 1906.07405. With g_i the examples' gradients of mean G and covariance
        Sigma, the mean gradient of a batch of B drawn with replacement then has covariance
        ((1 + v) Sigma + v G G')/B. Weights below zero are part of it: a class of noises that is not that of any batch.
        """
        if self.spec.weight_noise == 0:
            return None
        generator = torch.Generator().manual_seed(derive(self.spec.seed, k, "example weights"))
        drawn = torch.randn(images, generator=generator)
        return (1 + math.sqrt(self.spec.weight_noise) * drawn).to(self.device)

    def _score_start(self) -> None:
        """Give the record of the untrained head its test score, which waits for the first one of a trained head.

        So the first points of a curve need not wait for the features of the test images.
        """
        if self.records[0].test_loss is not None or "test" not in self.bank.images.splits():
            return
        untrained = initial_head(self.spec.seed, len(self.bank.images.classes), self.spec.head, self.spec.dropout)
        loss, (correct,) = self._score(*self._evaluation("test"), head=untrained.to(self.device))
        self.records[0] = replace(self.records[0], test_loss=_finite(loss), test_correct=correct)

    @torch.inference_mode()
    def _score(self, features: Tensor, *labels: Tensor, head: torch.nn.Module | None = None) -> tuple[float, list[int]]:
        """Mean loss of the head as it is now, or of another, against the first labels; number correct against each."""
        head = self._head if head is None else head
        head.eval()
        losses, correct = torch.zeros((), dtype=torch.float64, device=self.device), [0] * len(labels)
        chunk = GPU_CHUNK if self.device.type == "cuda" else CHUNK
        for start in range(0, len(features), chunk):
            part = slice(start, start + chunk)
            logits = head(features[part].float())
            losses += cross_entropy(logits, labels[0][part], reduction="sum")
            predicted = logits.argmax(dim=1)
            correct = [n + int((predicted == each[part]).sum()) for n, each in zip(correct, labels, strict=True)]
        return float(losses) / len(features), correct

    def _record(
        self,
        k: int,
        train_loss: float | None,
        view: Tensor,
        started: float,
    ) -> EpochRecord:
        planned = self.plan[k] if k >= 0 else None
        loss, given, true, val_loss, val_correct, test_loss, test_correct = (None,) * 7
        if self._scores(k):
            loss, (given, true) = self._score(view, self._given, self._true)
            val_loss, (val_correct,) = self._score(*self._evaluation("val"))
        if k >= 0 and self._scores_test(k):
            test_loss, (test_correct,) = self._score(*self._evaluation("test"))
            self._score_start()
        self._measure(k, view)
        parameters = flat(self._head)
        record = EpochRecord(
            epoch=k,
            updates=planned.updates if planned else 0,
            training_time=planned.training_time if planned else 0.0,
            effective_time=planned.effective_time if planned else 0.0,
            learning_rate=planned.learning_rate if planned else None,
            batch_size=planned.batch_size if planned else None,
            train_loss=_finite(train_loss),
            reported_loss=_finite(loss),
            reported_correct=given,
            reported_correct_true=true,
            val_loss=_finite(val_loss),
            val_correct=val_correct,
            test_loss=_finite(test_loss),
            test_correct=test_correct,
            weight_norm=_finite(float(parameters.norm())),
            distance_from_init=_finite(float((parameters - self._initial).norm())),
            seconds=time.perf_counter() - started - self._making,
        )
        self._making = 0.0
        self.records.append(record)
        return record

    def _scores(self, k: int) -> bool:
        """Whether epoch k is scored at all: every one, but for long runs that count updates."""
        long = self.spec.updates is not None and len(self.plan) > 200
        every = math.ceil(len(self.plan) / SCORED) if long else 1
        return k <= 0 or k > self._last - FINAL_EPOCHS or (k + 1) % every == 0

    def _scores_test(self, k: int) -> bool:
        if "test" not in self.bank.images.splits() or not self._scores(k):
            return False
        return self.device.type == "cuda" or k > self._last - FINAL_EPOCHS or (k + 1) % TEST_EVERY == 0

    def _measure(self, k: int, view: Tensor) -> None:
        moment = Moment(self.spec, k, self._head, view, self._given, self.key, _Around(self, k))
        for probe, function in self.probes.due(k, self._last).items():
            for name, value in function(moment).items():
                self.measurements.append({"probe": probe, "epoch": k, "name": name, "value": _finite(float(value))})

    def _view(self, epoch: int) -> Tensor:
        if self.spec.augment:
            number = epoch % self.spec.views
            with self._timed(not self.bank.has(number)):
                view = self.bank.view(number, self.report, self.cancelled)
        else:
            with self._timed(not self.bank.has_clean("train")):
                view = self.bank.clean("train", self.report, self.cancelled)
        view = view.to(self.device)
        return view if self.spec.images_per_class is None else view[self._rows.to(self.device)]

    def _evaluation(self, split: Split) -> tuple[Tensor, Tensor]:
        """Features and labels of a split, made when they are first scored and kept on the device."""
        if split not in self._kept:
            self._kept[split] = self._clean(split)
        return self._kept[split]

    def _clean(self, split: Split) -> tuple[Tensor, Tensor]:
        labels = torch.from_numpy(self.bank.images.labels(split)).to(self.device)
        with self._timed(not self.bank.has_clean(split)):
            return self.bank.clean(split, self.report, self.cancelled).to(self.device), labels

    @contextmanager
    def _timed(self, made: bool) -> Iterator[None]:
        """Leave the time within out of the epoch's, where features are made: they are made once for all runs."""
        started = time.perf_counter()
        yield
        self._making += (time.perf_counter() - started) * made

    def _try_checkpoint(self) -> None:
        """A run that cannot be resumed is worth more than none: a full disk is said, once, and training goes on."""
        try:
            self._checkpoint()
        except OSError as error:
            if UNSAVED not in self.note:
                self.note = f"{self.note} {UNSAVED} ({error}).".strip()

    def _checkpoint(self) -> None:
        if self.checkpoint_file is None:
            return
        tensors = {f"weight.{i}": p.detach() for i, p in enumerate(self._head.parameters())}
        tensors |= {f"momentum.{i}": value for i, value in enumerate(self._updates.sgd.momenta)}
        state = {
            "key": self.key,
            "environment": environment.equality(self.device),
            "repeatable": self.repeatable,
            "records": [record.as_dict() for record in self.records],
            "measurements": self.measurements,
        }
        checkpoint.write(self.checkpoint_file, tensors, state)

    def _not_measured(self, records: list[dict[str, Any]], measurements: list[dict[str, Any]]) -> str:
        """The probes of which a checkpoint lacks an epoch that it has passed, named; '' where it lacks none."""
        there = {(row["probe"], row["epoch"]) for row in measurements}
        passed = [record["epoch"] for record in records]
        due = {name for epoch in passed for name in self.probes.due(epoch, self._last) if (name, epoch) not in there}
        return " and ".join(sorted(due))

    def _resume(self) -> None:
        """Go on from the checkpoint of this very run; on another device or torch start anew, and keep the old one."""
        kept = checkpoint.read(self.checkpoint_file) if self.checkpoint_file is not None and not self.records else None
        if kept is None:
            return
        tensors, state = kept
        prints = self.bank.fingerprints
        if takeover.todays_key(state["key"], self.spec, prints) != self.key:
            return
        here = environment.equality(self.device)
        differs = [name for name in here if state["environment"].get(name) != here[name]]
        told = ", ".join(f"{name} was {state['environment'].get(name)}, is {here[name]}" for name in differs)
        if differs not in ([], ["threads"]):
            assert self.checkpoint_file is not None
            aside = checkpoint.set_aside(self.checkpoint_file)
            self.note = (
                f"This run starts anew: its checkpoint is another machine's ({told}); it is kept as {aside.name}."
            )
            return
        if lost := self._not_measured(state["records"], state["measurements"]):
            self.note = f"This run starts anew: its checkpoint is past epochs at which {lost} was to be measured."
            return
        self.repeatable = not differs and state.get("repeatable", True)
        if differs:
            self.note = f"This run goes on from its checkpoint, but is not exactly repeatable: {told}."
        with torch.no_grad():
            for i, parameter in enumerate(self._head.parameters()):
                parameter.copy_(tensors[f"weight.{i}"])
        momenta = [name for name in tensors if name.startswith("momentum.")]
        self._updates.sgd.momenta = [tensors[f"momentum.{i}"].to(self.device).clone() for i in range(len(momenta))]
        self.records = takeover.records_of(state["records"], self.spec, len(self._given), "The checkpoint")
        self.measurements = state["measurements"]


class _Looked:
    """The looks at one epoch, and the mean batch loss since the last."""

    def __init__(self, due: dict[int, int]) -> None:
        self.due, self._step, self._total = due, 0, 0.0

    def mean(self, step: int, total: float) -> float:
        mean = (total - self._total) / (step - self._step)
        self._step, self._total = step, total
        return mean


@dataclass(frozen=True)
class _Around:
    """What a probe may ask for beside the view that epoch k is scored on."""

    training: Training
    k: int

    @property
    def images(self) -> ImageSet:
        return self.training.bank.images

    def clean(self, split: Split) -> tuple[Tensor, Tensor]:
        return self.training._clean(split)

    def later(self, views: int) -> Tensor:
        return self.training._view(self.k + 1 + views)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
