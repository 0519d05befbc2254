"""A Dask cluster that does nothing by itself: tests say what the worker says and how a task ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class FakeFuture:
    """A task that was handed over, with its arguments."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.token, self.settings, self.topic, self.probes, *_ = (*arguments, None)
        self.was_cancelled = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[Any], None]] = []

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._callbacks.append(callback)
        if self.status != "pending":
            callback(self)

    def cancel(self) -> None:
        self.was_cancelled = True

    @property
    def status(self) -> str:
        ended = "finished" if self._result is not None else "error" if self._error is not None else "pending"
        return "cancelled" if self.was_cancelled else ended

    def cancelled(self) -> bool:
        return self.was_cancelled

    def exception(self) -> BaseException | None:
        return self._error

    def result(self) -> Any:
        return self._result

    def end(self, result: Any = None, error: BaseException | None = None, lost: bool = False) -> None:
        self._result, self._error, self.was_cancelled = result, error, lost
        for callback in self._callbacks:
            callback(self)


class FakeClient:
    """What the engine and a sweep ask of Dask's client."""

    status = "running"

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self.tasks: list[FakeFuture] = []
        self.prepared: list[FakeFuture] = []
        self.ran: list[tuple[Any, ...]] = []
        self.hear: Any = None

    def subscribe_topic(self, topic: str, handler: Any) -> None:
        self.hear = handler

    def submit(self, function: Any, *arguments: Any, **options: Any) -> FakeFuture:
        tasks = self.prepared if function.__name__ == "prepare" else self.tasks
        tasks.append(FakeFuture(arguments))
        return tasks[-1]

    def run(self, function: Any, *arguments: Any, **options: Any) -> None:
        self.ran.append((function.__name__, *arguments))

    def nthreads(self) -> dict[str, int]:
        return {f"tcp://worker:{number}": 1 for number in range(self.workers)}

    def cancel(self, futures: list[FakeFuture]) -> None:
        for future in futures:
            future.cancel()

    def say(self, task: FakeFuture, kind: str, **values: Any) -> None:
        asyncio.run(self.hear((0.0, {"token": task.token, "kind": kind, **values})))


class FakeCluster:
    """A cluster that is there until a test says otherwise."""

    def __init__(self) -> None:
        self.client: Any = FakeClient()
        self.there = True

    def mend(self) -> bool:
        return self.there

    def close(self) -> None:
        self.there = False
