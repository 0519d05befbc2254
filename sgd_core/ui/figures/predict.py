"""Predict, then reveal: chosen runs stay hidden until the class has guessed where they end."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from sgd_core.evidence.sentences import predict as sentences
from sgd_core.ui.shell import words


def controls(names: list[str]) -> list[str]:
    """The switch and, while it is on, the choice of runs to hide. Returns the chosen runs, none while it is off."""
    on = st.toggle(
        "Predict first", key="predict", bind="query-params",
        help="Hide the curves of chosen runs until the class has guessed where they end.",
    )  # fmt: skip
    if not on:
        return []
    chosen = st.pills(
        "Hide until guessed", names, selection_mode="multi", default=names[-1:], key="hide", bind="query-params"
    )
    return [name for name in names if name in chosen]


def guesses(topic: str, hidden: Sequence[str], low: float, high: float, loss: bool) -> dict[str, float] | None:
    """Ask for one guess per hidden run; returns them once they are locked in, None before.

    `topic` names what is guessed (figure and measure): each topic is guessed anew.
    """
    key = f"guesses {topic} {hidden}"
    locked: dict[str, float] | None = st.session_state.get(key)
    if locked is not None:
        st.button("Hide and guess again", on_click=st.session_state.pop, args=(key,))
        return locked
    with st.form(f"form {key}", border=True):
        words.say(f"**Your guess:** where does each hidden run end? ({'train loss' if loss else 'percent'})")
        if loss:
            asked = {name: st.slider(name, low, high, (low + high) / 2, 0.01) for name in hidden}
        else:
            asked = {
                name: st.slider(name, round(low * 100), 100, round((low + high) * 50), 1, format="%d%%") / 100
                for name in hidden
            }
        if st.form_submit_button("Lock in and reveal", type="primary"):
            st.session_state[key] = asked
            st.rerun()
    return None


def verdict(guessed: dict[str, float], ends: dict[str, float], loss: bool) -> None:
    """The guesses against the results, one line a run."""
    for name, guess in guessed.items():
        words.say(f"- {sentences.verdict(name, guess, ends[name], loss)}")
