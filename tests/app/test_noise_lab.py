"""The noise lab's pages: what they say holds for the settings in the link, and no setting breaks them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.evidence.sentences import live
from sgd_core.ui.noise_lab import double_well, limits, motion, valleys
from tests.app.conftest import opened, said
from tests.conftest import ROOT, pages_of

LIVE = "pages/Noise_lab_Live.py"
GUESS = "pages/Noise_lab_Batch_gradient.py"
MOTION = "pages/Noise_lab_Motion.py"
VALLEYS = "pages/Noise_lab_Valleys.py"
LIMITS = "pages/Noise_lab_Limits.py"
AGREES = "agrees with theory"


@pytest.fixture(scope="module", autouse=True)
def _precomputed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The precomputed table alone, without any runs."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copy(ROOT / "cached_runs" / "noise.parquet", folder)
    with pages_of(folder, tmp_path_factory.mktemp("cache")):
        yield


def works(app: AppTest) -> str:
    assert not app.exception
    assert not app.error
    return said(app)


@pytest.mark.parametrize("query", [{}, {"mu": "rubbish", "B": "-1", "mu2": "25.6", "walkers": "one", "seed": "7"}])
def test_the_live_page_stands_for_any_link(query: dict[str, str]) -> None:
    text = works(opened(LIVE, **query))
    assert live.ARGUMENT in text
    assert live.ENDS in text


@pytest.mark.parametrize(
    ("page", "badges", "query"),
    [
        (GUESS, 2, {}),
        (GUESS, 2, {"drawn": "with replacement", "B": "256", "seed": "3"}),
        (GUESS, 2, {"at": "the minimum", "B": "1"}),
        (MOTION, 2, {}),
        (MOTION, 1, {"part": motion.MAP}),
        (MOTION, 2, {"mu": "0.45", "B": "4", "k": "4", "seed": "2"}),
        (MOTION, 2, {"mu": "0.0125", "B": "4", "m": "0.9"}),
        (MOTION, 1, {"part": motion.MAP, "m": "0.9"}),
        (VALLEYS, 2, {"part": valleys.MEASURED}),
        (VALLEYS, 2, {"part": valleys.MEASURED, "noise": "growing with curvature", "seed": "4"}),
        (VALLEYS, 2, {"dleft": "0.35", "escapes": "the textbook well"}),
        (LIMITS, 1, {}),
        (LIMITS, 1, {"case": "images unlike"}),
        (LIMITS, 1, {"case": "reshuffling"}),
        (LIMITS, 1, {"x": "0.1"}),
        (LIMITS, 1, {"edge": "98%"}),
        (LIMITS, 1, {"B": "64"}),
    ],
)
def test_badges_agree_with_theory(page: str, badges: int, query: dict[str, str]) -> None:
    text = works(opened(page, **query))
    assert text.count(AGREES) == badges
    assert "differs from theory" not in text


@pytest.mark.parametrize(
    ("page", "module", "name"),
    [
        (GUESS, "gradients.theory", "batch_gradient_variance"),
        (MOTION, "motion.theory", "stationary_variance"),
        (VALLEYS, "double_well", "law"),
        (LIMITS, "limits.theory", "reshuffled_variance"),
    ],
)
def test_a_formula_that_is_5_percent_off_fails_its_badge(
    page: str, module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sgd_core.noise import theory

    holder = double_well if module == "double_well" else theory
    true = getattr(holder, name)
    if name == "law":
        monkeypatch.setattr(holder, name, lambda s: ([1.05 * v for v in true(s)[0]], [1.05 * v for v in true(s)[1]]))
    else:
        monkeypatch.setattr(holder, name, lambda *a, **k: 1.05 * true(*a, **k))
    _forget()
    try:
        where = {
            GUESS: {"drawn": "with replacement"},
            LIMITS: {"case": "reshuffling"},
            VALLEYS: {"part": valleys.MEASURED},
        }
        query = where.get(page, {})
        assert "differs from theory" in works(opened(page, **query, seed="1"))
    finally:
        _forget()


def _forget() -> None:
    from sgd_core.ui.shell import shared

    shared.clear()


def test_a_full_batch_without_replacement_is_the_full_gradient() -> None:
    text = works(opened(GUESS, B="256", drawn="without replacement"))
    assert "every guess is the full gradient" in text
    assert "No noise at all is left" in text


def test_at_the_minimum_only_noise_is_left() -> None:
    assert "At the minimum the full gradient is 0" in works(opened(GUESS, at="the minimum", B="32"))


def test_equal_ratio_looks_alike_for_small_steps_and_not_near_the_edge() -> None:
    assert "the clouds look alike" in works(opened(MOTION, mu="0.025", B="1", k="4"))
    assert "variance is" in (near := works(opened(MOTION, mu="0.45", B="4", k="4")))
    assert "90% of the stability limit" in near
    assert "look alike" not in near


@pytest.mark.parametrize("rate", ["0.6", "2.05", "4.0"])
def test_an_unstable_setting_says_so(rate: str) -> None:
    text = works(opened(MOTION, mu=rate, B="4", k="4"))
    assert "is unstable" in text
    assert "clipped" in text


def test_the_text_says_where_the_picture_ends() -> None:
    text = works(opened(MOTION, mu="0.6", B="4", k="4"))
    found = re.search(r"left for good after (\d+) steps; the picture ends after (\d+) and is clipped", text)
    assert found
    assert int(found[1]) > int(found[2]) == 3  # at t = 8, of steps of 2.4


def test_at_the_very_edge_the_page_says_so() -> None:
    text = works(opened(MOTION, mu="1.0", h="2.0", k="1"))
    assert text.count("is at the edge: μh is the limit 2(1+m) = 2 itself") == 2
    assert "neither is below the stability limit" in text
    assert "one place, at a variance of **μσ²/(2hB) = 10**, but steps this long do not forget: no cloud." in text
    heavy = works(opened(MOTION, mu="3.8", B="1", m="0.9", k="1"))
    assert "μh is the limit 2(1+m) = 3.8 itself" in heavy
    assert "beyond the limit" not in heavy


def test_a_sum_needs_no_other_learning_rate_for_twice_the_batch() -> None:
    text = works(opened(MOTION, gradient="a sum", mu="0.0125", B="2", k="2"))
    assert "μ = 0.0125 in both, and in μ × steps the clouds look alike" in text
    assert "**μσ²/(2h) = 0.25** the cloud stays" in text


def test_the_clouds_of_the_setting_before_stay_as_ghosts() -> None:
    app = opened(MOTION)
    assert app.session_state[motion.GHOST][1] is None
    app.select_slider(key="mu").set_value(0.1).run()
    now, before = app.session_state[motion.GHOST]
    assert (now[0].learning_rate, before[0].learning_rate) == (0.1, 0.025)
    app.number_input(key="seed").set_value(3).run()
    assert app.session_state[motion.GHOST][1] is before


def test_scenes_set_the_controls() -> None:
    app = opened(MOTION)
    app.button(key="scene Beyond the edge").click().run()
    works(app)
    assert app.select_slider(key="mu").value == motion.SCENES["Beyond the edge"]["mu"]
    assert "flies apart" in said(app)


@pytest.mark.parametrize("rate", [motion.RATES[0], motion.RATES[-1]])
@pytest.mark.parametrize("momentum", ["0.0", "0.9"])
@pytest.mark.parametrize("curvature", ["0.25", "4.0"])
def test_no_extreme_of_the_bowl_breaks_the_page(rate: float, momentum: str, curvature: str) -> None:
    works(opened(MOTION, mu=f"{rate}", B="1", m=momentum, h=curvature, k="16"))


def test_constant_noise_and_equal_depth_tend_to_the_ratio_of_widths() -> None:
    text = works(opened(VALLEYS, part=valleys.MEASURED, left="0.5", right="1.5"))
    assert "is the ratio of widths, 0.750, whatever μ/B is" in text


def test_noise_that_grows_with_curvature_has_a_share_that_falls_in_the_long_run() -> None:
    text = works(opened(VALLEYS, part=valleys.MEASURED, noise="growing with curvature"))
    course = re.search(r"share falls from ([\d.]+) to ([\d.]+) as", text)
    assert course
    assert float(course[1]) > 0.999
    assert float(course[2]) == pytest.approx(0.916, abs=0.005)


def test_the_page_answers_its_question_for_every_scene_and_the_sliders() -> None:
    text = works(opened(VALLEYS))
    assert "| Equal depth (yours) | **no, only sooner** | 67% → 67% |" in text
    assert re.search(r"\| Sharp is deeper \| \*\*yes\*\* \| \d+% → 6\d% \|", text)
    assert re.search(r"\| Noise grows with curvature \| \*\*no, less\*\* \| more than 99% → 92% \|", text)
    assert "Your valleys" not in text
    other = works(opened(VALLEYS, dright="0.4"))
    assert "| Your valleys | **no, less** |" in other
    assert "(yours)" not in other


def test_where_walkers_are_thrown_out_no_share_and_no_badge_is_given() -> None:
    shape = {"left": "0.4", "right": "0.4", "dleft": "0.4", "dright": "0.4", "B": "1"}
    assert "have been thrown out" in works(opened(VALLEYS, **shape))
    text = works(opened(VALLEYS, part=valleys.MEASURED, **shape))
    assert "no share is drawn there, and no badge" in text
    assert "Share at these steps" not in text


def test_a_deeper_sharp_valley_has_a_share_that_rises() -> None:
    course = re.search(
        r"share rises from ([\d.]+) to ([\d.]+)", works(opened(VALLEYS, part=valleys.MEASURED, dleft="0.35"))
    )
    assert course
    assert float(course[1]) < 0.1 < 0.6 < float(course[2])


@pytest.mark.parametrize("noise", [valleys.CONSTANT, valleys.CURVATURE])
@pytest.mark.parametrize(("left", "right"), [("0.4", "0.4"), ("0.4", "2.0"), ("2.0", "0.4"), ("2.0", "2.0")])
@pytest.mark.parametrize("depth", ["0.15", "0.4"])
def test_no_extreme_of_the_landscape_breaks_the_page(noise: str, left: str, right: str, depth: str) -> None:
    shape = {"noise": noise, "left": left, "right": right, "dleft": depth, "dright": depth, "B": "1"}
    app = opened(VALLEYS, part=valleys.MEASURED, **shape)
    assert "differs from theory" not in works(app)
    works(app.button_group(key="part").set_value(valleys.WHERE).run())


def test_equal_epochs_cannot_tell_noise_from_training_time_and_equal_updates_can() -> None:
    assert "cannot be told apart" in works(opened(LIMITS, case="training time"))
    assert "noise that differs 32 times" in works(opened(LIMITS, stop="900 updates"))


def test_beyond_the_edge_there_is_no_cloud() -> None:
    text = works(opened(LIMITS, edge="110%"))
    assert "there is no cloud" in text
    assert "clipped" in text


def test_images_that_differ_have_an_edge_that_depends_on_b() -> None:
    assert "finite only up to μh = 1, 50% of the limit" in works(opened(LIMITS, case="images unlike"))
    assert "finite only up to μh = 1.88, 94% of the limit" in works(opened(LIMITS, B="16"))


def test_sentences_are_exact_whatever_the_walkers_did() -> None:
    assert "the variance is 1.01 times what μ/B alone says" in works(opened(LIMITS, edge="1%"))
    found = re.search(r"leaves ([\d.]+)% of the images' variance, and ([\d.]+)% at", works(opened(LIMITS, x="16.0")))
    assert found
    assert float(found[1]) > float(found[2]) > 80


def test_sharpness_changes_and_second_differences_agree() -> None:
    text = works(opened(LIMITS, alpha="4.0"))
    assert "α² + 1/α² = 16.06" in text
    assert "give a sharpness of 16.06" in text


def test_without_the_precomputed_table_the_pages_say_how_to_make_it(tmp_path: Path) -> None:
    with pages_of(tmp_path / "nothing", tmp_path / "cache"):
        assert "python -m sgd_core noise" in works(opened(MOTION, part=motion.MAP))
        assert "python -m sgd_core noise" in works(opened(VALLEYS, escapes="the textbook well"))


@pytest.mark.parametrize("case", limits.CASES)
def test_every_case_goes_to_both_ends_of_its_control(case: str) -> None:
    app = opened(LIMITS, case=case)
    works(app)
    (control,) = [each for each in (*app.select_slider, *app.button_group) if each.key != "case"]
    assert control.key == limits.CASES[case][1]
    for end in (0, -1):
        works(opened(LIMITS, **{"case": case, str(control.key): str(control.options[end])}))


@pytest.mark.parametrize("page", [GUESS, MOTION, VALLEYS, LIMITS])
def test_every_control_goes_to_both_its_ends_alone_and_with_all_others(page: str) -> None:
    app = opened(page)
    works(app)
    ends = {
        str(each.key): [str(each.options[end]) for end in (0, -1)] for each in (*app.select_slider, *app.button_group)
    }
    assert len(ends) >= (2 if page == LIMITS else 3)
    for key, options in ends.items():
        for option in options:
            works(opened(page, **{key: option}))
    for end in (0, 1):
        works(opened(page, **{key: options[end] for key, options in ends.items()}))
