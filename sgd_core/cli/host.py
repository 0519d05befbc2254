"""What a host of the app for strangers needs, as a folder that is pushed to it: no torch, nothing to be trained."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sgd_core import settings
from sgd_core.cli.options import app_file
from sgd_core.errors import UserError

COPIED = ("app.py", "pages", "sgd_core", "Dockerfile", ".dockerignore", "LICENSE", "CREDITS.md", ".streamlit")
SPACES = "*.hf.space"
"""By what names browsers find a Space."""
_EXPLORE = "import os\n\nos.environ.setdefault('SGD_MODE', 'explore')  # for strangers\n\n"
_README = """---
title: What decides what SGD finds
sdk: docker
app_port: 8501
license: mit
---

How batch size and learning rate decide what SGD finds: replay, explanation and evidence. CREDITS.md says whose paper,
images and weights this stands on.
"""


def prepare(folder: Path) -> None:
    """Write the folder; raises UserError where it is not empty or this is no clone."""
    app_file()
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty; name a folder that is, or is not there yet.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        _copy(settings.ROOT / name, folder / name)
    _copy(settings.published_dir(), folder / "cached_runs")
    shutil.copy(settings.ROOT / "requirements-explore.txt", folder / "requirements-explore.txt")
    # a host that knows requirements.txt alone would install torch by the clone's
    shutil.copy(settings.ROOT / "requirements-explore.txt", folder / "requirements.txt")
    (folder / "README.md").write_text(_README, encoding="utf-8")
    _change(folder / "app.py", r"(?=^import streamlit)", _EXPLORE)
    _change(folder / "Dockerfile", r'^CMD \["--network"\]', f'CMD ["--network", "--host", "{SPACES}"]')
    # the host's own proxy stands before it and asks by a name of its own
    _change(folder / ".streamlit" / "config.toml", r'^address = "127.0.0.1"$', 'address = "0.0.0.0"')
    _change(folder / ".streamlit" / "config.toml", r"^allowedHosts = .*$", "allowedHosts = []")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _change(file: Path, pattern: str, text: str) -> None:
    changed, times = re.subn(pattern, lambda _: text, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if times != 1:
        raise UserError(f"{file} has {times} places like {pattern}, but must have one.")
    file.write_text(changed, encoding="utf-8")
