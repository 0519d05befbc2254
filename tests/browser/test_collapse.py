"""The page on the collapse on a phone: what is written in its chart can be read."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.pages import CHART, PHONE
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

PLACES = f"""() => [...document.querySelectorAll('{CHART} svg.marks text')]
    .filter(text => text.textContent.trim() && Number(text.getAttribute('opacity') ?? 1) > 0)
    .map(text => [text.textContent, text.getBoundingClientRect()])
    .map(([text, at]) => [text, at.left, at.right, at.top, at.bottom])"""
"""Every text that is seen, and where it stands."""
DOTS = ("ends, over μ/B", "ends, over T_eff", "same T_eff for all, over μ/B")


def test_labels_of_the_collapse_are_whole_and_apart_on_a_phone(visited: Callable[..., Page]) -> None:
    page = visited("Collapse", **PHONE)
    bound = page.locator(f"{CHART} .vega-bindings")
    edge = page.evaluate(f"() => document.querySelector('{CHART} svg.marks').getBoundingClientRect().right")
    for along, dots in itertools.product(("epochs", "training time T_eff"), DOTS):
        bound.get_by_label(along).check()
        bound.locator("select").select_option(dots)
        page.wait_for_timeout(200)  # the glide begins
        until(page, f"() => ({PLACES})().some(([text]) => text.includes(' apart'))")  # it has ended
        places = page.evaluate(PLACES)
        assert len(places) > 12
        for text, left, right, _, _ in places:
            assert 0 <= left < right <= edge + 0.5, (along, dots, text)
        for one, other in itertools.combinations(places, 2):
            apart = one[2] <= other[1] or other[2] <= one[1] or one[4] <= other[3] or other[4] <= one[3]
            assert apart, (along, dots, one[0], other[0])


def test_nothing_glides_for_a_reader_who_wants_less_motion(visited: Callable[..., Page]) -> None:
    page = visited("Collapse")
    page.evaluate(f"() => {{ window.first = document.querySelector('{CHART} svg.marks'); }}")
    page.emulate_media(reduced_motion="reduce")
    until(page, "() => !window.first.isConnected")
    until(page, DRAWN)
    drawn = f"document.querySelector('{CHART} .mark-line path').getAttribute('d')"
    before = page.evaluate(drawn)
    page.locator(f"{CHART} .vega-bindings").get_by_label("epochs").check()
    until(page, f"before => {drawn} !== before", arg=before)
    first = page.evaluate(drawn)
    page.wait_for_timeout(600)
    assert page.evaluate(drawn) == first
