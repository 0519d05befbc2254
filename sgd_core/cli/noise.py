"""`noise`: compute beforehand what the noise lab cannot simulate while a slider moves, and publish it."""

from __future__ import annotations

import json
import platform
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.progress import track

from sgd_core import settings
from sgd_core.noise import precomputed


def noise(seed: Annotated[int, typer.Option(help="seed of all simulations")] = 0) -> None:
    """Simulate the (B, mu) map and the escape times; write noise.parquet and noise.json beside the published runs."""
    console, began = Console(), time.process_time()
    rows = [precomputed.measure(cell, seed) for cell in track(precomputed.cells(), "simulating", console=console)]
    table = pd.DataFrame(rows)[list(precomputed.COLUMNS)]
    folder = settings.published_dir()
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "noise.parquet.part"
    table.to_parquet(partial, index=False, compression="zstd")
    partial.replace(folder / "noise.parquet")
    provenance = _provenance(table, seed, round(time.process_time() - began))
    (folder / "noise.json").write_text(json.dumps(provenance, indent=2) + "\n")
    console.print(f"{len(table)} measurements written to {folder / 'noise.parquet'}.", highlight=False, soft_wrap=True)


def _provenance(table: pd.DataFrame, seed: int, cpu_seconds: int) -> dict[str, object]:
    stable = table[~table["diverged"]]
    z = (stable["measured"] - stable["exact"]) / stable["standard_error"]
    relative = stable["standard_error"] / stable["measured"]
    return {
        "command": f"python -m sgd_core noise --seed {seed}",
        "seed": seed,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu_seconds": cpu_seconds,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "variance": {"curvature": precomputed.CURVATURE, "variance": precomputed.BOWL_VARIANCE},
        "escape": {"landscape": asdict(precomputed.WELLS), "variance": precomputed.WELLS_VARIANCE},
        "measurements": len(table),
        "diverged": int(table["diverged"].sum()),
        "relative_standard_error": {
            kind: {"median": float(group.median()), "largest": float(group.max())}
            for kind, group in relative.groupby(stable["kind"])
        },
        "beyond_three_standard_errors": int((z.abs() > 3).sum()),
    }
