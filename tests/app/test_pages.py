"""Every page there is, with runs, without runs and with a broken file; the controls of the figure pages."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.charts.axes import AXES
from sgd_core.experiment import paper
from sgd_core.ui.figures import presets
from sgd_core.ui.shell.page import file_of
from sgd_core.ui.shell.replay import EACH, METRICS
from tests.app.conftest import FIGURES, PAGES, charts, opened, pressed, said, table
from tests.conftest import ROOT, pages_of

FIRST_FIGURE = FIGURES[0]
WITHOUT_CHARTS = ("Lesson", "Live", "Real_network", "Runs", "Sharpness", "Words")
"""Pages that draw nothing of the invented runs: nothing was measured along them, no run is chosen, nor a lesson;
or draw in the browser."""


def drawn(page: str, app: AppTest) -> list[Any]:
    """The charts of this page, which has some."""
    found = charts(app)
    assert bool(found) != page.removesuffix(".py").endswith(WITHOUT_CHARTS)
    return found


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_a_title_and_charts_that_say_what_they_show(page: str) -> None:
    app = opened(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert len(app.title[0].value) > 5
    shown = drawn(page, app)
    assert [chart.spec[:80] for chart in shown if len(chart.alt) < 40] == []
    assert [chart.alt for chart in shown if chart.ByteSize() > 150_000] == []


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", PAGES)
def test_every_control_is_labelled_and_stands_in_the_url(page: str) -> None:
    app = opened(page)
    controls = [w for w in widgets(app) if not getattr(w.proto, "form_id", "")]
    assert "present" in [widget.key for widget in controls]
    assert [widget.proto for widget in controls if not widget.label] == []
    assert [widget.label for widget in controls if not widget.proto.query_param_key] == []


def widgets(app: AppTest) -> list[Any]:
    """What a reader can set; a guess, which is in a form, among them."""
    groups = [app.button_group, app.toggle, app.checkbox, app.slider, app.select_slider, app.selectbox, app.radio]
    return [widget for group in [*groups, app.multiselect, app.number_input, app.text_input] for widget in group]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_any_runs_says_so(page: str, tmp_path: Path) -> None:
    with pages_of(tmp_path / "nothing", tmp_path / "cache"):
        app = opened(page)
        assert not app.exception
        assert not app.error
        if page in FIGURES or page == "app.py":
            assert "published yet" in said(app)
            assert bool(charts(app)) == (page == "app.py")


@pytest.mark.parametrize("broken", ["runs.parquet", "epochs.parquet", "provenance.json"])
@pytest.mark.parametrize("page", ["app.py", FIRST_FIGURE])
def test_a_broken_file_is_named_in_a_sentence(page: str, broken: str, invented: Path, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    shutil.copytree(invented, folder)
    (folder / broken).write_bytes(b"PAR1 this is no table")
    with pages_of(folder, tmp_path / "cache"):
        app = opened(page)
    assert not app.exception
    assert len(app.error) == 1
    assert str(folder / broken) in app.error[0].value
    assert "Traceback" not in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_explore_mode_shows_every_page_and_writes_nothing(page: str, invented: Path, tmp_path: Path) -> None:
    with pages_of(invented, tmp_path, mode="explore"):
        app = opened(page)
    assert not app.exception
    assert not app.error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", FIGURES)
def test_a_figure_page_shows_the_paper_s_words_and_its_finals(page: str) -> None:
    number = FIGURES.index(page) + 1
    figure, app = paper.FIGURES[number], opened(page)
    text = said(app)
    for words in (figure.question, figure.settings, figure.statement, figure.caveat, paper.METRIC_CAVEAT):
        assert words in text
    finals = table(app, "paper_reported")
    assert list(finals["run"]) == [run.label(number) for run in paper.runs_of(number)]
    assert list(finals["paper_reported"]) == pytest.approx([100 * run.reported for run in paper.runs_of(number)])
    assert set(finals["n"]) == {2}
    assert f"of {len(finals)} runs along epochs" in charts(app)[0].alt


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", FIGURES)
def test_the_controls_change_the_chart(page: str) -> None:
    app = opened(page)
    shown = charts(app)[0]
    for key, values in {
        "metric": list(METRICS)[1:],
        "x": [a.short for a in AXES.values()][1:],
        "seeds": [EACH],
    }.items():
        for value in values:
            app.button_group(key=key).set_value(value).run()
            assert not app.exception, value
            assert charts(app)[0].spec != shown.spec, value
            shown = charts(app)[0]
    assert "train loss" in shown.alt
    assert "images seen" in shown.alt


@pytest.mark.usefixtures("published")
def test_the_second_panel_comes_with_the_evidence() -> None:
    app = opened(FIRST_FIGURE, beside="true")
    assert not app.exception
    assert said(app).count(paper.METRIC_CAVEAT) == 2
    assert "beside" in charts(app)[0].spec


@pytest.mark.usefixtures("published")
def test_values_in_the_url_that_no_control_has_are_dropped() -> None:
    app = opened(FIRST_FIGURE, metric="<script>", x="Parsecs", seeds="", hide=["B=7"], predict="true", preset="none")
    assert not app.exception
    assert app.button_group(key="metric").value == next(iter(METRICS))
    assert app.button_group(key="x").value == "Epoch"


@pytest.mark.usefixtures("published")
def test_the_axis_switch_starts_from_the_axis_that_was_on_screen() -> None:
    app = opened(FIRST_FIGURE)
    assert '"value": 1' in glide_of(app)
    app.button_group(key="x").set_value("T").run()
    assert '"value": 0' in glide_of(app)
    app.button_group(key="metric").set_value("Train loss").run()
    assert '"value": 1' in glide_of(app)


def glide_of(app: AppTest) -> str:
    """The signal that moves curves from one axis to another, as it stands in the chart."""
    spec: str = charts(app)[0].spec
    return spec[spec.index('"glide"') : spec.index('"glide"') + 60]


APART = "runs end **"
"""How the sentence begins that gives away where the runs end."""


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("metric", ["The paper's accuracy", "Train loss"])
def test_predict_then_reveal(metric: str) -> None:
    hidden = ["B=128", "B=512"]
    app = opened(FIRST_FIGURE, predict="true", hide=hidden, metric=metric)
    assert not app.exception
    assert [slider.label for slider in app.slider] == hidden
    assert "4 runs" in charts(app)[0].alt
    sent = charts(app)[0].spec.encode() + charts(app)[0].data.data
    assert b"B=64" in sent
    assert all(name.encode() not in sent for name in hidden)
    assert not [each for each in app.dataframe if "paper_reported" in each.value]
    assert APART not in said(app)

    (slider,) = (slider for slider in app.slider if slider.label == "B=512")
    slider.set_value(slider.min)
    pressed(app, "Lock in and reveal")
    assert set(hidden) <= set(table(app, "paper_reported")["run"])
    assert APART in said(app)
    assert "6 runs" in charts(app)[0].alt
    assert "your guess" in charts(app)[0].spec
    assert all(f"**{name}**: you said" in said(app) for name in hidden)
    assert "too low" in said(app)

    pressed(app, "Hide and guess again")
    assert "4 runs" in charts(app)[0].alt
    assert "you said" not in said(app)


@pytest.mark.usefixtures("published")
def test_with_every_run_hidden_there_is_a_sentence_in_place_of_the_chart() -> None:
    names = [run.label(1) for run in paper.runs_of(1)]
    app = opened(FIRST_FIGURE, predict="true", hide=names)
    assert not app.exception
    assert not charts(app)
    assert "Every run is hidden" in said(app)
    pressed(app, "Lock in and reveal")
    assert "6 runs" in charts(app)[0].alt


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", PAGES)
def test_presentation_size_enlarges_and_hides(page: str) -> None:
    small = opened(page)
    large = opened(page, present="true")
    assert not large.exception
    assert large.toggle(key="present").value is True
    (hiding,) = hidden_by(large)
    assert ".st-key-controls" in hiding
    sizes = [[max(fonts(chart)) for chart in drawn(page, app)] for app in (small, large)]
    assert all(big > little for little, big in zip(*sizes, strict=True))
    large.toggle(key="present").set_value(False).run()
    assert hidden_by(large) == []


def hidden_by(app: AppTest) -> list[str]:
    """The style that hides the menu."""
    return [element.proto.body for element in app.get("html") if "stSidebar" in element.proto.body]


def fonts(chart: Any) -> list[int]:
    """The sizes of type in a chart's configuration."""
    config = json.loads(chart.spec)["config"]
    return [config[part][name] for part in ("axis", "legend") for name in config[part] if name.endswith("FontSize")]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("preset", presets.PRESETS, ids=lambda preset: preset.slug)
def test_a_preset_sets_its_page_and_asks_its_question(preset: presets.Preset) -> None:
    app = opened(file_of(preset.page), **preset.controls, preset=preset.slug)
    assert not app.exception
    assert not app.error
    assert preset.question in said(app)
    by_key = {widget.key: widget for widget in widgets(app)}
    for key, value in preset.controls.items():
        expected = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        assert by_key[key].value == expected, key


def test_what_the_published_runs_cannot_say_is_said(tmp_path: Path) -> None:
    """On the project's own runs: the one that ends elsewhere, and that something can be compared along T."""
    with pages_of(ROOT / "cached_runs", tmp_path):
        text = said(opened(FIGURES[2], x="T"))
        assert re.search(r"\*\*exponential r=1 ends elsewhere than the authors': 8\d\.\d% here \(n = \d\), 73.0%", text)
        assert text.count("ends elsewhere") == 1
        assert "too early" not in text + said(opened(FIGURES[0], x="T"))
        assert "ends elsewhere" not in said(opened(FIGURES[0]))


@pytest.mark.parametrize("page", [FIGURES[0], "pages/Collapse.py", "pages/Runs.py"])
def test_an_empty_value_in_a_link_is_the_first_choice(page: str) -> None:
    app = opened(page, metric="", x="")
    assert not app.exception
