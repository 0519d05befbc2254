"""The way through the app: every page once, in the order in which a newcomer would take them.

Each page says in its own module what it asks and which page follows; the menu, the first page and the links onward
come from here.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from sgd_core.evidence.sentences.words import plain
from sgd_core.ui.answer import collapse, evidence, sharpness
from sgd_core.ui.every_run import runs
from sgd_core.ui.figures import figure
from sgd_core.ui.lesson import join, lesson
from sgd_core.ui.noise_lab import guess, limits, live, motion, network, valleys, workbench
from sgd_core.ui.shell import kept, link, page
from sgd_core.ui.shell.page import Page
from sgd_core.ui.start import first, glossary
from sgd_core.ui.train import train

_MODULES = (
    first, lesson, collapse, evidence, sharpness, live, guess, motion, valleys, network, limits, workbench, train, runs,
    glossary,
)  # fmt: skip
PAGES: dict[str, Page] = {each.slug: each for each in (*(m.PAGE for m in _MODULES), *figure.PAGES.values())}
"""Every page by its slug, in no order."""


def in_order() -> list[Page]:
    """The pages from the first on, each followed by the one it names."""
    pages, at = [], PAGES[page.START]
    while at not in pages:
        pages.append(at)
        if at.next is None:
            break
        at = PAGES[at.next]
    return pages


def sections() -> dict[str, list[Page]]:
    """Section -> its pages."""
    found: dict[str, list[Page]] = {}
    for each in in_order():
        found.setdefault(each.section, []).append(each)
    return found


def draw(of: Page, show: Callable[[], None]) -> None:
    """Draw a whole page; `show` draws what stands between its question and the link onward."""
    said = link.tidy()
    asked = link.asked()
    page.setup(of, sections())
    above = st.container()
    for trouble in kept.troubles():
        st.warning(plain(trouble), icon=":material/warning:")
    with page.plain_errors():
        show()
    with above:
        link.say([*said, *link.not_offered(asked)])
    if of.next is not None:
        page.onward(PAGES[of.next])
    page.presentation_switch()


def draw_first() -> None:
    """Draw the first page, which shows the whole path."""
    draw(first.PAGE, lambda: first.show(sections()))


def draw_lesson() -> None:
    """Draw what the link asks for, with nothing around it: a phone's screen, a lesson's, or else the choice of one."""
    link.tidy()
    if join.asked():
        join.play()
    elif lesson.playing():
        lesson.play()
    else:
        draw(lesson.PAGE, lesson.choose)


def draw_figure(number: int) -> None:
    """Draw the page of one of the paper's figures."""
    draw(figure.PAGES[number], lambda: figure.show(number))
