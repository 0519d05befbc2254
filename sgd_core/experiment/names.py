"""The name of a run, without its seed: the paper's, or what it is set to. Tables, pages, commands and claims use it."""

from __future__ import annotations

from sgd_core.experiment import paper
from sgd_core.experiment.schedules import SCHEDULES
from sgd_core.experiment.spec import RunSpec


def name_of(spec: RunSpec) -> str:
    """A run in a few words, 'B=16, mu=1e-4' or 'B=64, mu=8e-4, step s=0.5, N_dec=8, 50 epochs'."""
    run = paper.find(spec)
    return run.name if run is not None else ", ".join(_parts(spec))


def rate_of(learning_rate: float) -> str:
    """A learning rate as the paper writes it: 32e-4 for 0.0032, 0.01 for 0.01, 1e-5 for 0.00001."""
    if 1e-4 <= learning_rate < 5e-3:
        return f"{learning_rate * 1e4:g}e-4"
    return f"{learning_rate:g}".replace("e-0", "e-")


def _parts(spec: RunSpec) -> list[str]:
    default = RunSpec()
    parts = [] if spec.dataset == default.dataset else [spec.dataset]
    parts += [f"B={spec.batch_size}", f"mu={rate_of(spec.learning_rate)}"]
    schedule = SCHEDULES[spec.schedule]
    parts += [schedule.title(spec)] if schedule.title(spec) else []
    if spec.batch_growth > 1:
        parts.append(f"s_B={spec.batch_growth:g}")
    if "decay_every" in schedule.fields or spec.batch_growth > 1:
        parts.append(f"N_dec={spec.decay_every}")
    if spec.warmup_epochs:
        parts.append(f"warm-up {spec.warmup_epochs}")
    if spec.momentum != default.momentum:
        parts.append(f"m={spec.momentum:g}")
    if spec.head != default.head:
        parts.append(f"{spec.head} head")
    if spec.dropout != default.dropout:
        parts.append(f"dropout {spec.dropout:g}")
    if not spec.augment:
        parts.append("no crops")
    if spec.weight_noise:
        parts.append(f"v={spec.weight_noise:g}")
    if spec.label_noise:
        parts.append(f"{spec.label_noise:.0%} wrong labels")
    if spec.images_per_class is not None:
        parts.append(f"{spec.images_per_class} images a class")
    parts.append(f"{spec.epochs} epochs" if spec.updates is None else f"{spec.updates} updates")
    return parts
