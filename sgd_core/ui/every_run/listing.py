"""The table of runs: filtered, sorted, grouped, and ticked to be drawn.

What it is asked for stands in the URL, the ticked runs too (`run`, the first digits of their keys). The table shows
SHOWN rows at most: 10,000 would be 3 MB for the browser, and nobody reads them; search, sort and groups work on all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.errors import UserError
from sgd_core.evidence import grouped as groups
from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.experiment import paper
from sgd_core.runs.kept import search
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED
from sgd_core.ui.every_run.columns import NUMBERS, SORTS, called
from sgd_core.ui.shell import kept, words
from sgd_core.ui.shell.shared import shared

SHOWN = 200
MOST_CHOSEN = 40
"""Runs that can be drawn at once, those of a figure not counted."""
CHOSEN = "run"
"""The URL's name for the ticked runs."""
EXAMPLES = (
    "Every word narrows: B=16, mu<=1e-3, exponential r=1, N_dec=6, m=0.99, T_eff>=2, seed=0..4, 30% wrong labels, "
    "shapes, #tag, or a name as the table writes it."
)
_TABLES = "tables cleared"


def filtered(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows that the controls ask for, in their order."""
    with st.container(key="controls"):
        typed = st.text_input(
            "Find", key="find", bind="query-params", placeholder="for instance: B=16 step s=0.5 seed=0",
            help=EXAMPLES, max_chars=search.LONGEST,
        )  # fmt: skip
        with st.container(horizontal=True, gap="medium"):
            sources = [source for source in (PUBLISHED, LOCAL, IMPORTED) if (runs["source"] == source).any()]
            chosen = st.pills("From", sources, selection_mode="multi", key="source", bind="query-params")
            states = sorted(runs["status"].unique())
            ended = st.pills("Ended", states, selection_mode="multi", key="ended", bind="query-params")
    found = _from(runs, tuple(chosen), tuple(ended), kept.stamp()) if chosen or ended else runs
    if not typed:
        return found
    try:
        narrowed = _searched(found, typed, tuple(chosen), tuple(ended), kept.stamp())
        if narrowed.empty:
            st.info(sentences.none_found(search.alone(found, typed)), icon=":material/search_off:")
        return narrowed
    except UserError as error:
        st.warning(str(error), icon=":material/search_off:")
        return found


@shared
def _from(_runs: pd.DataFrame, sources: tuple[str, ...], ended: tuple[str, ...], stamp: kept.Stamp) -> pd.DataFrame:
    found = _runs[_runs["source"].isin(sources)] if sources else _runs
    return found[found["status"].isin(ended)] if ended else found


@shared
def _searched(
    _runs: pd.DataFrame, typed: str, sources: tuple[str, ...], ended: tuple[str, ...], stamp: kept.Stamp
) -> pd.DataFrame:
    return search.found(_runs, typed)


def ordered(found: pd.DataFrame) -> tuple[pd.DataFrame, str, bool]:
    """The rows in the order asked for, by what, and whether there is one a setting."""
    with st.container(key="controls-order", horizontal=True, gap="medium", vertical_alignment="bottom"):
        by = str(st.selectbox("Sort by", list(SORTS), key="sort", bind="query-params", width=200))
        back = st.toggle("The other way round", key="back", bind="query-params")
        grouped = st.toggle(
            "One row a setting", key="group", bind="query-params", help="Seeds are taken together: mean and ± of 95%."
        )
    return _sorted(found, tuple(found["key"]), by, back, grouped, kept.stamp()), by, grouped


@shared
def _sorted(
    _found: pd.DataFrame, keys: tuple[str, ...], by: str, back: bool, grouped: bool, stamp: kept.Stamp
) -> pd.DataFrame:
    """The rows in their order, made once for all visitors: 3 ms with 254 runs, and 60 where they are grouped."""
    column = SORTS[by]
    rows = _grouped(_found, keys, stamp) if grouped else _newest_first(_found)
    return rows.sort_values(column.field, ascending=column.falling == back, kind="stable", na_position="last")


@shared
def _grouped(_found: pd.DataFrame, keys: tuple[str, ...], stamp: kept.Stamp) -> pd.DataFrame:
    return groups.by_setting(_newest_first(_found))


def _newest_first(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.sort_values("date", ascending=False, kind="stable", na_position="last")


def show(rows: pd.DataFrame, found: int, by: str, grouped: bool) -> None:
    """Draw the table of `found` runs, what it is sorted by first; ticking a row puts its runs into the URL."""
    shown = rows.head(SHOWN)
    keys = short_keys(shown)
    table = _table(shown, tuple(keys), by, grouped, kept.stamp())
    wanted = set(in_link())
    state = f"{keys} {by} {st.session_state.get(_TABLES, 0)}"
    key = f"table {hashlib.sha256(state.encode()).hexdigest()[:8]}"
    st.dataframe(
        table, hide_index=True, column_config=_config(grouped, shown["dataset"].unique()),
        on_select=lambda: _choose(key, keys), selection_mode="multi-row", key=key,
        height=min(330, 38 + 35 * max(1, len(table))),
        selection_default={"selection": {"rows": [i for i, each in enumerate(keys) if wanted & set(each)]}},
        alt="Every run that was found, with its settings and final accuracies.",
    )  # fmt: skip
    short = int((rows["epochs"] < paper.FINAL_EPOCHS).sum())
    words.caption(sentences.listed(found, SHOWN, MOST_CHOSEN, short, len(rows) if grouped else None))


def names(rows: pd.DataFrame, grouped: bool) -> list[str]:
    """What every row is called."""
    if grouped:
        return [kept.title_of(spec) for spec in kept.specs(rows)]
    return [kept.label_of(row) for row in rows[["key", "name", "seed"]].to_dict("records")]


def short_keys(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """The short keys of every row's runs."""
    every = rows["keys"] if "keys" in rows else [(key,) for key in rows["key"]]
    return [tuple(key[: kept.SHORT] for key in keys) for keys in every]


def in_link() -> list[str]:
    """The short keys in the URL, each once."""
    keys = [key[: kept.SHORT] for key in st.query_params.get_all(CHOSEN) if len(key) >= kept.SHORT]
    return list(dict.fromkeys(keys))[:MOST_CHOSEN]


def choose_none() -> None:
    """Take every run out of the URL, and the ticks off the table."""
    st.query_params.pop(CHOSEN, None)
    st.session_state[_TABLES] = st.session_state.get(_TABLES, 0) + 1


@shared
def _table(
    _shown: pd.DataFrame, keys: tuple[tuple[str, ...], ...], by: str, grouped: bool, stamp: kept.Stamp
) -> pd.DataFrame:
    shown = _shown
    columns: dict[str, Any] = {"run": names(shown, grouped)}
    if grouped:
        columns["seeds"] = shown["seeds"].to_numpy()
    for name in sorted(NUMBERS, key=lambda name: name != by):
        column = NUMBERS[name]
        if grouped and name == "seed":
            continue
        columns[name] = shown[column.field].astype("float64").to_numpy() * (100 if column.share else 1)
        if grouped and column.share:
            half = (shown[f"high_{column.field}"] - shown[f"low_{column.field}"]).astype("float64") / 2
            columns[f"± {name}"] = half.to_numpy() * 100
    rest: dict[str, Any] = {"schedule": shown["schedule"].to_numpy(), "from": shown["source"].to_numpy()}
    if not grouped:
        notes = shown["note"].fillna("")
        rest |= {
            "tags": [[word for word in note.split() if word.startswith("#")] for note in notes],
            "ended": shown["status"].to_numpy(), "note": notes.to_numpy(),
            "made": shown["date"].str[:16].str.replace("T", " ").to_numpy(),
            "key": shown["key"].str[: kept.SHORT].to_numpy(),
        }  # fmt: skip
    return pd.DataFrame(columns | rest)


def _config(grouped: bool, images: Iterable[str]) -> dict[str, Any]:
    config: dict[str, Any] = {"run": st.column_config.TextColumn(width="medium", pinned=True)}
    for name, column in NUMBERS.items():
        config[name] = st.column_config.NumberColumn(called(name, images), format=column.format)
        if grouped and column.share:
            config[f"± {name}"] = st.column_config.NumberColumn("±", format="%.1f")
    return config | {"tags": st.column_config.ListColumn()}


def _choose(table: str, keys: list[tuple[str, ...]]) -> None:
    """What was chosen and is not in the table stays chosen."""
    rows = [row for row in st.session_state[table]["selection"]["rows"] if row < len(keys)]
    there = {key for each in keys for key in each}
    elsewhere = [key for key in in_link() if key not in there]
    st.query_params[CHOSEN] = [*elsewhere, *(key for row in rows for key in keys[row])][:MOST_CHOSEN]
