"""Every run there is, published, this machine's and imported: find, sort, lay over each other, keep in order.

The chosen runs stand in the URL (`run`, the first twelve digits of their keys). The table shows SHOWN rows at most:
10,000 would be 3 MB for the browser, and nobody reads them; filter and sort work on all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.runs import exchange, mode
from sgd_core.runs.local import LONGEST_NAME, LONGEST_NOTE
from sgd_core.runs.store import IMPORTED, LOCAL, PUBLISHED, Store
from sgd_core.runs.table import FINALS, PROVENANCE_COLUMNS, spec_of
from sgd_core.ui import curves, kept, page, replay, theme
from sgd_core.ui.ask import controls_of
from sgd_core.ui.axes import AXES, Axis
from sgd_core.ui.curves import Line, Measure, Style
from sgd_core.ui.replay import METRICS

SHOWN = 200
OVERLAID = 8
SHORT = 12
SORTS = {
    "newest first": ("date", False), "best validation first": ("final_val_accuracy", False),
    "best by the paper's accuracy first": ("final_reported_accuracy", False), "B": ("batch_size", True),
    "μ₀": ("learning_rate", True), "seed": ("seed", True),
}  # fmt: skip
TRAIN_PAGE = "pages/11_Train.py"


def show() -> None:
    """Draw the page."""
    page.setup("Every run")
    st.title("Every run there is")
    st.markdown(
        "**What has been tried, and what came of it?** The published runs, those of this machine, and imported ones. "
        "Choose rows to lay their curves over each other."
    )
    with page.plain_errors():
        _body()
    page.presentation_switch()


def _body() -> None:
    runs = kept.all_runs()
    if runs.empty:
        st.info("There is no run here yet: none published, none trained, none imported.")
        st.page_link(TRAIN_PAGE, label="Train the first one", icon=":material/play_arrow:")
    else:
        found = _filtered(runs)
        _table(found)
        chosen = _chosen(runs)
        if not chosen.empty:
            _overlay(chosen)
        with st.container(key="details"):
            _keep_in_order(chosen)
            _export(chosen if not chosen.empty else found)
    with st.container(key="import"):
        _import()


def _filtered(runs: pd.DataFrame) -> pd.DataFrame:
    bound: dict[str, Any] = {"bind": "query-params"}
    with st.container(key="controls"), st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        words = st.text_input("Find", key="find", placeholder="B=16, step, my name ...", width=240, **bound)
        sources = [source for source in (PUBLISHED, LOCAL, IMPORTED) if (runs["source"] == source).any()]
        chosen = st.pills("From", sources, selection_mode="multi", default=sources, key="source", **bound)
        states = sorted(runs["status"].unique())
        ended = st.pills("Ended", states, selection_mode="multi", default=states, key="ended", **bound)
        order = st.selectbox("Sort by", list(SORTS), key="sort", width=260, **bound)
    found = runs[runs["source"].isin(chosen) & runs["status"].isin(ended)]
    column, ascending = SORTS[order]
    found = found.sort_values(column, ascending=ascending, kind="stable", na_position="last")
    if words:
        texts = _texts(found)
        for word in words.lower().split():
            found = found[texts.loc[found.index].str.contains(word, regex=False)]
    return found


def _texts(runs: pd.DataFrame) -> pd.Series:
    """What a run is found by, in lower case."""
    parts = [
        "b=" + runs["batch_size"].astype(str), "μ=" + runs["learning_rate"].map("{:g}".format),
        "mu=" + runs["learning_rate"].map("{:g}".format), "seed=" + runs["seed"].astype(str), runs["schedule"],
        runs["dataset"], runs["features"], runs["name"].fillna(""), runs["note"].fillna(""), runs["key"],
    ]  # fmt: skip
    texts = parts[0].astype(object)
    for part in parts[1:]:
        texts = texts + " " + part.astype(object)
    return texts.astype(str).str.lower()


def _table(found: pd.DataFrame) -> None:
    shown = found.head(SHOWN)
    rows = shown.to_dict("records")
    table = pd.DataFrame(
        {
            "run": [kept.label_of(row) for row in rows],
            "from": shown["source"].to_numpy(),
            "B": shown["batch_size"].to_numpy(),
            "μ₀": shown["learning_rate"].to_numpy(),
            "schedule": shown["schedule"].to_numpy(),
            "epochs": shown["epochs"].to_numpy(),
            "ended": shown["status"].to_numpy(),
            **{name: (shown[name] * 100).to_numpy() for name in FINALS},
            "note": shown["note"].to_numpy(),
            "made": shown["date"].str[:10].to_numpy(),
            "key": shown["key"].str[:SHORT].to_numpy(),
        }
    )
    percent = dict(zip(FINALS, ("the paper's accuracy", "validation", "test"), strict=True))
    columns = {name: st.column_config.NumberColumn(title, format="%.1f%%") for name, title in percent.items()}
    st.dataframe(
        table, hide_index=True, column_config={**columns, "μ₀": st.column_config.NumberColumn(format="%.4g")},
        on_select=_choose, selection_mode="multi-row", key="table", height=320,
    )  # fmt: skip
    st.session_state["keys in the table"] = list(table["key"])
    more = f" The first {SHOWN} are shown." if len(found) > SHOWN else ""
    st.caption(f"{len(found):,} runs.{more} Tick rows to draw them, {OVERLAID} at most.")


def _choose() -> None:
    keys = st.session_state.get("keys in the table", [])
    rows = st.session_state["table"]["selection"]["rows"]
    st.query_params["run"] = [keys[row] for row in rows if row < len(keys)][:OVERLAID]


def _chosen(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows that the URL names, in its order."""
    short = runs["key"].str[:SHORT]
    wanted = list(dict.fromkeys(key[:SHORT] for key in st.query_params.get_all("run")))[:OVERLAID]
    parts = [runs[short == key].head(1) for key in wanted]
    rows = pd.concat(parts) if parts else runs.head(0)
    if len(rows) < len(wanted):
        st.caption(f"{len(wanted) - len(rows)} of the runs in this link are not here.")
    return rows


def _overlay(chosen: pd.DataFrame) -> None:
    with st.container(horizontal=True, gap="medium"):
        metric = str(
            st.segmented_control(
                "Measure",
                list(METRICS),
                default="Validation accuracy",
                key="metric",
                bind="query-params",
                required=True,
            )
        )
        short = [axis.short for axis in AXES.values()]
        along = st.segmented_control("Along", short, default="Epoch", key="x", bind="query-params", required=True)
        st.button("Choose none", on_click=_choose_none, icon=":material/close:")
    axis = next(axis for axis in AXES.values() if axis.short == along)
    frame = _frame(chosen, METRICS[metric])
    if frame.empty:
        st.info("This was not measured in these runs.")
        return
    loss = METRICS[metric] == "train_loss"
    measure = (
        Measure("train loss (log axis)", (float(frame["y"].min()) * 0.8, 2.6), loss=True)
        if loss
        else replay.accuracy(metric, frame["y"], frame)
    )
    scale = axis.scale(frame[axis.column])
    frame["position"] = scale.position(frame[axis.column])
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    picture = curves.chart(_lines(frame), scale, measure, style)
    data, every = curves.pack(frame[[name for name in curves.TYPES if name in frame]])
    st.vega_lite_chart(data, picture, width="stretch", alt=_alt(frame, metric, axis))
    if every > 1:
        st.caption(f"So many curves: every {every}th epoch is drawn.")


def _choose_none() -> None:
    st.query_params.pop("run", None)


def _frame(chosen: pd.DataFrame, column: str) -> pd.DataFrame:
    """The chosen runs' epochs in the columns of ui.curves, each run a curve of its own."""
    names: dict[str, str] = {}
    for row in chosen.to_dict("records"):
        name = kept.label_of(row)
        badge = "" if row["source"] == PUBLISHED else f" ({row['source']})"
        taken = f"{name}{badge}"
        names[row["key"]] = taken if taken not in names.values() else f"{taken} {row['key'][:6]}"
    epochs = Store().epochs(chosen)
    epochs = epochs[(epochs["epoch"] >= 0) & epochs[column].notna()]
    return epochs.assign(run=epochs["key"].map(names), y=epochs[column], seed=curves.MEAN)


def _lines(frame: pd.DataFrame) -> list[Line]:
    """Colour by mean mu/B, as on the figure pages; runs of equal noise differ in their dashes."""
    noise = (frame["learning_rate"] / frame["batch_size"]).groupby(frame["run"], sort=False).mean()
    noise = noise.map(lambda value: float(f"{value:.2g}"))
    levels = sorted(noise.unique())
    seen: dict[float, int] = {}
    lines = []
    for run, level in noise.items():
        rank = levels.index(level) / (len(levels) - 1) if len(levels) > 1 else 1.0
        dash = replay.DASHES[seen.get(level, 0) % len(replay.DASHES)]
        seen[level] = seen.get(level, 0) + 1
        lines.append(Line(str(run), theme.ramp([rank])[0], dash))
    return lines


def _alt(frame: pd.DataFrame, metric: str, axis: Axis) -> str:
    last = frame.sort_values("epoch").groupby("run")["y"].last()
    return (
        f"{metric} along {axis.noun}: " + "; ".join(f"{run} ends at {value:.3f}" for run, value in last.items()) + "."
    )


def _keep_in_order(chosen: pd.DataFrame) -> None:
    if len(chosen) == 1:
        row = chosen.iloc[0].to_dict()
        st.page_link(
            TRAIN_PAGE, label="Train a variation of this", icon=":material/tune:",
            query_params={"data": str(row["dataset"]), **{k: str(v) for k, v in controls_of(spec_of(row)).items()}},
        )  # fmt: skip
        if row["source"] != PUBLISHED and mode.why_explore() is None:
            _rename(row)
    own = chosen[chosen["source"] != PUBLISHED]
    if not own.empty and mode.why_explore() is None:
        _delete(own)
    if not chosen.empty:
        with st.expander("Where these numbers come from"):
            st.dataframe(chosen[["source", "key", "status", *PROVENANCE_COLUMNS]], hide_index=True)


def _rename(row: Mapping[Any, Any]) -> None:
    with st.form("rename", border=True):
        name = st.text_input("Name", row["name"] if isinstance(row["name"], str) else "", max_chars=LONGEST_NAME)
        note = st.text_area("Note", row["note"] if isinstance(row["note"], str) else "", max_chars=LONGEST_NOTE)
        if st.form_submit_button("Keep name and note"):
            Store().kept_in(str(row["source"])).annotate(str(row["key"]), name, note)
            st.rerun()


def _delete(own: pd.DataFrame) -> None:
    with st.popover(f"Delete {len(own)} of the chosen runs", icon=":material/delete:"):
        st.markdown("The runs of this machine and imported ones among the chosen are removed, with their curves.")
        if st.button("Delete them", type="primary"):
            for source, rows in own.groupby("source"):
                Store().kept_in(str(source)).delete(rows["key"])
            _choose_none()
            st.rerun()


def _export(runs: pd.DataFrame) -> None:
    runs = runs.head(exchange.MOST_RUNS)
    st.markdown(f"**Export** {len(runs)} runs with all their epochs:")
    with st.container(horizontal=True):
        st.download_button(
            "Parquet", lambda: exchange.to_parquet(Store(), runs), "runs.parquet", "application/vnd.apache.parquet",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: exchange.to_json(Store(), runs), "runs.json", "application/json",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def _import() -> None:
    why = mode.why_explore()
    if why is not None:
        st.caption(f"{why} Runs cannot be imported, renamed or deleted here.")
        return
    with st.form("import", border=True, clear_on_submit=True):
        file = st.file_uploader("Import runs that this app has exported (Parquet or JSON)", ["parquet", "json"])
        if st.form_submit_button("Import") and file is not None:
            taken = exchange.take(Store(), file.getvalue())
            there = f" {len(taken.there)} were there already and stay as they are." if taken.there else ""
            st.success(f"{len(taken.kept)} runs are imported.{there} They are marked 'imported'.")
            if taken.kept:
                st.query_params["run"] = [key[:SHORT] for key in taken.kept[:OVERLAID]]
