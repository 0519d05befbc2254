"""What happens inside the chart of a figure's page, where no AppTest reaches: play, isolate, glide, hover, save."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.charts.clock import GLIDE_STEPS
from sgd_core.experiment import paper
from sgd_core.ui.shell.streamlit_private import IN_STYLES
from tests.browser.pages import CHART, play, press
from tests.conftest import pages_of
from tests.ui.charts import drawn
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, WebSocket

FIGURE = "Figure_1_Batch_size"
RUNS = [run.label(1) for run in paper.runs_of(1)]

CURVES = f"""() => Object.fromEntries([...document.querySelectorAll('{CHART} .concat_0_group .mark-line path')]
    .map(path => {{
        const length = path.getTotalLength(), screen = path.getScreenCTM();
        const onScreen = at => {{
            const point = path.getPointAtLength(at);
            return [point.x * screen.a + screen.e, point.y * screen.d + screen.f];
        }};
        return [path.__data__.datum.run, {{
            opacity: Number(path.getAttribute('opacity') ?? 1), length, end: path.getPointAtLength(length).x,
            middle: onScreen(length / 2), tip: onScreen(length),
        }}];
    }}))"""
"""Run -> its curve as it is drawn: opacity, length, where it ends, and its middle and tip on the screen (pixels)."""


def curves(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(CURVES)
    return found


def shown(page: Page, runs: list[str]) -> None:
    """Wait until exactly these runs are drawn strongly."""
    strong = f"Object.entries(({CURVES})()).filter(([run, curve]) => curve.opacity === 1).map(([run]) => run)"
    until(page, f"runs => JSON.stringify({strong}) === JSON.stringify(runs)", arg=runs)


def clock(page: Page) -> Locator:
    return page.locator(f"{CHART} input[name=clock]")


def at_rest(page: Page) -> None:
    """Wait until the curves stand still."""
    until(
        page,
        f"""() => new Promise(done => {{
            const before = JSON.stringify(({CURVES})());
            setTimeout(() => done(JSON.stringify(({CURVES})()) === before), 250);
        }})""",
    )


def point_at(page: Page, x: float, y: float) -> None:
    """Move the pointer to a place, in two steps as a hand does: the points near it are drawn when it is there."""
    page.mouse.move(x - 1, y)
    until(page, f"() => document.querySelector('{CHART} .concat_0_group .mark-path.role-mark path')")
    page.mouse.move(x, y)


def click_on(page: Page, run: str) -> None:
    x, y = curves(page)[run]["middle"]
    point_at(page, x, y)
    page.mouse.click(x, y)


def choose(page: Page, option: str) -> None:
    page.locator(".st-key-controls").get_by_role("radio", name=option, exact=True).click()


def test_play_moves_the_clock_and_grows_the_curves_in_the_browser_alone(visited: Callable[..., Page]) -> None:
    wire: list[str | bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: wire.append(frame))
        socket.on("framereceived", lambda frame: wire.append(frame))

    page = visited(FIGURE, websocket=listen)
    assert wire
    at_rest(page)
    whole = curves(page)
    sent = len(wire)
    play(page)
    until(page, f"() => Number(document.querySelector('{CHART} input[name=clock]').value) < 500")
    early = {"clock": float(clock(page).input_value()), **curves(page)}
    until(
        page,
        f"from => Number(document.querySelector('{CHART} input[name=clock]').value) > from + 100",
        arg=early["clock"],
    )
    later = curves(page)
    for run in RUNS:
        assert early[run]["length"] < later[run]["length"] < whole[run]["length"], run
    play(page)  # and stop
    assert len(wire) == sent


def test_play_is_a_button_that_the_space_bar_presses_anywhere(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE)
    button = page.get_by_role("button", name="Play", exact=True)
    pressed = f"value => document.querySelector('{CHART} input[name=play]').ariaPressed === value"
    until(page, pressed, arg="false")
    page.keyboard.press("Space")
    until(page, pressed, arg="true")
    until(page, f"() => Number(document.querySelector('{CHART} input[name=clock]').value) < 900")
    for key, told in (("Space", "false"), ("Enter", "true"), ("Enter", "false")):
        button.press(key)
        until(page, pressed, arg=told)
    page.locator(".st-key-controls").get_by_role("radio", name="T", exact=True).press("Space")  # it has its own use
    page.wait_for_url("**x=T")
    until(page, DRAWN)
    until(page, pressed, arg="false")


def test_the_scrubber_s_ruler_and_readout_show_the_values_at_that_epoch(
    visited: Callable[..., Page], invented: Path, tmp_path: Path
) -> None:
    page = visited(FIGURE)
    clock(page).press("Home")
    for _ in range(59):
        clock(page).press("ArrowRight")  # an epoch each
    picture = f"document.querySelector('{CHART} svg.marks')"
    until(page, f"() => {picture}.textContent.includes('At epoch 59, ')")
    with pages_of(invented, tmp_path):
        mean = drawn(1).mean.pivot(index="epoch", columns="run", values="mean")
    seen = page.evaluate(f"() => {picture}.textContent")
    for run in RUNS:
        assert f"{float(mean[run][59]):.1%}   {run}" in seen, run
    ruler = page.locator(f"{CHART} svg.marks .mark-rule.role-mark line")
    assert ruler.count() >= 1
    width = curves(page)["B=16"]["end"] / (59 / 149)
    places = ruler.evaluate_all("all => all.map(line => Number(line.getAttribute('transform').match(/[\\d.]+/)[0]))")
    assert places == pytest.approx([59 / 149 * width] * len(places), abs=1)
    clock(page).press("End")
    until(page, f"() => !document.querySelector('{CHART} svg.marks .mark-rule.role-mark line')")


def test_a_click_on_a_legend_entry_or_a_curve_isolates_a_run_and_a_second_lets_go(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE, height=1300)
    at_rest(page)
    entry = page.locator(f"{CHART} .role-legend-label text").get_by_text("B=64", exact=True)
    entry.click()
    shown(page, ["B=64"])
    entry.click()
    shown(page, RUNS)
    click_on(page, "B=512")
    shown(page, ["B=512"])
    click_on(page, "B=256")
    shown(page, ["B=256"])
    clock(page).press("PageDown")  # what is isolated stays so while the clock moves
    shown(page, ["B=256"])
    click_on(page, "B=256")
    shown(page, RUNS)


def test_a_tapped_curve_on_a_phone_shows_its_own_value(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE, width=390, height=1400)
    at_rest(page)
    values = f"""() => [...document.querySelectorAll('{CHART} .concat_0_group .mark-text.role-mark text')]
        .map(text => [text.__data__.datum.run, text.textContent, Number(text.getAttribute('opacity') ?? 1)])"""
    told = page.evaluate(values)
    assert sorted(run for run, _, _ in told) == sorted(RUNS)
    assert all(re.fullmatch(r"[\d.]+%", text) and opacity == 1 for _, text, opacity in told)
    click_on(page, "B=256")
    shown(page, ["B=256"])
    strong = f"() => ({values})().filter(([run, text, opacity]) => opacity === 1).map(([run]) => run).join()"
    until(page, f"() => ({strong})() === 'B=256'")


def test_hovering_tells_seed_schedule_and_progress(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE, height=1300)
    at_rest(page)
    point_at(page, *curves(page)["B=512"]["middle"])
    tip = page.locator("#vg-tooltip-element.visible")
    tip.wait_for()
    rows = dict(tip.evaluate("tip => [...tip.querySelectorAll('tr')].map(row => [...row.cells].map(c => c.innerText))"))
    assert rows["run"] == "B=512"
    assert rows["seed"] == "mean"
    assert rows["μ"] == "0.0001"
    assert rows["B"] == "512"
    assert rows["μ/B"] == "1.95e-7"
    assert int(rows["updates"].replace(",", "")) == 6 * (int(rows["epoch"]) + 1)
    assert float(rows["T"]) == pytest.approx(6e-4 * (int(rows["epoch"]) + 1), rel=0.01)


def test_hovering_tells_the_seed_of_a_single_curve(visited: Callable[..., Page]) -> None:
    page = visited(f"{FIGURE}?seeds=Each+seed&x=T", height=1300)
    at_rest(page)
    x, y = curves(page)["B=512"]["tip"]
    point_at(page, x - 2, y)
    told = page.locator("#vg-tooltip-element.visible tr", has_text="seed").locator(".value")
    assert told.inner_text() in {"mean", "0", "1"}


def test_curves_glide_to_their_places_on_another_axis(
    visited: Callable[..., Page], invented: Path, tmp_path: Path
) -> None:
    page = visited(FIGURE)
    at_rest(page)
    with pages_of(invented, tmp_path):
        data = drawn(1, axis="time", before="epoch").data
    places = {str(run): float(place) for run, place in data.groupby("run", observed=True)["position"].max().items()}
    page.evaluate(
        f"""() => {{
            window.path = [];
            const look = () => {{
                const here = ({CURVES})()['B=512'];
                if (here && here.end !== window.path.at(-1)) window.path.push(here.end);
            }};
            new MutationObserver(look).observe(document.body, {{subtree: true, attributeFilter: ['d']}});
        }}"""
    )
    width = curves(page)["B=512"]["end"]
    choose(page, "T")
    title = AXES["time"].title
    until(page, f"title => document.querySelector('{CHART} svg.marks')?.textContent.includes(title)", arg=title)
    until(page, f"end => Math.abs(({CURVES})()['B=512'].end - end) < 1", arg=places["B=512"] * width)
    at_rest(page)
    for run, curve in curves(page).items():
        assert curve["end"] == pytest.approx(places[run] * width, abs=1), run
    glided = [x for x in page.evaluate("() => window.path") if places["B=512"] * width + 2 < x < width - 2]
    assert len(glided) >= GLIDE_STEPS - 1, "it jumped"
    assert glided == sorted(glided, reverse=True)
    assert "x=T" in page.url


def test_predict_then_reveal(visited: Callable[..., Page]) -> None:
    page = visited(f"{FIGURE}?predict=true&hide=B%3D128&hide=B%3D512", height=1300)
    at_rest(page)
    hidden = ["B=128", "B=512"]
    assert set(curves(page)) & set(RUNS) == set(RUNS) - set(hidden)
    assert not any(name in (page.locator(f"{CHART} svg.marks").text_content() or "") for name in hidden)
    slider = page.get_by_role("slider", name="B=512")
    slider.press("Home")
    press(page, "Lock in and reveal")
    page.get_by_text("it ended at").first.wait_for()
    until(page, f"() => Object.keys(({CURVES})()).length === {len(RUNS)}")
    verdict = page.locator("li", has_text="B=512").inner_text()
    assert "too low" in verdict
    press(page, "Hide and guess again")
    until(page, f"() => !(({CURVES})()['B=512'])")
    assert "predict=true" in page.url
    assert page.url.count("hide=") == 2


def saved(page: Page, click: Callable[[], None]) -> bytes:
    with page.expect_download() as download:
        click()
    return download.value.path().read_bytes()


def test_downloads_hold_what_is_on_screen(visited: Callable[..., Page], invented: Path, tmp_path: Path) -> None:
    page = visited(f"{FIGURE}?metric=Validation+accuracy&predict=true&hide=B%3D512")
    csv = saved(page, page.get_by_role("button", name="Numbers on screen (CSV)").click)
    table = pd.read_csv(io.BytesIO(csv))
    with pages_of(invented, tmp_path):
        mean = drawn(1, "Validation accuracy").mean
    mean = mean[mean["run"] != "B=512"]
    assert list(table["run"]) == list(mean["run"])
    assert list(table["val_accuracy"]) == pytest.approx(list(mean["mean"]))
    told = json.loads(saved(page, page.get_by_role("button", name="Settings of these runs (JSON)").click))
    assert len(told) == 2 * len(RUNS)
    assert all(run["command"].startswith("python -m sgd_core train") for run in told)
    svg = saved(page, page.get_by_role("button", name="Chart (SVG)").click).decode()
    assert svg.startswith("<svg")
    assert "B=256" in svg
    assert "B=512" not in svg
    assert "Figure 1: Batch size at a fixed learning rate" in svg
    assert "Validation accuracy along epochs" in svg
    assert "mean of 2 seeds, 95% band" in svg
    assert page.get_by_text("Figure 1: Batch size at a fixed learning rate").count() == 2  # the heading's, the chart's
    page.locator(CHART).hover()
    assert not page.get_by_role("button", name="Show data").count()  # it would show positions and turns
    png = saved(page, page.get_by_role("button", name="Download as PNG").first.click)
    assert png.startswith(b"\x89PNG")
    assert len(png) > 10_000


def test_presentation_size_leaves_the_picture_and_the_switch(visited: Callable[..., Page]) -> None:
    page = visited(f"{FIGURE}?present=true")
    for gone in (".st-key-controls", ".st-key-details", IN_STYLES["SIDEBAR"], IN_STYLES["HEADER"]):
        assert not page.locator(gone).is_visible(), gone
    label = f"document.querySelector('{CHART} .role-legend-label text')"
    size = f"() => parseFloat(getComputedStyle({label}).fontSize)"
    assert page.evaluate(size) >= 18
    page.locator(".st-key-present label").click()
    page.locator(".st-key-controls").wait_for()
    until(page, DRAWN)
    assert page.evaluate(size) < 18
    assert "present" not in page.url or "present=false" in page.url


def test_where_numbers_come_from_is_one_click_away(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE)
    page.get_by_text("Where these numbers come from").click()
    page.get_by_text("Invented numbers for timing and testing").first.wait_for()


def test_the_next_question_opens_with_its_own_controls_and_keeps_presentation_size(
    visited: Callable[..., Page],
) -> None:
    page = visited(f"{FIGURE}?predict=true&preset=guess-512&present=true")
    page.get_by_role("link", name="Next question").click()
    page.wait_for_url("**/Figure_1_Batch_size?x=Updates&preset=equal-updates&present=true")
    until(page, DRAWN)
    title = AXES["updates"].title
    until(page, f"title => document.querySelector('{CHART} svg.marks').textContent.includes(title)", arg=title)
    assert page.locator(".st-key-controls").count() == 0 or not page.locator(".st-key-controls").is_visible()
