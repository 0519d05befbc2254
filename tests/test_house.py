"""Rules of the house that no single module can keep: what the server loads, what pages import, what texts may name."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
LONGEST_PAGE = 120
"""Lines: a screen or two."""
PATIENCE = 400
"""Seconds for one process, on a machine that trains beside it."""
FOR_PAGES = ("streamlit", "sgd_core.ui", "sgd_core.experiment", "__future__")
TRAINING_ONLY = ("torch", "torchvision", "safetensors", "filelock", "kagglehub", "distributed", "dask", "cryptography")
"""Modules that requirements-explore.txt leaves out, except pillow, which Streamlit itself needs."""

OPEN_EVERY_PAGE = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest

pages = ["app.py", *(f"pages/{file.name}" for file in sorted(Path("pages").glob("*.py")))]
for page in pages:
    app = AppTest.from_file(str(Path("app.py").resolve()), default_timeout=240)
    if page != "app.py":
        app.switch_page(page)
    app.run()
    assert not app.exception, (page, app.exception)
    assert not app.error, (page, app.error)
print("opened", len(pages))
"""

WITHOUT_TRAINING = f"""
import sys
from importlib.machinery import PathFinder

class Missing(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {TRAINING_ONLY} else super().find_spec(name, path, target)

sys.meta_path = [Missing if finder is PathFinder else finder for finder in sys.meta_path]
"""
"""A process in which these modules are not installed, as far as import and find_spec can tell."""


def run(script: str, invented: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process at the root of the project, with the invented runs."""
    environment = {
        **os.environ, "SGD_PUBLISHED_DIR": str(invented), "SGD_CACHE_DIR": str(cache), "SGD_MODE": "lab",
        "SGD_PREPARE": "no", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )


def test_no_page_makes_the_server_import_torch(invented: Path, tmp_path: Path) -> None:
    found = "print('loaded', sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'torchvision'}))"
    result = run(OPEN_EVERY_PAGE + found, invented, tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"opened {len(PAGES)}" in result.stdout
    assert "loaded []" in result.stdout


def test_every_page_works_without_torch(invented: Path, tmp_path: Path) -> None:
    result = run(WITHOUT_TRAINING + OPEN_EVERY_PAGE, invented, tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"opened {len(PAGES)}" in result.stdout


COMMAND = WITHOUT_TRAINING + "from sgd_core import cli\ncli.main()\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["schedule", "--epochs", "2", "--format", "json"], '"training_time"'),
        (["runs", "--format", "csv"], "Fig"),
        (["publish", "--dry-run"], "Would write 0 new"),
        (["sweep", "paper"], "27 of 27 runs are there; 0 to train."),
        (["evidence"], "Cannot tell yet"),
        (["--help"], "schedule"),
    ],
)
def test_every_command_but_training_works_without_torch(
    arguments: list[str], said: str, invented: Path, tmp_path: Path
) -> None:
    result = run(COMMAND, invented, tmp_path, *arguments)
    assert result.returncode == 0, result.stderr[-3000:]
    assert said.lower() in result.stdout.lower()


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (COMMAND, ["train", "--epochs", "1"]),
        (COMMAND, ["sweep", "paper", "--seeds", "99"]),
        (WITHOUT_TRAINING + "from tools.__main__ import app, run\nrun(app)\n", ["bench", "training"]),
    ],
)
def test_training_without_torch_ends_with_a_sentence(
    command: str, arguments: list[str], invented: Path, tmp_path: Path
) -> None:
    result = run(command, invented, tmp_path, *arguments)
    assert result.returncode == 1
    assert "pip install -r requirements.txt" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_training_only_is_what_the_explore_requirements_leave_out() -> None:
    def packages(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {match[0] for line in lines if (match := re.match(r"[A-Za-z][\w-]*", line))}

    kept = packages("requirements-explore.txt")
    left_out = packages("requirements.txt") - kept - {"pillow"}
    assert not left_out - set(TRAINING_ONLY)
    assert not kept & set(TRAINING_ONLY)


def imports(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_thin(page: Path) -> None:
    outside = [name for name in imports(page) if not any(f"{name}.".startswith(f"{own}.") for own in FOR_PAGES)]
    assert outside == []
    assert len(page.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


PLACES = re.compile(r"/work/|\bshared/(data|paper|design|style|tools|README)|\.\./shared")
TEXTS = {".py", ".md", ".toml", ".txt", ".json", ".csv", ".css", ".sh", ".yml", ""}


def published_files() -> list[Path]:
    """What a reader of the repository gets, tests and the CI script apart."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    paths = [Path(name) for name in names if name] or [f.relative_to(ROOT) for f in ROOT.glob("[a-zA-Z]*/**/*")]
    found = [path for path in paths if path.parts[0] not in ("tests", ".ci") and (ROOT / path).is_file()]
    assert len(found) > 40
    return found


def test_no_text_names_a_place_of_the_machine_it_was_written_on() -> None:
    files = [path for path in published_files() if path.suffix in TEXTS]
    named = [str(path) for path in files if PLACES.search((ROOT / path).read_text(encoding="utf-8"))]
    assert named == []


def test_no_image_of_the_data_set_and_no_weights_are_in_the_repository() -> None:
    assert [
        path for path in published_files() if path.suffix in {".jpg", ".jpeg", ".webp", ".npz", ".npy", ".pth", ".pt"}
    ] == []


NAMES = {
    "PIL": "pillow", "vl_convert": "vl-convert-python", "pydantic_core": "pydantic-core", "yaml": "pyyaml",
}  # fmt: skip
"""Modules that go by another name than their package."""


def declared(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[=<>]", line)[0].strip() for line in lines if line and line[0] not in "#-"}


EXPLORE, TRAIN, DEV = (declared(f"requirements-{name}.txt") for name in ("explore", "train", "dev"))
ALL = EXPLORE | TRAIN | DEV


@pytest.mark.parametrize(
    ("folder", "offered"),
    [("sgd_core/ui", EXPLORE), ("sgd_core", EXPLORE | TRAIN), ("tools", ALL), ("tests", ALL)],
)
def test_every_imported_package_is_declared_where_it_is_needed(folder: str, offered: set[str]) -> None:
    ours = {"sgd_core", "tools", "tests"} | sys.stdlib_module_names
    used = {name.partition(".")[0] for file in (ROOT / folder).rglob("*.py") for name in imports(file)} - ours
    assert used
    assert {NAMES.get(name, name) for name in used} - offered == set()


def test_no_package_is_declared_twice() -> None:
    assert len(ALL) == len(EXPLORE) + len(TRAIN) + len(DEV)
