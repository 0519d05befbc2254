"""A run as a task of a Dask cluster: handed over, and what comes back kept as a run or told as a sentence.

The engine, for visitors, and a sweep, for the command line, both train through these.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sgd_core import settings
from sgd_core.experiment.record import ANSWERS, EpochRecord
from sgd_core.experiment.run import Run, merged
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import worker

if TYPE_CHECKING:
    from distributed import Client, Future


def submit(
    client: Client,
    token: str,
    spec: RunSpec,
    topic: str,
    turn: int,
    probes: Mapping[str, Collection[int]] | None = None,
    live: bool = False,
) -> Future:
    """Hand a run over; of those that wait, the one with the lowest `turn` is trained first.

    `live`: somebody watches it, and wants glimpses of its first epochs.
    """
    return client.submit(
        worker.train,
        token,
        spec.model_dump(),
        topic,
        {name: sorted(epochs) for name, epochs in (probes or {}).items()},
        live=live,
        key=f"train-{token}",
        pure=False,
        priority=-turn,  # Dask would order what is handed over within 0.1 s by name
    )


def prepare(client: Client, token: str, spec: RunSpec, topic: str) -> Future:
    """Have the features of a run's first epoch made, before any run."""
    return client.submit(worker.prepare, token, spec.model_dump(), topic, key=f"prepare-{token}", pure=False)


def wait_for(client: Client, token: str, same: bool) -> None:
    """Tell what is made ready that a run waits: it ends soon, and at once where the run needs none of it."""
    from distributed import Event

    Event((worker.wait_name if same else worker.stop_name)(token), client=client).set()


def keep(result: worker.Result, store: Store) -> Run | None:
    """Keep the run that a worker has returned, beside what was measured along it before.

    One that has not ended is kept for its curve, where nothing better is. None where nothing was kept; raises UserError
    or OSError where it cannot be.
    """
    records = [EpochRecord(**record) for record in result["records"]]
    key, status = result["run_key"], result["status"]
    ended, trained = status in ANSWERS, any(record.epoch >= 0 for record in records)
    if not (records and key and (ended or (trained and not store.has(key)))):
        return None
    spec, measured = RunSpec.parse(result["spec"]), merged(store.local.measurements_of(key), result["measurements"])
    run = Run(key, spec, status, result["images"], result["provenance"], records, measured)
    store.save(run)
    return run


def forget(run_key: str, client: Client | None) -> None:
    """Have every worker remove a checkpoint; without a cluster, this machine."""
    try:
        if client is not None:
            client.run(worker.forget, run_key, on_error="ignore")
        else:
            (settings.cache_dir() / "checkpoints" / f"{run_key}.safetensors").unlink(missing_ok=True)
    except Exception:  # a checkpoint left over is read by no other run and does no harm
        logging.getLogger(__name__).warning("The checkpoint of %s was not removed.", run_key, exc_info=True)


def lost(error: BaseException) -> str:
    """Why a task has no result, which is never the run's own doing, and what the reader can do about it."""
    if type(error).__name__ == "KilledWorker":
        return (
            "The training process was killed again and again, most likely for want of memory. Close other programs and "
            "resume; the run goes on from its last checkpoint."
        )
    if isinstance(error, ModuleNotFoundError):
        return (
            f"A training process has no {error.name}. The scheduler and the workers of the cluster need this project "
            "on their PYTHONPATH, and what requirements.txt lists."
        )
    return f"The training process failed with {type(error).__name__}: {error}."
