"""The live page in a real browser: it moves without the server, obeys while it moves, and knows when to stand still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sgd_core.ui.shell.live import component
from tests.browser.pages import PHONE
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

STEP = "() => Number(find('.now').textContent.match(/step ([\\d,]+)/)[1].replaceAll(',', ''))"
FIND = """() => { window.find = selector => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .map(host => host.shadowRoot).find(root => root?.querySelector('.live')).querySelector(selector); }"""
MOVED = f"before => ({STEP})() > before"


@pytest.fixture
def live(visited: Callable[..., Page]) -> Callable[..., Page]:
    """Open the live page with a way into the component."""

    def opened(query: str = "", **how: Any) -> Page:
        page = visited(f"Noise_lab_Live{query}", **how)
        page.locator(".walks canvas").first.wait_for()
        page.evaluate(FIND)
        return page

    return opened


def steps(page: Page) -> int:
    return int(page.evaluate(STEP))


def slide(page: Page, label: str, key: str) -> None:
    page.get_by_role("slider", name=label).press(key)


def test_it_moves_without_the_server_and_a_slider_does_not_restart_it(live: Callable[..., Page]) -> None:
    frames: list[str] = []
    page = live(websocket=lambda one: one.on("framereceived", lambda frame: frames.append(str(frame)[:40])))
    until(page, MOVED, arg=60)
    before, sent = steps(page), len(frames)
    until(page, MOVED, arg=before)
    assert len(frames) == sent
    slide(page, "Second batch size B", "ArrowRight")
    until(page, "() => location.search.includes('mu2=1.6') && location.search.includes('B2=32')")
    now = steps(page)
    assert now >= before
    until(page, MOVED, arg=now)
    assert page.locator(".beside").inner_text().startswith("μ/B = 0.05 in both")
    page.reload()
    until(page, DRAWN)
    assert page.get_by_role("slider", name="Second batch size B").get_attribute("aria-valuetext") == "32"
    assert page.get_by_role("slider", name="Second learning rate μ").get_attribute("aria-valuetext") == "1.6"


def test_a_rerun_of_the_page_leaves_the_walk_alone_and_a_seed_starts_it_anew(live: Callable[..., Page]) -> None:
    page = live()
    until(page, MOVED, arg=120)
    page.locator(".st-key-present label").click()
    until(page, "() => location.search.includes('present=true')")
    until(page, DRAWN)
    assert steps(page) > 120
    page.locator(".st-key-present label").click()
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("5")
    seed.press("Enter")
    until(page, f"() => location.search.includes('seed=5') && ({STEP})() < 100")


def test_former_rings_stay_and_are_gone_after_a_restart(live: Callable[..., Page]) -> None:
    page = live()
    ghosts = "() => find('.live').parentElement.live.walks.map(walk => walk.ghosts.length)"
    assert page.evaluate(ghosts) == [0, 0]
    slide(page, "First learning rate μ", "ArrowRight")
    slide(page, "First learning rate μ", "ArrowRight")
    assert page.evaluate(ghosts) == [2, 2]  # the lock takes the second along
    page.get_by_role("button", name="Restart").click()
    assert page.evaluate(ghosts) == [0, 0]


@pytest.mark.parametrize("pause", ["out of sight", "space", "button"])
def test_it_stands_still(pause: str, live: Callable[..., Page]) -> None:
    page = live(height=500)
    until(page, MOVED, arg=5)
    if pause == "out of sight":
        page.get_by_text("Presentation size").scroll_into_view_if_needed()
        until(page, "() => find('.live').getBoundingClientRect().bottom < 0")
    elif pause == "space":
        page.get_by_role("slider", name="Speed").press("Space")
    else:
        page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(200)
    count = "() => find('.live').parentElement.live.walks[0].walkers.steps"
    still = page.evaluate(count)
    page.wait_for_timeout(400)
    assert page.evaluate(count) == still
    if pause == "out of sight":
        page.evaluate("() => find('.live').scrollIntoView()")
    elif pause == "space":
        page.get_by_role("slider", name="Speed").press("Space")
    else:
        page.get_by_role("button", name="Run").click()
    until(page, f"still => ({count})() > still", arg=still)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?mu2=25.6&B2=16&lock=off", "Beyond the edge of stability: μh = 3.16 is above 2(1+m) = 2"),
        ("?mu2=12.8&B2=256", "B = N without replacement: every batch is the whole data set, so there is no noise"),
        ("?mu2=25.6&B2=16&lock=off&m=0.9", "Settl"),
        ("?mu=12&B=rubbish&mu2=0.123&walkers=none", "Settl"),
    ],
)
def test_the_edges_are_said(query: str, said: str, live: Callable[..., Page]) -> None:
    page = live(query)
    words = page.locator("[data-said='1']")
    until(page, "() => find(\"[data-said='1'] span\").textContent.length > 10")
    assert said in words.inner_text()


def test_equal_time_is_equal_mu_times_steps(live: Callable[..., Page]) -> None:
    page = live("?mu=0.2&B=4&mu2=1.6&B2=32&time=mu")
    until(page, MOVED, arg=100)
    page.get_by_role("button", name="Pause").click()
    walks = "() => find('.live').parentElement.live.walks.map(walk => [walk.walkers.steps, walk.walkers.time])"
    (first, time), (second, other) = page.evaluate(walks)
    assert abs(first / second - 8) < 0.7
    assert abs(time - other) <= 1.6


def test_on_a_phone_in_the_dark_it_fits(live: Callable[..., Page]) -> None:
    page = live(**PHONE, dark=True)
    page.evaluate("() => { find('.live').parentElement.live.running = false; }")
    page.evaluate("() => find('.chip').replaceChildren('✗ differs from theory, z = 12.3')")
    wide = page.evaluate("() => [...find('.live').querySelectorAll('*')].map(n => n.getBoundingClientRect().right)")
    assert max(wide) <= PHONE["width"] - 16
    assert page.evaluate("() => find('.live').parentElement.live.look.ink") == "#ece9e2"


@pytest.fixture
def calm(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    yield page
    page.close()


def start(page: Page, small: bool) -> None:
    """The component without Streamlit, on an empty page."""
    sent = component.script().replace("export default function", "window.begin = function")
    page.set_content("<div style='--st-text-color: #000; --st-background-color: #fff; "
                     "--st-chart-categorical-colors: #900, #009, #090, #990'></div>")  # fmt: skip
    page.add_script_tag(content=sent)
    page.evaluate(
        """data => {
            window.root = document.querySelector('div');
            window.find = selector => root.querySelector(selector);
            window.told = [];
            window.end = begin({data, parentElement: root, setStateValue: (name, value) => told.push([name, value])});
        }""",
        component.sent(small=small),
    )


def test_with_reduced_motion_it_shows_where_it_got_and_waits(calm: Page) -> None:
    start(calm, small=False)
    calm.wait_for_timeout(300)
    assert steps(calm) == 400
    calm.get_by_role("button", name="Step").click()
    assert steps(calm) == 401
    calm.get_by_role("button", name="Run").click()
    until(calm, MOVED, arg=401)


def test_the_small_one_only_runs_and_pauses(calm: Page) -> None:
    calm.emulate_media(reduced_motion="no-preference")
    start(calm, small=True)
    until(calm, MOVED, arg=20)
    assert calm.get_by_role("slider").count() == 0
    assert calm.get_by_role("button").count() == 1
    calm.get_by_role("button", name="Pause").click()
    assert calm.evaluate("() => told") == []
    calm.evaluate("() => end()")
    assert calm.evaluate("() => root.children.length") == 0


def test_the_link_is_told_once_a_slider_is_let_go_and_its_echo_changes_nothing(calm: Page) -> None:
    start(calm, small=False)
    calm.get_by_role("slider", name="First batch size B").press("ArrowRight")
    calm.get_by_role("slider", name="Momentum m").press("ArrowRight")
    until(calm, "() => told.at(-1)?.[1].m === 0.3")
    name, value = calm.evaluate("() => told.at(-1)")
    assert (name, value["B"], value["mu"], value["m"]) == ("settings", [16, 16], [0.8, 0.8], 0.3)
    mu = "() => root.firstChild.live.settings.mu"
    calm.get_by_role("slider", name="First batch size B").press("ArrowRight")  # not told yet
    again = (
        "([data, start, seen]) => begin({data: {...data, start, seen}, parentElement: root, setStateValue: () => {}})"
    )
    told = {key: value[key] for key in value if key != "reports"}
    calm.evaluate(again, [component.sent(small=False), told, value["reports"]])
    assert calm.evaluate(mu) == [1.6, 0.8]
    calm.evaluate(again, [component.sent(small=False), component.sent(small=False)["start"], 9])
    assert calm.evaluate(mu) == [0.4, 0.8]  # another link: the browser's way back


def test_a_scene_is_taken_over_without_a_restart(live: Callable[..., Page]) -> None:
    page = live()
    until(page, MOVED, arg=60)
    before = steps(page)
    page.get_by_role("button", name="Beyond the edge").click()
    until(page, "() => find('.beside').textContent.includes('but the second is beyond the edge')")
    assert "mu=12.8" in page.url
    assert "B2=128" in page.url
    until(page, MOVED, arg=before)
    assert page.evaluate("() => find('.live').parentElement.live.walks.map(walk => walk.ghosts.length)") == [1, 1]
