"""The Dask cluster that trains: the one that SGD_SCHEDULER names, or a small one of this machine, started on first use.

The small one is a scheduler and one worker with one thread, each a process of its own, listening on 127.0.0.1 only and,
since whoever speaks to them may run code as their user, by TLS with credentials that are made for it and kept in memory
and in the environment of these processes. A cluster elsewhere is secured by Dask's own settings
(distributed.comm.tls). Dask's LocalCluster would start the app again in its child, and its SubprocessCluster
never reads the scheduler's messages, which stops it once 64 KB are waiting; here they go to a file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sgd_core import settings
from sgd_core.errors import UserError

if TYPE_CHECKING:
    from distributed import Client
    from distributed.security import Security

START_SECONDS = 60
LOG = "cluster.log"


class ClusterError(UserError):
    """Training processes that cannot be started or reached."""


class Cluster:
    """A connection to a cluster, and the processes of the small one where it is ours."""

    def __init__(self, folder: Path) -> None:
        """Connect, starting the small cluster if need be; `folder` takes its messages. Raises ClusterError."""
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._address = settings.scheduler()
        self.own = self._address is None
        self._security = _credentials() if self.own else None
        self.client = self._connect(self._address or self._start_scheduler())
        self.mend()

    def mend(self) -> bool:
        """Start our worker again if it is gone; False where the cluster itself is lost and a new one is needed."""
        if self.client.status != "running":
            return False
        if self.own:
            if self._gone("scheduler"):
                return False
            if self._gone("worker"):
                self._start("worker", "distributed.Nanny", _WORKER, self._address)
        return True

    def close(self) -> None:
        """End the connection, and our processes with it."""
        self.client.close(timeout=2)  # first, or it would look for the scheduler and complain
        for name in ("worker", "scheduler"):  # terminated worker first: its nanny takes the training process along
            process = self._processes.get(name)
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _gone(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is None or process.poll() is not None

    def _connect(self, address: str) -> Client:
        from distributed import Client

        self._address = address
        try:
            return Client(address, set_as_default=False, timeout=START_SECONDS, name="sgd-lab", security=self._security)
        except (OSError, TimeoutError, ValueError) as error:
            self._processes.get("scheduler", _NOTHING).kill()
            where = f"SGD_SCHEDULER={address}" if self.own is False else "The training processes of this machine"
            raise ClusterError(f"{where} cannot be reached: {error}.") from None

    def _start_scheduler(self) -> str:
        with tempfile.TemporaryDirectory(prefix="sgd-scheduler-") as place:
            file = Path(place) / "scheduler.json"
            process = self._start("scheduler", "distributed.Scheduler", {**_SCHEDULER, "scheduler_file": str(file)})
            until = time.monotonic() + START_SECONDS
            while time.monotonic() < until and process.poll() is None:
                try:
                    return str(json.loads(file.read_text())["address"])
                except (OSError, ValueError):
                    time.sleep(0.05)
            process.kill()
        raise ClusterError(
            f"The training processes could not be started within {START_SECONDS} s; their last words are in "
            f"{self._folder / LOG}."
        )

    def _start(self, name: str, cls: str, options: dict[str, Any], *arguments: str | None) -> subprocess.Popen[bytes]:
        watch = {"preload_nanny" if name == "worker" else "preload": "sgd_core.runs.queue.watch"}
        argv = {f"{key}_argv": [str(os.getpid())] for key in watch}
        spec = {"cls": cls, "opts": {**options, **watch, **argv}}
        command = [sys.executable, "-m", "dask", "spec", *filter(None, arguments), "--spec", json.dumps(spec)]
        paths = [str(settings.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        with (self._folder / LOG).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    **_as_settings(self._security),
                    "PYTHONPATH": os.pathsep.join(paths),
                    "DASK_LOGGING__DISTRIBUTED": "warning",
                },
                start_new_session=True,  # Ctrl-C in the server's terminal reaches the server alone
            )
        return self._processes[name]


def _credentials() -> Security:
    from distributed.security import Security

    return Security.temporary()


def _as_settings(security: Security | None) -> dict[str, str]:
    """The same for a process that is started: environment variables that Dask reads, which its user alone can see."""
    if security is None:
        return {}
    told = {"REQUIRE_ENCRYPTION": "true", "TLS__CA_FILE": security.tls_ca_file}
    for role in ("CLIENT", "SCHEDULER", "WORKER"):
        told |= {f"TLS__{role}__KEY": security.tls_worker_key, f"TLS__{role}__CERT": security.tls_worker_cert}
    return {f"DASK_DISTRIBUTED__COMM__{name}": value for name, value in told.items()}


class _Nothing:
    def kill(self) -> None: ...


_NOTHING = _Nothing()
_SCHEDULER = {"protocol": "tls", "host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
_WORKER = {
    "host": "127.0.0.1",
    "nthreads": 1,
    "dashboard": False,
    "memory_limit": 0,  # mapped feature views count as used memory; Dask would kill the worker for them
}
