"""What hosts get: a folder without torch that starts in explore mode; a Dockerfile and a compose file that fit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from sgd_core.cli import host, serve
from sgd_core.errors import UserError
from sgd_core.settings import ROOT
from tests.cli.conftest import Command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("host") / "lab"
    host.prepare(place)
    return place


def test_the_folder_starts_in_explore_mode_and_listens_to_the_hosts_proxy(folder: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("SGD_")}
    asked = (
        "import app, sys; from streamlit import config; from sgd_core import settings\n"
        "from sgd_core.runs.kept.published import PublishedRuns\n"
        "runs = PublishedRuns(settings.published_dir()).frame('runs')\n"
        "print(settings.ROOT, settings.explore_only(), len(runs) > 26)\n"
        "print(config.get_option('server.address'), config.get_option('server.allowedHosts'), 'torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", asked], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    assert told.stdout.split("\n")[:2] == [f"{folder} True True", "0.0.0.0 [] False"]


def test_nothing_in_the_folder_asks_for_torch_and_a_space_finds_its_front_matter(folder: Path) -> None:
    wanted = (folder / "requirements.txt").read_text()
    assert "streamlit==" in wanted
    assert "torch" not in re.sub("#.*", "", wanted)
    front = yaml.safe_load((folder / "README.md").read_text().split("---")[1])
    assert (front["sdk"], front["app_port"]) == ("docker", 8501)
    assert f'"--host", "{host.SPACES}"' in (folder / "Dockerfile").read_text()


def test_a_folder_that_holds_something_is_left_alone(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    said = command("export", "host", str(tmp_path))
    assert said.code == 1
    assert said.err.startswith(f"{tmp_path} is not empty; name a folder")
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


def test_a_file_that_has_changed_is_not_half_prepared_in_silence(tmp_path: Path) -> None:
    (file := tmp_path / "config").write_text("address = 'here'\n")
    with pytest.raises(UserError, match="has 0 places like"):
        host._change(file, "^port", "x")


def test_the_dockerfile_copies_what_is_there_and_starts_what_serve_takes() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith(("#", " "))]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [source for step, rest in steps if step == "COPY" for source in rest.split()[:-1]]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert any(fnmatch(source, pattern) for pattern in allowed)
    by_step = dict(steps)
    assert by_step["USER"] != "root"
    assert "/_stcore/health" in by_step["HEALTHCHECK"]
    started = [*yaml.safe_load(by_step["ENTRYPOINT"]), *yaml.safe_load(by_step["CMD"])]
    assert started == ["python", "-m", "sgd_core", "serve", "--explore", "--network"]
    assert {"explore", "network", "host"} <= serve.serve.__annotations__.keys()


def test_the_compose_file_keeps_the_app_unprivileged_behind_its_proxy() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    lab, proxy = services["lab"], services["proxy"]
    assert lab["read_only"] is True
    assert lab["cap_drop"] == ["ALL"]
    assert "ports" not in lab  # only the proxy is reached from outside
    assert shlex.join(proxy["command"]).endswith("lab:8501")
    assert (ROOT / "deploy" / lab["build"] / "Dockerfile").is_file()
