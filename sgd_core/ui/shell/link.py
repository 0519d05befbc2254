"""What a page takes from its link: the rest is left out, with a word about it.

What no page takes is left out before any control reads it. What a control does not offer Streamlit drops from the link
without a word, once the control is drawn; so what the link asks is kept before, and compared after.

Anyone can write a link. Streamlit 1.67 hands an empty value to controls that must have one, and a number without end to
sliders, which ends the page; and a thousand values cost all visitors seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from sgd_core.evidence.sentences import link as sentences
from sgd_core.ui.shell import streamlit_private
from sgd_core.ui.shell.streamlit_private import Bound

LONGEST = 300
"""Characters of a value; the longest that a page writes is the search of Every run."""
VALUES = 48
"""Of one name: more runs are never drawn, nor asked for."""
NAMES = 80
LARGEST = 1e15
"""Of a number: beyond it, whole numbers are no longer exact in a browser."""
TEXTS = {"find", "room", "phone", "steer", "run", "job", "lesson", "address"}
"""Names whose values are no numbers, though they may look like one: 1234e5678 begins the key of a run."""
CLEARED = "values_"
"""How the names of choices begin that a reader may clear: their empty value says so."""

Link = Mapping[str, Sequence[str]]


def tidy() -> list[str]:
    """Leave out of the page's link what no page takes; a sentence for each."""
    kept, said = tidied(streamlit_private.link())
    if said:
        streamlit_private.set_link(kept)
    return said


def tidied(link: Link) -> tuple[dict[str, list[str]], list[str]]:
    """What is taken of a link, and a sentence for everything that is not."""
    kept: dict[str, list[str]] = {}
    said = []
    for name, values in list(link.items())[:NAMES]:
        troubles = {value: trouble for value in values if (trouble := _trouble(name, value))}
        good = [value for value in values if value not in troubles]
        kept |= {name: good[:VALUES]} if good else {}
        said += [sentences.left_out(name, value, trouble) for value, trouble in list(troubles.items())[:1]]
        if len(good) > VALUES:
            said.append(sentences.too_many(name, len(good), VALUES))
    if len(link) > NAMES:
        said.append(sentences.too_many("", len(link), NAMES))
    return kept, said


def leave_behind(key: str, takes: Callable[[Any], bool]) -> None:
    """Forget what a control of another page has under the name of one that is drawn next, and that it does not take.

    Where both are written alike in a link, Streamlit hands one's text to the other as it is.
    """
    if key in st.session_state and not takes(st.session_state[key]):
        del st.session_state[key]


def asked() -> dict[str, list[str]]:
    """What the link asks of controls that are not there yet; before any is drawn."""
    known = {*st.session_state}  # which does not let itself be asked for a name that no control can have
    return {name: values for name, values in streamlit_private.link().items() if name not in known}


def not_offered(asked: Link) -> list[str]:
    """A sentence for everything that the link asked of a control in vain; once all are drawn."""
    said = []
    for name, control in streamlit_private.bound(asked).items():
        said += _in_vain(name, [value for value in dict.fromkeys(asked[name]) if value], control)
    return said


def _in_vain(name: str, values: Sequence[str], control: Bound) -> list[str]:
    lost = [value for value in values if not any(_same(value, shown) for shown in control.shown)]
    there = [value for value in lost if value in control.names]
    wrong = [value for value in lost if value not in control.names]
    allowed = sentences.offered(control.names, control.limits)
    said = [sentences.left_out(name, wrong[0], sentences.not_offered(allowed, control.shown))] if wrong else []
    if there:
        said.append(sentences.too_many(name, len(values) - len(wrong), len(control.shown)))
    return said


def _same(value: str, shown: str) -> bool:
    try:
        return math.isclose(float(value), float(shown))
    except ValueError:
        return value == shown or (value.lower() == shown and shown in ("true", "false"))


def say(said: Sequence[str]) -> None:
    """Draw the sentences of `tidy` and `not_offered`."""
    for sentence in said[: sentences.SAID]:
        st.caption(f":material/info: {sentence}")


def _trouble(name: str, value: str) -> str:
    """What is wrong with a value, or ''."""
    if len(name) > LONGEST or len(value) > LONGEST:
        return f"it has {max(len(name), len(value)):,} characters, and {LONGEST} are taken at most"
    if not value.strip() and not name.startswith(CLEARED):
        return "it is empty"
    if not value.isprintable():
        return "it holds what cannot be printed"
    return "it is no number that a control has" if name not in TEXTS and _absurd(value) else ""


def _absurd(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return not math.isfinite(number) or abs(number) > LARGEST
