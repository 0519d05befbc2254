"""The page of the words: the whole list, each under a heading that a link can name."""

from __future__ import annotations

import streamlit as st

from sgd_core.ui.shell import page, words

PAGE = page.Page(
    slug="Words",
    section=page.LOOK_UP,
    label="The words",
    title="The words of this app",
    question="What do the words with a dotted line mean?",
    intro="Every page explains them where they first stand. A link may end in one of them: Words#momentum.",
    next=None,
    tab="Words",
)


def show() -> None:
    """Draw every word with its meaning, by the alphabet."""
    for word in sorted(words.WORDS.values(), key=lambda word: word.slug):
        st.markdown(f"##### {word.title}")
        st.markdown(words.meaning(word), unsafe_allow_html=True)
