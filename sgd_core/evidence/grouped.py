"""Runs that differ only in their seed, taken together."""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence.intervals import over_seeds
from sgd_core.runs.kept.table import FINALS, LOSSES, SPEC_COLUMNS, TOTALS

SETTING = [column for column in SPEC_COLUMNS if column != "seed"]
MEASURES = [*FINALS, *LOSSES]


def by_setting(runs: pd.DataFrame) -> pd.DataFrame:
    """The first row of every setting and source, in the order of `runs`, with means over seeds in place of finals.

    Besides: `seeds` (n), `keys` (of its runs), `low_` and `high_` of every final (95%, null where n = 1).
    """
    if runs.empty:
        ends = {f"{end}_{column}": pd.Series(dtype="Float64") for column in MEASURES for end in ("low", "high")}
        return runs.assign(seeds=0, keys=None, **ends)
    numbers = runs.groupby([*SETTING, "source"], dropna=False, sort=False, observed=True).ngroup()
    table = runs.assign(setting=numbers.to_numpy())
    each = table.groupby("setting", sort=False)
    first = each.first().assign(seeds=each["seed"].nunique(), keys=each["key"].agg(tuple))
    for column in (*MEASURES, *TOTALS):
        found = over_seeds(table, ["setting"], column).set_index("setting")
        first[column] = found["mean"].reindex(first.index)
        if column in MEASURES:
            first[f"low_{column}"], first[f"high_{column}"] = (
                found[end].reindex(first.index) for end in ("low", "high")
            )
    return first.reset_index(drop=True)
