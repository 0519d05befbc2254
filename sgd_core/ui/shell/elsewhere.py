"""A curve from elsewhere: brought on one page, laid over the charts of runs of all, and asked nothing.

It lives in the visitor's session alone. A lab takes a file; where uploads are refused (ui.shell.guard) a short text is
pasted instead. What is read of it is told by runs.foreign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from sgd_core.charts import foreign as charts
from sgd_core.charts.axes import Scale
from sgd_core.charts.foreign import Overlay
from sgd_core.charts.lines import Measure
from sgd_core.errors import UserError
from sgd_core.evidence.sentences import foreign as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.runs import foreign, mode
from sgd_core.ui.shell import words

LONGEST_PASTE = 20_000
"""Characters: a pasted text travels with every press of a control."""
_BROUGHT, _TIMES, _OFF = "curve from elsewhere", "curves from elsewhere", "curves from elsewhere taken off"
_ACCURACY, _LOSS = "accuracy", "loss"


@dataclass(frozen=True)
class _Brought:
    """What a visitor brought, and what came of it."""

    table: foreign.Table | None
    asked: foreign.Asked | None
    curve: foreign.Curve | None
    trouble: str = ""
    """Why there is no curve."""


def over(scale: Scale, measure: Measure) -> tuple[Overlay | None, str, str]:
    """What is drawn over a chart, what stands under it, and what is said to those who cannot see it; '' for nothing."""
    brought = _brought()
    if brought is None or brought.curve is None:
        return None, "", ""
    curve = brought.curve
    drawn = charts.overlay(curve, scale, measure)
    points, outside, every = (drawn.points, drawn.outside, drawn.every) if drawn is not None else (0, 0, 1)
    place = sentences.place(curve, scale.axis, measure.loss, points, outside, every)
    alt = f" {sentences.described(curve)}" if drawn is not None and outside < points else ""
    return drawn, " ".join(filter(None, (sentences.laid(curve), place))), alt


def bring() -> None:
    """Draw the place where a curve is brought, asked about and taken off."""
    with st.expander("A curve from elsewhere"):
        explore = mode.why_explore() is not None
        words.say(sentences.about(explore))
        key = _key("file")
        if explore:
            st.text_area("CSV", max_chars=LONGEST_PASTE, height=120, key=key, on_change=_take, args=(key,))
        else:
            st.file_uploader(
                "CSV file", ["csv", "tsv", "txt"], max_upload_size=foreign.LARGEST // 2**20, key=key, on_change=_take,
                args=(key,),
            )  # fmt: skip
        brought = _brought()
        if brought is None:
            return
        if brought.trouble:
            st.error(plain(brought.trouble), icon=":material/error:")
        if brought.table is not None and brought.asked is not None:
            _ask(brought.table, brought.asked)
        st.button("Take it off", icon=":material/close:", on_click=_take_off)


def _ask(table: foreign.Table, asked: foreign.Asked) -> None:
    """What the file does not say of itself."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(table.values) > 1:
            columns = list(table.values)
            st.selectbox("Column", columns, index=columns.index(asked.column), key=_key("column"), on_change=_reread)
        if foreign.STEPS in table.counted:
            st.selectbox(
                "Its steps count", list(sentences.COUNTS), index=list(sentences.COUNTS).index(asked.steps),
                format_func=sentences.COUNTS.__getitem__, key=_key("steps"), on_change=_reread, width=140,
            )  # fmt: skip
        kinds = [_ACCURACY, _LOSS]
        st.selectbox("It is", kinds, index=kinds.index(_LOSS if asked.loss else _ACCURACY), key=_key("kind"),
                     on_change=_reread, width=140)  # fmt: skip
        for label, name, value in (("B", "batch_size", asked.batch_size), ("μ", "learning_rate", asked.learning_rate)):
            st.text_input(
                f"{label}, if known", value, max_chars=20, key=_key(name), on_change=_reread, width=140,
                help="Where the file has a column of it, that counts.",
            )  # fmt: skip


def _brought() -> _Brought | None:
    found: _Brought | None = st.session_state.get(_BROUGHT)
    return found


def _key(name: str) -> str:
    """The key of a widget; another for another file, so that nothing typed for one is said of the next."""
    return f"elsewhere {name} {st.session_state.get(_OFF if name == 'file' else _TIMES, 0)}"


def _take(key: str) -> None:
    """Read what was brought just now; nothing brought takes the curve off."""
    given = st.session_state.get(key)
    if not given:
        st.session_state.pop(_BROUGHT, None)
        return
    st.session_state[_TIMES] = st.session_state.get(_TIMES, 0) + 1
    try:
        if isinstance(given, str):
            table = foreign.read(given.encode(errors="replace"), "pasted", most=4 * LONGEST_PASTE)
        else:
            table = foreign.read(given.getvalue(), given.name)
    except UserError as error:
        st.session_state[_BROUGHT] = _Brought(None, None, None, str(error))
    else:
        _keep(table, foreign.first(table))


def _reread() -> None:
    """Make the curve anew of what the controls say."""
    brought = _brought()
    if brought is None or brought.table is None or brought.asked is None:
        return
    said = {name: st.session_state.get(_key(name)) for name in ("column", "steps", "batch_size", "learning_rate")}
    asked = replace(brought.asked, **{name: value for name, value in said.items() if value is not None})
    kind = st.session_state.get(_key("kind"), _LOSS if asked.loss else _ACCURACY)
    if asked.column != brought.asked.column:
        kind = _LOSS if foreign.is_loss(brought.table, asked.column) else _ACCURACY
        st.session_state[_key("kind")] = kind
    _keep(brought.table, replace(asked, loss=kind == _LOSS))


def _keep(table: foreign.Table, asked: foreign.Asked) -> None:
    try:
        st.session_state[_BROUGHT] = _Brought(table, asked, foreign.curve(table, asked))
    except UserError as error:
        st.session_state[_BROUGHT] = _Brought(table, asked, None, str(error))


def _take_off() -> None:
    st.session_state.pop(_BROUGHT, None)
    st.session_state[_OFF] = st.session_state.get(_OFF, 0) + 1
