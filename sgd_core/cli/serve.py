"""`serve`: the app on this machine, or for others."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.cli.options import app_file
from sgd_core.errors import UserError
from sgd_core.rooms import address

NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:]+|\*")
"""A name, all names of a domain, an address, or all."""
HERE = ("localhost", "127.0.0.1", "::1")


def serve(
    explore: Annotated[bool, typer.Option("--explore", help="replay only, as SGD_MODE=explore: for strangers")] = False,
    network: Annotated[bool, typer.Option("--network", help="let other machines open it, not this one alone")] = False,
    host: Annotated[
        list[str] | None, typer.Option(help="a name by which browsers reach it, as behind a proxy; repeatable")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="at as many ports from --port on, for a proxy that keeps visitors apart")
    ] = 1,
) -> None:
    """Start the app: for this machine alone, unless --network says otherwise; a proxy on it needs --host."""
    page = app_file()
    asked = [name_in(text) for text in host or ()]
    reached_by = of_this_machine() if network else []
    names = [*HERE, *reached_by, *asked]
    if (network or host) and not (explore or settings.explore_only()):
        Console(stderr=True).print("Whoever reaches this app may train on this machine; --explore lets nobody.")
    options = {
        "server.address": ["0.0.0.0" if network else "127.0.0.1"], "server.allowedHosts": list(dict.fromkeys(names)),
        # Or Streamlit asks a server on the Internet by what address it is seen, and warns where there is none.
        "browser.serverAddress": [each for each in (*asked, *reached_by) if "*" not in each][:1],
    }  # fmt: skip
    flags = [f"--{option}={value}" for option, values in options.items() for value in values]
    command = [sys.executable, "-m", "streamlit", "run", page.name, *flags]
    if processes == 1:
        command.append(f"--server.port={port}")
    else:
        _require_several(processes, port, explore or settings.explore_only())
        together = [sys.executable, "-m", "sgd_core.rooms.together", str(port), str(processes)]
        command = [*together, *command, "--server.headless=true"]  # or each would open a browser
        last = port + processes - 1
        print(f"{processes} processes at ports {port} to {last}, for a proxy that keeps a visitor at one of them.")
    environment = {**os.environ, **({"SGD_MODE": "explore"} if explore else {})}
    os.chdir(settings.ROOT)  # where .streamlit/config.toml is
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)


def name_in(text: str) -> str:
    """The name or address in what a browser's bar shows: no scheme, port or path; raises UserError."""
    with suppress(ValueError):
        name = urlsplit(text if "://" in text else f"//{text}").hostname
        if name and NAME.fullmatch(name):
            return name
    raise UserError(f"--host is {text!r}, but must be a name or an address, such as lab.example.org or 192.168.1.5.")


def _require_several(processes: int, port: int, explore: bool) -> None:
    if not explore:
        raise UserError(f"--processes is {processes}, but one process at most may train: add --explore.")
    if port + processes - 1 > 65535:
        raise UserError(f"--port is {port}, but must be {65536 - processes} at most with --processes {processes}.")


def of_this_machine() -> list[str]:
    """By what names others of its network find this machine."""
    name = socket.gethostname().lower()
    return [each for each in (address.of_this_machine(), name, f"{name}.local") if each]
