"""What a page is, what every page does first and last, links between pages, and errors said in a sentence.

Controls that a link should reproduce are bound to the URL with `bind="query-params"`; Streamlit drops values that are
not among a control's choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from sgd_core.charts import player
from sgd_core.errors import UserError
from sgd_core.ui.shell import browser, words
from sgd_core.ui.shell.streamlit_private import style

START, LESSON = "", "Lesson"
CLASS = "For a class"
FIGURES, ANSWER = "The paper's figures", "The answer"
NOISE_LAB, PLAN = "Why μ/B: the noise lab", "Plan a run, and train it"
LOOK_UP = "To look up"
"""The parts of the path through the app; the first page stands before them."""


@dataclass(frozen=True)
class Page:
    """One page as the menu, the links to it and its own opening have it."""

    slug: str
    """Its place in a URL, and its file's name in pages/; START is app.py."""
    section: str
    label: str
    """In the menu."""
    title: str
    question: str
    """What it answers; it stands below the title."""
    intro: str
    """What follows the question."""
    next: str | None
    """The slug of the page that follows on the path; None ends it."""
    tab: str = ""
    """Title of the browser's tab, where it is not `title`."""

    @property
    def file(self) -> str:
        return file_of(self.slug)


Sections = Mapping[str, list[Page]]
"""Every page, by the section it stands in, both in the order of the path."""

PRESENT = "present"
ABOUT = "SGD lab: how batch size and learning rate decide what SGD finds."
"""With it the menu at the upper right is shown, and in that the choice of a theme."""
ICON = Path(__file__).with_name("icon.svg")
"""A file, because the browser would ask Google for a :material: icon at every rerun."""

_PRESENTATION = style("""
<style>
$SIDEBAR, $CLOSED_SIDEBAR, $HEADER, .st-key-controls, [class*="st-key-controls-"], .st-key-details { display: none; }
.stMainBlockContainer { padding-top: 1.5rem; max-width: 100%; }
.stMainBlockContainer p, .stMainBlockContainer li { font-size: 1.35rem; line-height: 1.5; }
.stMainBlockContainer h1 { font-size: 2.8rem; }
.vega-bind, .vega-bind-name { font-size: 1.2rem !important; }
.st-key-present { position: fixed; top: 0.75rem; right: 1.5rem; width: auto; z-index: 100; }
.vega-bind input[type="range"] { width: 60vw !important; }
</style>
""")

_STYLE = style(
    """
<style>
.stMainBlockContainer { max-width: 100rem; padding-top: 3.5rem; padding-bottom: 3rem; }
.stMainBlockContainer :is(p, li):not(label *, button *, a *) { max-width: 34em; }
$CHART_DATA { display: none; }
$CHART.vega-embed { display: flex; flex-direction: column; }
:has(> :is(.st-key-browser, .st-key-ends)) { position: absolute; }
.vega-bindings { order: -1; flex-flow: row wrap !important; column-gap: 1.5rem !important; margin-bottom: 0.5rem; }
.vega-bind, .vega-bind label { width: auto !important; min-width: 0; max-width: 100%; }
.vega-bind-name { min-width: 0 !important; }
.stMainBlockContainer p { text-wrap: pretty; }
.to-page, .to-page:visited {
  display: inline-block; padding: 0.1rem 0.5rem; color: inherit; text-decoration: none; font-size: 0.95rem;
}
.to-page:hover, .to-page:focus-visible { text-decoration: underline; }
.to-page::before { content: "→"; padding-right: 0.5rem; opacity: 0.6; }
$CHOICES :is([role="radiogroup"], [role="toolbar"], [role="group"]) {
  flex-wrap: wrap; row-gap: 0.25rem;
}
$SLIDER_VALUE, $SLIDER_VALUE p { white-space: nowrap; text-wrap: nowrap; }
.vega-bind input[type="range"] { width: min(32rem, 50vw) !important; min-width: 0; }
.vega-bind input[type="range"] + * { display: none; }
"""
    + player.STYLE
    + "</style>"
)
CALM = style(f"""
<style>
@keyframes {player.KEEP_STILL} {{ from {{ visibility: visible; }} }}
@media (prefers-reduced-motion: reduce) {{ $CHART svg.marks {{ animation: {player.KEEP_STILL} 1ms; }} }}
</style>
""")
"""What tells charts that the reader has asked for less motion, in a tab's very first run too: see charts.player."""


def setup(page: Page, sections: Sections) -> None:
    """Draw what every page begins with: menu, title, question and intro, their words explained."""
    st.set_page_config(
        page_title=f"{page.tab or page.title} · SGD lab", page_icon=ICON, layout="wide", menu_items={"About": ABOUT}
    )
    st.html(_STYLE + CALM + words.STYLE)
    _keep_presenting()
    browser.listen()
    _menu(sections)
    if presenting():
        st.html(_PRESENTATION)
    st.title(page.title)
    question = f"**{page.question}** " if page.question != page.title else ""
    words.begin()
    words.say(question + page.intro)


def _keep_presenting() -> None:
    """Set the switch, which Streamlit forgets on the way to the next page where it came by a link, and its address."""
    st.session_state[PRESENT] = presenting()
    if presenting() and PRESENT not in st.query_params:
        st.query_params[PRESENT] = "true"


def _menu(sections: Sections) -> None:
    with st.sidebar:
        for title, pages in sections.items():
            if title:
                st.caption(title)
            for page in pages:
                st.page_link(page.file, label=page.label)


def onward(page: Page) -> None:
    """Draw the link to the page that follows on the path."""
    st.page_link(page.file, label=f"Next: {page.title}", icon=":material/arrow_forward:")


def file_of(slug: str) -> str:
    """A page's file, as st.page_link wants it."""
    return f"pages/{slug}.py" if slug != START else "app.py"


def presenting() -> bool:
    """Whether presentation size is on."""
    return bool(st.session_state.get(PRESENT, st.query_params.get(PRESENT) == "true"))


def address(slug: str, query: Mapping[str, str | list[str]]) -> str:
    """The link to a page with exactly these controls, and presentation size where it is on.

    For plain links, because st.page_link keeps what the controls of the page being left say (Streamlit 1.67).
    """
    controls = {**query, PRESENT: "true"} if presenting() else query
    return f"{slug}?{urlencode(controls, doseq=True)}"


def link(label: str, slug: str, query: Mapping[str, str | list[str]]) -> None:
    """Draw such a link."""
    st.html(f'<a class="to-page" href="{escape(address(slug, query))}">{escape(label)}</a>')


def presentation_switch() -> None:
    """The one switch that stays on screen in presentation size; put it last on a page."""
    st.toggle(
        "Presentation size", key=PRESENT, bind="query-params",
        help="Larger type, no menu and no controls, for a projector. The switch is in the link.",
    )  # fmt: skip


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what the user can mend as a sentence in place of the part that failed."""
    try:
        yield
    except UserError as error:
        st.error(str(error), icon=":material/error:")
