"""`export`: one HTML file, and plain sentences where that cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sgd_core.experiment.claims import CLAIMS
from sgd_core.runs.kept.store import Store
from tests.cli.conftest import Command
from tests.conftest import ROOT


def test_a_figure_and_the_collapse_are_written_whole(
    command: Command, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))
    for words, title in ((("figure", "2"), "Figure 2: "), (("collapse",), "The curves become one")):
        file = tmp_path / "made.html"
        said = command("export", *words, "--file", str(file), "--measure", "train_loss")
        assert (said.code, said.out.strip(), said.err) == (0, str(file), "")
        text = file.read_text(encoding="utf-8")
        assert f"<h1>{title}" in text
        assert text.rstrip().endswith("</html>")
        assert len(text) > 900_000  # what draws it is inside


def test_a_site_is_a_folder_whose_links_lead_somewhere(
    command: Command, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))
    said = command("export", "site", str(tmp_path / "site"))
    assert (said.code, said.err) == (0, "")
    made = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "site").iterdir()}
    linked = set(re.findall(r'href="([^"]+)"', made["index.html"]))
    assert linked == made.keys() - {"index.html", "vega.js"}
    assert len(linked) == 4 * 4 + 2
    for name in linked:
        assert '<script src="vega.js"></script>' in made[name]
        assert '<a href="index.html">' in made[name]
        assert len(made[name]) < 800_000  # what draws it is beside it; the collapse has 27 bands
    assert all(f"<b>{name} · {claim.title}.</b>" in made["evidence.html"] for name, claim in CLAIMS.items())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("figure", "7"), "figure is 7, but must be one of 1, 2, 3, 4."),
        (("figure", "1", "--along", "days"), "--along is 'days', but must be one of epoch, updates,"),
        (("collapse", "--measure", "beauty"), "--measure is 'beauty', but must be one of reported_accuracy,"),
        (("figure", "1"), "None of Figure 1's runs is published yet."),
        (("collapse",), "The paper's runs are not published yet."),
        (("site",), "None of Figure 1's runs is published yet."),
    ],
)
@pytest.mark.usefixtures("store")
def test_what_cannot_be_exported_is_said(command: Command, arguments: tuple[str, ...], told: str) -> None:
    said = command("export", *arguments)
    assert said.code == 1
    assert said.err.startswith(told)


def test_a_full_disk_is_said(command: Command, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))
    said = command("export", "figure", "1", "--file", "/dev/full")
    assert (said.code, said.err.strip()) == (1, "/dev/full could not be written: No space left on device.")


def test_a_folder_that_is_not_there_is_said(command: Command, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))
    said = command("export", "figure", "1", "--file", "/nowhere/page.html")
    assert (said.code, said.err.strip()) == (1, "/nowhere/page.html could not be written: No such file or directory.")
