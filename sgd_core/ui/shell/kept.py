"""Every run there is, for pages: listed anew only when something was published, trained, renamed or deleted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core import settings
from sgd_core.evidence.ends import by_key
from sgd_core.experiment import paper
from sgd_core.experiment.names import name_of
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs.kept.store import IMPORTED, PUBLISHED, Store
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.shell.shared import shared

SHORT = 12
"""So many digits of a run's key stand in a link."""

Stamp = tuple[tuple[str, int, int], ...]


def all_runs() -> pd.DataFrame:
    """Every run of Store.runs; nobody changes the frame in place."""
    return _runs(stamp())


def troubles() -> list[str]:
    """What of this machine's runs cannot be read; strangers learn nothing of its folders."""
    return [] if settings.explore_only() else _troubles(stamp())


def epochs_of(keys: tuple[str, ...]) -> pd.DataFrame:
    """The epochs of these runs with their accuracies, the untrained head left out; nobody changes it in place."""
    return _epochs(keys, stamp())


def measurements() -> pd.DataFrame:
    """What probes measured in the published runs; nobody changes the frame in place."""
    return _measurements(stamp())


def measured_by(probe: str, keys: tuple[str, ...]) -> pd.DataFrame:
    """What one probe measured in these runs, wherever they are kept; nobody changes the frame in place."""
    return _measured_by(probe, keys, stamp())


def answer(spec: RunSpec) -> pd.DataFrame:
    """The run of all_runs that answers this question, published or this machine's: one row, or none."""
    return _answer(spec.question(), spec.dataset, fingerprint(spec.dataset), stamp())


def on_images(name: str) -> pd.DataFrame:
    """Those of all_runs that are on the set of this name, as same_images; nobody changes the frame in place."""
    return _on_images(name, fingerprint(name), stamp())


def same_images(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """Those of the runs that are on the set of this name; of a reader's own, on the images that it has here now."""
    same = runs[runs["dataset"] == name]
    data = fingerprint(name)
    return same if data == "" else same[same["data_fingerprint"] == (data or "never looked at")]


@st.cache_data(ttl=5, show_spinner=False)
def fingerprint(name: str) -> str | None:
    """sets.fingerprint, which looks at every file, asked for every few seconds at most."""
    return sets.fingerprint(name)


def published_settings() -> dict[str, RunSpec]:
    """Title -> settings of every published run of the paper, seeds taken together."""
    return _settings(stamp())


def by_short_key(short: list[str]) -> pd.DataFrame:
    """The rows of all_runs whose keys begin like these, in their order; what is not there is left out."""
    runs = all_runs()
    if not short:
        return runs.head(0)
    begins = runs["key"].str[:SHORT]
    parts = [runs[begins == key[:SHORT]].head(1) for key in dict.fromkeys(short) if len(key) >= SHORT]
    return pd.concat(parts) if parts else runs.head(0)


def specs(rows: pd.DataFrame) -> list[RunSpec]:
    """The settings of these rows of all_runs, each read once for all visitors: 0.2 ms otherwise."""
    known = _specs(stamp())
    return [known.get(key) or spec_of(rows.iloc[place].to_dict()) for place, key in enumerate(rows["key"])]


@lru_cache(maxsize=20_000)
def title_of(spec: RunSpec) -> str:
    """A run in a few words, without its seed: its name in the paper, or what it is set to."""
    return name_of(spec).replace("mu=", "μ=")


def label_of(row: Mapping[Any, Any]) -> str:
    """A row of all_runs as a reader tells it from others: the reader's own name for it, or its title and seed."""
    name = row["name"]
    if isinstance(name, str) and name:
        return str(name)
    return f"{title_of(_specs(stamp()).get(str(row['key'])) or spec_of(row))}, seed {row['seed']}"


def stamp() -> Stamp:
    """When the runs last changed: what caches of anything made from them are keyed by."""
    store = Store()
    files = [f"{store.published.folder}/{name}.parquet" for name in ("runs", "epochs", "measurements")]
    files += [
        f"{runs.folder}/{name}" for runs in (store.local, store.imported) for name in ("cache.db", "cache.db-wal")
    ]
    return tuple((file, *_state(file)) for file in files)


def _state(file: str) -> tuple[int, int]:
    try:
        state = os.stat(file)  # a Path costs four times as much, and this is asked for many times an answer
    except OSError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)


@st.cache_resource(max_entries=2, show_spinner=False)
def _runs(stamp: Stamp) -> pd.DataFrame:
    return Store().runs()


@shared
def _answer(question: str, name: str, data: str | None, stamp: Stamp) -> pd.DataFrame:
    runs = _runs(stamp)
    found = runs[(runs["question"] == question) & runs["status"].isin(ANSWERS) & (runs["source"] != IMPORTED)]
    return same_images(found, name).sort_values("views", kind="stable").tail(1)


@shared
def _on_images(name: str, data: str | None, stamp: Stamp) -> pd.DataFrame:
    return same_images(_runs(stamp), name)


@shared
def _specs(stamp: Stamp) -> dict[str, RunSpec]:
    runs = _runs(stamp)
    return {row["key"]: spec_of(row) for row in runs.to_dict("records")}


@st.cache_data(max_entries=2, show_spinner=False)
def _troubles(stamp: Stamp) -> list[str]:
    return Store().troubles()


@shared
def _settings(stamp: Stamp) -> dict[str, RunSpec]:
    runs = _runs(stamp)
    specs = [spec_of(row) for row in runs[runs["source"] == PUBLISHED].to_dict("records")]
    return {title_of(spec): spec for spec in reversed(specs) if paper.find(spec) is not None}


@st.cache_resource(max_entries=2, show_spinner=False)
def _measurements(stamp: Stamp) -> pd.DataFrame:
    runs = _runs(stamp)
    return Store().measurements(runs[runs["source"] == PUBLISHED])


@shared
def _measured_by(probe: str, keys: tuple[str, ...], stamp: Stamp) -> pd.DataFrame:
    runs = _runs(stamp)
    found = Store().measurements(runs[runs["key"].isin(keys)])
    return found[found["probe"] == probe].reset_index(drop=True)


@shared
def _epochs(keys: tuple[str, ...], stamp: Stamp) -> pd.DataFrame:
    runs = _runs(stamp)
    published, places = _published_epochs(runs, stamp[:3])
    if len(keys) == 1 and keys[0] in places:
        return published.iloc[places[keys[0]]].reset_index(drop=True)
    epochs = Store().epochs(runs[runs["key"].isin(keys)])
    return epochs[epochs["epoch"] >= 0].reset_index(drop=True)


@st.cache_resource(max_entries=2, show_spinner=False)
def _published_epochs(_runs: pd.DataFrame, stamp: Stamp) -> tuple[pd.DataFrame, dict[str, slice]]:
    """The epochs of every published run, and where those of each key stand; picking them out of all costs 9 ms."""
    epochs = Store().epochs(_runs[_runs["source"] == PUBLISHED])
    return by_key(epochs[epochs["epoch"] >= 0])
