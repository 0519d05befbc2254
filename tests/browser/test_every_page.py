"""Every page: opened cold by a link, one control changed, reloaded; on a phone in the dark; with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sgd_core.cli import server
from sgd_core.cli.browser import DRAWN

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESSES = list(server.pages().values())
LINKS = {
    "Figure_1_Batch_size": "?x=T&metric=Validation+accuracy",
    "Figure_2_Learning_rate": "?seeds=Each+seed&x=Updates",
    "Figure_3_Decay": "?predict=true&hide=time-based",
    "Figure_4_Growing_batch": "?beside=true&metric=Train+loss",
}
"""What stands in the link that a figure's page is opened by."""

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

ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_link_opens_cold_and_a_changed_control_survives_a_reload(address: str, visited: Callable[..., Page]) -> None:
    page = visited(address + LINKS.get(address, ""))
    assert page.locator(ERRORS).count() == 0
    linked = page.evaluate(STATE)
    for value in re.findall(r"=([^&]+)", LINKS.get(address, "")):
        wanted = value.replace("+", " ")
        assert wanted in linked["chosen"] or (wanted == "true" and True in linked["switched"]), value
    url = page.url
    change_a_control(page)
    page.wait_for_function("url => location.href !== url", arg=url)
    page.wait_for_function(DRAWN)
    changed = page.evaluate(STATE)
    assert changed != linked
    page.reload()
    page.wait_for_function(DRAWN)
    page.wait_for_function(f"state => JSON.stringify(({STATE})()) === JSON.stringify(state)", arg=changed)
    assert page.locator(ERRORS).count() == 0


def change_a_control(page: Page) -> None:
    """Choose another option, move a slider, or where a page has neither, switch to presentation size."""
    controls = page.locator(".st-key-controls")
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


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_fits_a_phone_and_its_charts_can_be_read(address: str, dark: bool, visited: Callable[..., Page]) -> None:
    page = visited(address, width=390, height=844, dark=dark)
    assert page.locator(ERRORS).count() == 0
    wide = page.evaluate(
        "() => [document.documentElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
    )
    assert max(wide) <= 390
    seen = page.evaluate(CONTRAST)
    assert (seen["ground"] < 0.05) == dark
    assert seen["text"] >= 3
    assert seen["line"] >= 2.5


FOCUSABLE = """() => {
    const shown = node => node.checkVisibility({opacityProperty: true, visibilityProperty: true});
    const main = document.querySelector('.stMainBlockContainer');
    const within = (node, test) => node.closest(`[data-testid=${test}]`);
    const hidden = node => ['checkbox', 'range'].includes(node.type);  // drawn by what is around it
    const nodes = [...main.querySelectorAll('button, input, select, textarea, a[href], summary')]
        .filter(node => !node.disabled)
        .filter(node => !within(node, 'stElementToolbar') && !within(node, 'stHeaderActionElements'))
        .filter(node => shown(node) || hidden(node) && shown(node.parentElement));
    window.wanted = nodes;
    return nodes.map(node => (node.ariaLabel || node.innerText || node.name || node.outerHTML).slice(0, 60));
}"""
REACHED = """() => {
    const here = document.activeElement;
    const group = node => node.closest('[role=radiogroup], [role=toolbar]') ?? node;
    return window.wanted.map((node, i) => node === here || group(node) === group(here) && group(node) !== node ? i : -1)
        .filter(i => i >= 0);
}"""
"""Which of them the keyboard is on; within a group of choices the arrow keys go on."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_keyboard_alone_reaches_every_control(address: str, visited: Callable[..., Page]) -> None:
    page = visited(address)
    names = page.evaluate(FOCUSABLE)
    assert len(names) > 1
    page.evaluate("() => document.activeElement?.blur()")
    reached: set[int] = set()
    for _ in range(3 * len(names) + 40):
        page.keyboard.press("Tab")
        reached.update(page.evaluate(REACHED))
        if len(reached) == len(names):
            break
    assert [name for i, name in enumerate(names) if i not in reached] == []


def test_the_server_never_loads_torch(site: str) -> None:
    """Runs last in this file, when every page has been opened."""
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
