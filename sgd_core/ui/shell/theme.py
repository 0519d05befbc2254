"""The one palette, read from .streamlit/config.toml for the theme that the reader has on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st


def dark() -> bool:
    """Whether the reader's theme is dark."""
    return st.context.theme.type == "dark"


def colour(option: str) -> str:
    """A single colour of the theme in use, by its name in config.toml."""
    return str(st.get_option(f"theme.{_mode()}.{option}"))


def accents() -> list[str]:
    """Colours for unordered things: the accent first."""
    return list(st.get_option(f"theme.{_mode()}.chartCategoricalColors"))


def ramp(ranks: Sequence[float]) -> list[str]:
    """Colours for ordered things, cold to hot: rank 0 is the least noise, 1 the most."""
    colours = list(st.get_option(f"theme.{_mode()}.chartSequentialColors"))
    return [colours[round(rank * (len(colours) - 1))] for rank in ranks]


def tint() -> tuple[str, str]:
    """From next to nothing to much, for areas with a number on them."""
    return colour("secondaryBackgroundColor"), accents()[1]


def by_noise(noise: Iterable[float]) -> list[str]:
    """The colour of every run by its mean mu/B, cold to hot: equal noise (to two digits) is one colour."""
    ranked = two_digits(noise)
    levels = sorted(set(ranked))
    return ramp([levels.index(each) / (len(levels) - 1) if len(levels) > 1 else 1.0 for each in ranked])


def two_digits(noise: Iterable[float]) -> list[float]:
    """Mean mu/B as far as it tells runs apart: B_k is rounded, so equal schedules of mu/B differ in later digits."""
    return [float(f"{each:.2g}") for each in noise]


def _mode() -> str:
    return "dark" if dark() else "light"
