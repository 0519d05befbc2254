"""The schedule workbench: presets, the second schedule, the same noise another way."""

from __future__ import annotations

import pytest

from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.schedules import SCHEDULES, plan
from sgd_core.ui.noise_lab import second_schedule, workbench
from tests.app.conftest import opened, pressed, said, table

PAGE = "pages/Schedule_workbench.py"
SAME = second_schedule.SAME
FIGURE_4 = {"schedule": "step", "s": "0.375", "Ndec": "20", "B": "16", "mu": "1e-4"}


def text_of(**query: str) -> str:
    app = opened(PAGE, **query)
    assert not app.exception
    assert not app.error
    return said(app)


def test_there_is_a_preset_for_every_schedule_of_figures_3_and_4() -> None:
    assert len(workbench.PRESETS) == 12
    assert {spec.schedule for spec in workbench.PRESETS.values()} == {"constant", "time", "step", "exponential"}


@pytest.mark.parametrize("name", workbench.PRESETS)
def test_a_preset_sets_every_control(name: str) -> None:
    app = opened(PAGE, data="shapes", epochs="7", sB="4.0", s="0.9", r="2.0")
    app.menu_button(key="preset").click(name).run()
    assert not app.exception
    spec, last = workbench.PRESETS[name], plan(workbench.PRESETS[name], 2967)[-1]
    assert app.slider(key="epochs").value == spec.epochs
    shown = table(app, "updates")
    assert shown["updates"].tolist() == [last.updates]
    assert shown["T_eff"].tolist() == [f"{last.effective_time:.4g}"]
    assert shown["T"].tolist() == [f"{last.training_time:.4g}"]


def test_figure_4_the_other_way() -> None:
    app = opened(PAGE, **FIGURE_4, epochs="120", second=SAME)
    text = said(app)
    assert "0.375 / 1 = **0.75 / 2**" in text
    assert "Their μ/B agree in **every epoch**" in text
    assert "B_k never passes N = 2,967 in either schedule" in text
    assert table(app, "updates")["updates"].tolist() == [22_320, 7_360]


def test_the_button_lays_the_same_noise_over_the_first() -> None:
    app = opened(PAGE, **FIGURE_4)
    pressed(app, "Same noise, other way")
    assert "Their μ/B agree in **every epoch**" in said(app)


@pytest.mark.parametrize(("data", "epoch"), [("vegetables", 160), ("shapes", 120)])
def test_it_says_at_which_epoch_the_batch_passes_the_images(data: str, epoch: int) -> None:
    text = text_of(**FIGURE_4, epochs="200", second=SAME, data=data)
    assert f"At epoch {epoch} B_k passes N = {DATASETS[data].images:,} in the second schedule" in text
    assert f"agree in **epochs 0 to {epoch - 1}**" in text


def test_the_first_schedule_can_be_the_one_whose_batch_passes_the_images() -> None:
    text = text_of(**FIGURE_4, sB="4.0", second=SAME)  # 16 * 4^4 = 4,096 at epoch 80; the second has 16 * 2^4 there
    assert "agree in **epochs 0 to 79**, of 150" in text
    assert "At epoch 80 B_k passes N = 2,967 in the first schedule" in text
    assert "to the end" not in text


def test_a_batch_of_most_images_is_not_called_equivalent() -> None:
    text = text_of(schedule="step", s="0.5", Ndec="20", B="16", epochs="150", second=SAME, growth="2.0")
    assert "so μ/B agrees to the end. Equal μ/B is not equal noise" in text
    assert "31% in the second, and g is 3.2 times apart" in text


def test_a_rate_that_underflows_moves_nothing() -> None:
    text = text_of(schedule="step", s="0.05", Ndec="1", epochs="300", B="16", mu="1e-4", second="my own",
                   b_schedule="exponential", b_r="2.0", b_B="16", b_mu="1e-4")  # fmt: skip
    assert "on μ of the first schedule is too small for a computer: nothing moves" in text
    assert "agree in **epochs 0**, of 300" in text


def test_both_schedules_can_pass_the_images_at_once() -> None:
    text = text_of(**FIGURE_4, sB="4.0", second=SAME, growth="3.75")
    assert "At epoch 80 B_k passes N = 2,967 in both schedules" in text


def test_the_same_s_b_is_the_same_schedule_and_ends_nowhere() -> None:
    text = text_of(**FIGURE_4, sB="4.0", second=SAME, growth="4.0")
    assert "agree in **every epoch**" in text
    assert "passes N" not in text


def test_b_can_do_all_of_it() -> None:
    assert "0.5 / 1 = **1 / 2**" in text_of(schedule="step", s="0.5", second=SAME, all="true")


def test_a_decay_in_every_epoch_becomes_a_batch_that_grows_in_every_epoch() -> None:
    text = text_of(schedule="exponential", r="0.1", second=SAME)
    assert "At epoch 53 B_k passes N = 2,967 in the second schedule" in text
    assert "Cutting batches to whole images moves μ/B by up to" in text


def test_growth_beyond_the_decay_is_refused_in_a_sentence_and_the_first_stays_on_screen() -> None:
    app = opened(PAGE, **FIGURE_4, second=SAME, growth="4.0")
    assert not app.exception
    assert "at most 2.66667" in app.error[0].value
    assert table(app, "updates")["schedule"].tolist() == ["first"]


def test_two_schedules_of_ones_own() -> None:
    text = text_of(schedule="constant", second="my own", b_schedule="step", b_s="0.5", b_Ndec="20", b_B="16")
    assert "agree in **epochs 0 to 19**, of 150" in text
    assert "agree in no epoch" in text_of(schedule="constant", second="my own", b_schedule="constant", b_B="32")


def test_keras_and_the_paper_decay_apart() -> None:
    text = text_of(schedule="time", mu="0.01", B="512")
    assert "recursion ends at 48.1% of μ₀ and Keras's closed form at 99.0%" in text


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("second", [SAME, "my own"])
@pytest.mark.parametrize("epochs", ["1", "300"])
def test_no_extreme_breaks_the_page(schedule: str, second: str, epochs: str) -> None:
    app = opened(
        PAGE, schedule=schedule, second=second, epochs=epochs, mu="1", B="4096", s="0.05", r="2.0", sB="4.0", Ndec="1",
        m="0.99", data="shapes",
    )  # fmt: skip
    assert not app.exception


def test_values_that_cannot_be_are_dropped_from_the_link() -> None:
    app = opened(PAGE, s="7", B="3", schedule="cosine", epochs="many")
    assert not app.exception
    assert app.slider(key="s").value == 0.375
    assert app.select_slider(key="B").value == 16
