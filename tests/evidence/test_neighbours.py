"""What was measured of nearest neighbours is read as it was written, or the file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgd_core.errors import UserError
from sgd_core.evidence import neighbours
from sgd_core.runs.kept.published import PublishedRuns
from tests.conftest import ROOT


def test_what_is_kept_with_the_runs_is_read() -> None:
    found = neighbours.kept(PublishedRuns(ROOT / "cached_runs"))
    assert set(found) == {"val", "test"}
    assert (found["val"].images, found["test"].images) == (409, 2000)
    assert found["test"].share == pytest.approx(0.994)
    assert 0 < found["test"].twins < found["test"].images - found["test"].far
    assert found["test"].far_right <= found["test"].far


def test_where_nothing_was_measured_there_is_nothing(tmp_path: Path) -> None:
    assert neighbours.kept(PublishedRuns(tmp_path)) == {}


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"splits": {"val": {}}}', '{"splits": {"val": 3}}'])
def test_a_file_that_is_something_else_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / neighbours.FILE).write_text(text)
    with pytest.raises(UserError, match=r"twins\.json is not what `data check --keep` writes"):
        neighbours.kept(PublishedRuns(tmp_path))
