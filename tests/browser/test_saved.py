"""Pictures saved as one HTML file: they move offline, and count what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sgd_core.charts.axes import AXES
from sgd_core.charts.clock import GLIDE_STEPS
from sgd_core.ui.answer import collapse
from sgd_core.ui.figures import saved
from tests.conftest import ROOT, pages_of
from tools.browser import until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

TEXTS = """() => {
  const found = [];
  const walk = item => {
    if (item.marktype === 'text') for (const each of item.items) found.push([].concat(each.text).join(' '));
    for (const each of item.items || []) walk(each);
  };
  walk(chart.scenegraph().root);
  return found;
}"""
"""Every text in the picture."""


@pytest.fixture
def offline(context: BrowserContext, tmp_path: Path) -> Iterator[tuple[Page, Path]]:
    """A tab that may read nothing but files, and where the file goes."""
    page = context.new_page()
    page.route(re.compile("^(?!file:)"), lambda route: route.abort())
    yield page, tmp_path / "saved.html"
    page.close()


def opened(offline: tuple[Page, Path], text: str) -> Page:
    page, file = offline
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    until(page, "() => window.chart")
    assert errors == []
    return page


def test_a_saved_figure_plays_offline_and_says_where_it_comes_from(offline: tuple[Page, Path], tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path / "cache"):
        text = saved.from_published(1, "Test accuracy", AXES["time"])
    page = opened(offline, text)
    assert "At one learning rate, what does a larger batch change?" in page.inner_text("body")
    assert "Hardware" in page.inner_text("footer")
    assert page.evaluate("() => chart.signal('clock')") == 1000
    page.get_by_role("button", name="Play").click()
    until(page, "() => chart.signal('clock') > 20 && chart.signal('clock') < 900")
    assert page.evaluate("() => document.querySelector('#chart canvas').width") > 500


BUSY = """() => {
  window.shares = [];
  chart.addSignalListener('share', (_, share) => window.shares.push(share));
  chart.signal('along', 'epochs').runAsync();
  const end = performance.now() + 3000;
  while (performance.now() < end);
}"""
"""The other axis is chosen, and then the browser has something else to do for longer than the glide takes."""


def test_the_collapse_glides_in_a_busy_browser_too(offline: tuple[Page, Path], tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path / "cache"):
        page = opened(offline, collapse.html("The paper's accuracy"))
    until(page, "() => chart.signal('share') === 1")
    page.evaluate(BUSY)
    until(page, "() => chart.signal('share') === 0")
    on_the_way = [share for share in page.evaluate("() => window.shares") if 0 < share < 1]
    assert len(on_the_way) >= GLIDE_STEPS - 1
    assert on_the_way == sorted(on_the_way, reverse=True)


def test_the_collapse_glides_and_its_handle_counts_what_the_page_says(
    offline: tuple[Page, Path], tmp_path: Path
) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path / "cache"):
        text = collapse.html("The paper's accuracy")
        told = collapse.drawn("The paper's accuracy").told
    page = opened(offline, text)
    assert page.evaluate("() => chart.signal('share')") < 1
    until(page, "() => chart.signal('share') === 1")
    page.wait_for_timeout(300)
    counted = " ".join(page.evaluate(TEXTS))
    expected = re.search(
        r"The (\d+) that reach T_eff = [\d.]+ are ([\d.]+) points apart .* differs ([\d.]+)-fold", told
    )
    assert expected is not None
    runs, gap, fold = expected.groups()
    assert f"{runs} runs have trained equally far." in counted
    assert f"They are {gap} points apart." in counted
    assert f"Their noise μ/B differs {fold}-fold." in counted
    page.evaluate("() => chart.signal('along', 'epochs').signal('handle', 0.5).runAsync().then(() => 0)")
    until(page, "() => chart.signal('share') === 0")
    assert "27 runs have seen equally much." in " ".join(page.evaluate(TEXTS))
    page.evaluate("() => chart.signal('dots', 'same T_eff for all, over μ/B').runAsync().then(() => 0)")
    assert any("ten times μ/B: " in each for each in page.evaluate(TEXTS))
