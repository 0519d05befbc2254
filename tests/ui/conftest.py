"""Charts of the invented runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import pages_of


@pytest.fixture(scope="module")
def published(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The library reads the invented runs."""
    with pages_of(invented, tmp_path_factory.mktemp("cache")):
        yield
