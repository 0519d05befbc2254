"""Published runs: three Parquet files and a provenance.json in one folder, read by the app, written by `publish` only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sgd_core.runs import table

FILES = {"runs": table.RUN_COLUMNS, "epochs": table.EPOCH_COLUMNS, "measurements": table.MEASUREMENT_COLUMNS}


class PublishedRuns:
    """The published runs of one folder; empty where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def frame(self, name: str) -> pd.DataFrame:
        """The table called runs, epochs or measurements."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            return table._typed(pd.DataFrame(columns=FILES[name]))
        return table._typed(pd.read_parquet(path, columns=FILES[name]))

    def provenance(self) -> dict[str, Any]:
        """What provenance.json says of data, weights and protocol."""
        path = self.folder / "provenance.json"
        return json.loads(path.read_text()) if path.is_file() else {}

    def write(self, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any]) -> None:
        """Replace the published runs, file by file, each whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, columns in FILES.items():
            partial = self.folder / f"{name}.parquet.part"
            tables[name][columns].to_parquet(partial, index=False, compression="zstd")
            partial.replace(self.folder / f"{name}.parquet")
        (self.folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
