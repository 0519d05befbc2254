"""Every page: with the keyboard alone, on a phone in the dark, opened by a link, one control changed, reloaded.

The three tests of a page share its tab, as a visit costs more than what is looked at: each goes on where the one before
it ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from sgd_core.ui.shell.streamlit_private import ERRORS
from tests.browser.conftest import visits
from tests.browser.pages import PHONE, WIDE
from tools import server
from tools.browser import DRAWN, until, visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ONE_OF_EACH_KIND = ("", "Figure_1_Batch_size", "Noise_lab_Motion", "Train")
"""Those that are not asked for in `make test-long` alone."""
ADDRESSES = [
    address if address in ONE_OF_EACH_KIND else pytest.param(address, marks=pytest.mark.long)
    for address in server.pages().values()
]
LINKS = {
    "Figure_1_Batch_size": "?x=T&metric=Validation+accuracy",
    "Figure_2_Learning_rate": "?seeds=Each+seed&x=Updates",
    "Figure_3_Decay": "?predict=true&hide=time-based",
    "Figure_4_Growing_batch": "?beside=true&metric=Train+loss",
}
"""What stands in the link that a figure's page is opened by."""

STILL = 4
STATE = """() => {
    const main = document.querySelector('.stMainBlockContainer');
    const own = node => !node.closest('.vega-bindings');
    const all = selector => [...main.querySelectorAll(selector)].filter(own);
    return {
        title: main.querySelector('h1').innerText,
        chosen: all('[role=radio][aria-checked=true], button[aria-pressed=true]').map(one => one.innerText),
        switched: all('input[type=checkbox]').map(one => one.checked),
        slid: all('[role=slider], input[type=range]').map(one => one.getAttribute('aria-valuetext') ?? one.value),
        typed: all('input[type=number], input[type=text]').map(one => one.value),
    };
}"""
"""What every control of a page says; the ones inside charts are not part of a link."""

SETTLED = f"""() => {{
    const now = ({DRAWN})() && JSON.stringify(({STATE})());
    const [before, times] = window.looks ?? [null, 0];
    window.looks = [now, now && now === before ? times + 1 : 0];
    return window.looks[1] >= {STILL};
}}"""
"""Whether the page is there and every control says what it said the last few times that this was asked."""


def change_a_control(page: Page) -> None:
    """Choose another option, move a slider, or where a page has neither, switch to presentation size."""
    controls = page.locator("[class*='st-key-controls']")
    others = controls.locator("[role=radio][aria-checked=false]")
    sliders = controls.get_by_role("slider")
    if others.count():
        others.first.click()
    elif sliders.count():
        sliders.first.press("ArrowRight")
    else:
        page.locator(".st-key-present label").click()


CONTRAST = """() => {
    const paint = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = light(paint(getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor));
    const against = colour => {
        const other = light(paint(colour));
        return (Math.max(ground, other) + 0.05) / (Math.min(ground, other) + 0.05);
    };
    const parts = (selector, property) => [...document.querySelectorAll(`.stVegaLiteChart svg.marks ${selector}`)]
        .filter(node => node.getAttribute('opacity') !== '0')
        .map(node => getComputedStyle(node)[property]).filter(colour => colour.startsWith('rgb'));
    const least = colours => Math.min(...new Set(colours.map(against)), 21);
    return {ground, text: least(parts('text', 'fill')), line: least(parts('.mark-line path', 'stroke'))};
}"""
"""Luminance of the page, and the least contrast of type and lines in its charts (WCAG 2.2)."""


FITS = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .every(node => node.scrollWidth <= node.clientWidth)"""
"""Whether nothing scrolls sideways."""


def assert_fits_and_can_be_read(page: Page, dark: bool) -> None:
    """At the width of a phone nothing scrolls sideways, and type and lines of charts stand out from the page."""
    wide = "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(node => node.scrollWidth)"
    until(page, f"() => Math.max(...{wide}) <= {PHONE['width']}")
    until(page, DRAWN)
    seen = page.evaluate(CONTRAST)
    assert (seen["ground"] < 0.05) == dark
    assert seen["text"] >= 3
    assert seen["line"] >= 2.5


@pytest.fixture(scope="module", params=ADDRESSES)
def address(request: pytest.FixtureRequest) -> str:
    """A page's place in a URL."""
    return str(request.param)


@pytest.fixture(scope="module")
def page(address: str, context: BrowserContext, site: str, rested: list[Page]) -> Iterator[Page]:
    """It, opened cold in the dark."""
    with visits(context, site, rested) as visited:
        yield visited(address, dark=True)


FOCUSABLE = """() => {
    const shown = node => node.checkVisibility({opacityProperty: true, visibilityProperty: true});
    const main = document.querySelector('.stMainBlockContainer');
    const within = (node, test) => node.closest(`[data-testid=${test}]`);
    const hidden = node => ['checkbox', 'range'].includes(node.type);  // drawn by what is around it
    const nodes = [...main.querySelectorAll('button, input, select, textarea, a[href], summary')]
        .filter(node => !node.disabled)
        .filter(node => !within(node, 'stElementToolbar') && !within(node, 'stHeaderActionElements'))
        .filter(node => shown(node) || hidden(node) && shown(node.parentElement));
    const group = node => node.closest('[role=radiogroup], .vega-bind-radio, [role=toolbar], '
        + '[data-testid=stNumberInput], [data-testid=stSelectbox], [data-testid=stMultiSelect]') ?? node;
    const names = nodes.map(node => (node.ariaLabel || node.innerText || node.name || node.outerHTML).slice(0, 60));
    window.left = new Set(names.keys());
    addEventListener('focusin', event => {
        for (const i of window.left) if (group(nodes[i]) === group(event.target)) window.left.delete(i);
    });
    return names;
}"""
"""Every control of the page; `left` holds those that have not had the focus. In a group the arrow keys go on, and the
buttons beside a number or a list do what the arrow keys do in it."""


def test_the_keyboard_alone_reaches_every_control(page: Page) -> None:
    assert page.locator(ERRORS).count() == 0
    names = page.evaluate(FOCUSABLE)
    assert len(names) > 1
    left = names
    for _ in range(8):
        for _ in range(len(names) // 2 + 12):  # the menu's links and the headings' lie between
            page.keyboard.press("Tab")
        left = [names[i] for i in page.evaluate("() => [...window.left]")]
        if not left:
            break
    assert left == []


def test_a_page_in_the_dark_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    assert_fits_and_can_be_read(page, dark=True)


def test_a_link_opens_cold_and_a_changed_control_survives_a_reload(address: str, page: Page, site: str) -> None:
    page.set_viewport_size(WIDE)
    link = LINKS.get(address, "")
    if link:
        visit(page, f"{site}/{address}{link}")
    assert page.locator(ERRORS).count() == 0
    linked = page.evaluate(STATE)
    for value in re.findall(r"=([^&]+)", link):
        wanted = value.replace("+", " ")
        assert wanted in linked["chosen"] or (wanted == "true" and True in linked["switched"]), value
    url = page.url
    change_a_control(page)
    until(page, "url => location.href !== url", arg=url)
    until(page, SETTLED, every=400)  # a control may set others, which the server tells later than the URL
    changed = page.evaluate(STATE)
    assert changed != linked
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    page.reload()
    until(page, DRAWN)
    until(page, f"state => JSON.stringify(({STATE})()) === JSON.stringify(state)", arg=changed)
    assert page.locator(ERRORS).count() == 0
    assert_fits_and_can_be_read(page, dark=False)
    page.set_viewport_size(WIDE)
    until(page, FITS)


def test_the_server_never_loads_torch(site: str) -> None:
    """Runs last in this file, when its pages have been opened."""
    port = site.rpartition(":")[2]
    assert "torch" not in maps_of(port)


def maps_of(port: str) -> str:
    """The files that the server on this port has in its memory."""
    from pathlib import Path

    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"streamlit" in command and port.encode() in command:
                return (process / "maps").read_text()
        except OSError:
            continue
    raise AssertionError(f"no server on port {port}")
