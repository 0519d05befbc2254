"""What docs/cluster.md and deploy/kubernetes.yaml tell Dask is what this version of Dask knows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import pytest
import yaml

from sgd_core import settings

pytest.importorskip("distributed")

DOCS = (settings.ROOT / "docs" / "cluster.md").read_text()
MANIFESTS = list(yaml.safe_load_all((settings.ROOT / "deploy" / "kubernetes.yaml").read_text()))


def told() -> list[list[str]]:
    """Every command line that starts a scheduler or a worker, from that word on."""
    lines = DOCS.replace("\\\n", " ").splitlines()
    shell = [shlex.split(line.split("-m dask ")[1].rstrip("& ")) for line in lines if "-m dask " in line]
    pods = [each["spec"]["template"]["spec"] for each in MANIFESTS if each["kind"] == "Deployment"]
    return [*shell, *[container["args"] for pod in pods for container in pod["containers"]]]


def parsed(command: Sequence[str]) -> dict[str, object]:
    from distributed.cli import dask_scheduler, dask_worker

    main = {"scheduler": dask_scheduler, "worker": dask_worker}[command[0]].main
    return dict(main.make_context(command[0], list(command[1:])).params)


def test_there_are_a_scheduler_and_workers_in_both() -> None:
    assert [command[0] for command in told()] == ["scheduler", "worker", "worker", "worker", "scheduler", "worker"]


@pytest.mark.parametrize("command", told(), ids=" ".join)
def test_dask_knows_every_option(command: list[str]) -> None:
    found = parsed(command)
    assert found["dashboard_address"] == "127.0.0.1:0"  # it listens on every interface otherwise, and knows no key
    if command[0] == "worker":
        assert (found["nthreads"], found["memory_limit"]) == (1, "0")
        assert str(found["scheduler"]).startswith("tls://")
    else:
        assert (found["protocol"], found["port"]) == ("tls", "8786")


def test_the_manifests_settings_of_tls_are_those_of_the_docs() -> None:
    (config,) = [each for each in MANIFESTS if each["kind"] == "ConfigMap"]
    of_docs = re.search(r"<<END\n(.*?)END\n", DOCS, re.DOTALL)
    assert of_docs is not None
    assert yaml.safe_load(config["data"]["tls.yaml"]) == yaml.safe_load(of_docs[1].replace("$HOME/sgd-tls", "/tls"))


def test_every_file_that_is_named_is_there() -> None:
    for name in re.findall(r"deploy/[\w.]+\w", DOCS):
        assert (settings.ROOT / name).is_file(), name
