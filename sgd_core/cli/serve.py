"""`serve`: the app on this machine, or for others."""

from __future__ import annotations

import os
import socket
import sys
from typing import Annotated

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.cli.options import app_file
from sgd_core.rooms import address

HERE = ("localhost", "127.0.0.1", "::1")


def serve(
    explore: Annotated[bool, typer.Option("--explore", help="replay only, as SGD_MODE=explore: for strangers")] = False,
    network: Annotated[bool, typer.Option("--network", help="let other machines open it, not this one alone")] = False,
    host: Annotated[
        list[str] | None, typer.Option(help="a name by which browsers reach it, as behind a proxy; repeatable")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
) -> None:
    """Start the app: for this machine alone, unless --network or --host asks for more."""
    page = app_file()
    names = [*HERE, *(of_this_machine() if network else ()), *(host or ())]
    if (network or host) and not (explore or settings.explore_only()):
        Console(stderr=True).print("Whoever reaches this app may train on this machine; --explore lets nobody.")
    options = {
        "server.address": ["0.0.0.0" if network else "127.0.0.1"], "server.port": [str(port)],
        "server.allowedHosts": list(dict.fromkeys(names)),
    }  # fmt: skip
    flags = [f"--{option}={value}" for option, values in options.items() for value in values]
    environment = {**os.environ, **({"SGD_MODE": "explore"} if explore else {})}
    os.chdir(settings.ROOT)  # where .streamlit/config.toml is
    os.execve(sys.executable, [sys.executable, "-m", "streamlit", "run", page.name, *flags], environment)


def of_this_machine() -> list[str]:
    """By what names others of its network find this machine."""
    name = socket.gethostname().lower()
    return [each for each in (address.of_this_machine(), name, f"{name}.local") if each]
