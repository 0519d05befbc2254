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


def connected(address: str, what: str, name: str, seconds: float, security: Security | None = None) -> Client:
    """A client of the scheduler at this address, which calls itself `name`; `security`: None for Dask's settings.

    Raises ClusterError where `what` cannot be reached, and ModuleNotFoundError where Dask is not installed.
    """
    from distributed import Client

    try:
        if security is None:
            _check_encryption(address)
        return Client(address, set_as_default=False, timeout=seconds, name=name, security=security)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"{what} cannot be reached: {error}.") from None


def _check_encryption(address: str) -> None:
    """Raises ValueError where Dask's settings do not fit the address, which its client answers by a broken thread."""
    from distributed.security import Security

    security, encrypted = Security(), address.startswith("tls:")
    if encrypted and security.get_connection_args("client")["ssl_context"] is None:
        raise ValueError(
            "its address asks for TLS, and Dask's settings here name no certificates that can be read "
            "(distributed.comm.tls; see docs/cluster.md)"
        )
    if security.require_encryption and not encrypted:
        raise ValueError(
            "Dask's settings here require encryption (distributed.comm.require-encryption): use its tls:// address"
        )


class Cluster:
    """A connection to a cluster, and the processes of the small one where it is ours."""

    def __init__(self, folder: Path) -> None:
        """Connect, starting the small cluster if need be; `folder` takes its messages. Raises ClusterError."""
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._place: tempfile.TemporaryDirectory[str] | None = None
        """Where the scheduler says its address, for as long as a worker may look for it."""
        self._address = settings.scheduler()
        self.own = self._address is None
        self._security = _credentials() if self.own else None
        self.client = self._connect(self._address or self._start_both())

    def mend(self) -> bool:
        """Start our worker again if it is gone; False where the cluster itself is lost and a new one is needed."""
        if self.client.status != "running":
            return False
        if self.own:
            if self._gone("scheduler"):
                return False
            if self._gone("worker"):
                self._start("worker", _WORKER, self._address)
        return True

    def close(self) -> None:
        """End the connection, and our processes with it: what trains goes on from its checkpoint another time."""
        self.client.close(timeout=2)  # first, or it would look for the scheduler and complain
        self._kill()

    def _gone(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is None or process.poll() is not None

    def _connect(self, address: str) -> Client:
        self._address = address
        where = "The training processes of this machine" if self.own else f"SGD_SCHEDULER={address}"
        try:
            return connected(address, where, "sgd-lab", START_SECONDS, self._security)
        except ClusterError:
            self._kill()
            raise

    def _start_both(self) -> str:
        """The address of a scheduler that has been started, and a worker beside it, which finds it by the same file.

        Side by side they answer a first task after 2.2 s, and one after the other after 2.4 s (two busy cores).
        """
        self._place = tempfile.TemporaryDirectory(prefix="sgd-scheduler-")  # the cache's disk may be full
        file = Path(self._place.name) / "scheduler.json"
        scheduler = self._start("scheduler", {**_SCHEDULER, "scheduler_file": str(file)})
        self._start("worker", {**_WORKER, "scheduler_file": str(file)})
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and scheduler.poll() is None:
            try:
                return str(json.loads(file.read_text())["address"])
            except (OSError, ValueError):
                time.sleep(0.05)
        self._kill()
        raise ClusterError(
            f"The training processes could not be started within {START_SECONDS} s; their last words are in "
            f"{self._folder / LOG}."
        )

    def _kill(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        if self._place is not None:
            self._place.cleanup()

    def _start(self, name: str, options: dict[str, Any], *arguments: str | None) -> subprocess.Popen[bytes]:
        watch = {"preload": "sgd_core.runs.queue.watch", "preload_argv": [str(os.getpid())]}
        spec = {"cls": f"distributed.{name.title()}", "opts": {**options, **watch}}
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
                    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # a look at all threads every 10 ms
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


_SCHEDULER = {"protocol": "tls", "host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
_WORKER = {
    "host": "127.0.0.1",
    "nthreads": 1,
    "dashboard": False,
    "memory_limit": 0,  # mapped feature views count as used memory; Dask would kill the worker for them
}
