"""The noise lab and the workbench walked: corners, exact edges and settings drawn by lot, with a seed.

Every part of a page is drawn as a page draws it, but without a server: what it would show is written down. No setting
may raise an error, draw what a browser cannot read, or say what its own numbers contradict. Walks are short, as it is
the sentences that are walked; the badges' own tests measure.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
import streamlit as st

from sgd_core.charts import along
from sgd_core.errors import UserError
from sgd_core.evidence.noise import WITH, WITHOUT
from sgd_core.evidence.sentences import badges
from sgd_core.evidence.sentences import network as network_sentences
from sgd_core.evidence.sentences import valleys as valley_sentences
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.schedules import SCHEDULES, SLIDERS, plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.noise import bowl
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.clouds import Cloud
from sgd_core.noise.landscape import Landscape, Noise, Valley
from sgd_core.ui.noise_lab import (
    double_well,
    escapes,
    guess,
    limits,
    motion,
    network,
    second_schedule,
    valleys,
    workbench,
)
from sgd_core.ui.noise_lab.double_well import BATCHES, Setting
from sgd_core.ui.shell import badge, lab, library, words
from tests.conftest import ROOT

LOT = Random(20)
IMAGES = 2967
NOISES: tuple[Noise, ...] = ("constant", "curvature")
NOT_A_NUMBER = re.compile(r"\b(nan|inf|None(?! of))\b|-0%|−0%|\(0%\)|e\+\d")


@dataclass
class Shown:
    """What a page would show."""

    said: list[str] = field(default_factory=list)
    charts: int = 0
    badges: list[Agreement] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    """What the reader sets, by the control's key."""

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    def checked(self) -> str:
        """Everything said, which holds nothing that is no number."""
        found = NOT_A_NUMBER.search(self.text)
        assert not found, self.text[max(0, found.start() - 80) : found.end() + 40]
        return self.text


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    told = Shown()
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(ROOT / "cached_runs"))

    def say(text: str, *_: Any, **__: Any) -> None:
        told.said.append(text)

    def draw(chart: Any, said: str, frame: Any = None) -> None:
        json.dumps(chart, allow_nan=False)
        told.charts += 1
        told.said.append(said)

    def show(what: str, agreement: Agreement, slope: bool = False) -> None:
        told.badges.append(agreement)
        told.said.append(f"{what}: {badges.compared(agreement)} {badges.blind_to(agreement, slope)}")

    def control(_: str, *options: Any, key: str = "", **__: Any) -> Any:
        return told.answers[key]

    for holder, name, stand_in in (
        (words, "say", say), (words, "caption", say), (lab, "takeaway", say), (st, "warning", say), (st, "info", say),
        (lab, "draw", draw), (badge, "show", show), (st, "select_slider", control), (st, "slider", control),
        (st, "toggle", control), (lab, "slide", lambda label, options, value, key, *_, **__: told.answers[key]),
        (lab, "pick", lambda label, options, key, *_, **__: told.answers[key]),
    ):  # fmt: skip
        monkeypatch.setattr(holder, name, stand_in)
    return told


def short(rate: float, batch: int, factor: int, curvature: float, momentum: float, summed: bool) -> motion.Both:
    """The clouds of a setting with few walkers of few steps."""
    mean, size = rate * batch if summed else rate, bowl.Sizes(20, 5, 12, True)

    def one(name: str, times: int) -> Cloud:
        walk = bowl.walk(mean * times, batch * times, curvature, motion.VARIANCE, momentum, size=size, seed=times)
        return Cloud(name, mean * times, batch * times, curvature, motion.VARIANCE, momentum, walk, True, summed)

    return one("First", 1), one("Second", factor)


BOWLS = (motion.RATES, motion.BATCHES, motion.FACTORS, motion.CURVATURES, motion.MOMENTA, [False, True])


def bowls() -> list[Any]:
    every = list(product(*BOWLS))
    edges = [
        one for one in every
        if any(math.isclose(one[0] * (one[1] if one[5] else 1) * one[3] * k, 2 + 2 * one[4]) for k in (1, one[2]))
    ]  # fmt: skip
    assert len(edges) > 100
    corners = list(product(*((values[0], values[-1]) for values in BOWLS)))
    return [*corners, *LOT.sample(edges, 60), *LOT.sample(every, 120)]


def test_motion_says_nothing_that_its_numbers_contradict(shown: Shown) -> None:
    at_edge, walked = 0, bowls()
    for setting in walked:
        shown.said.clear()
        both = short(*setting)
        motion._picture(both, both)
        text = shown.checked()
        for told, bound in re.findall(r"h = ([\d.e+]+) is beyond the limit 2\(1\+m\) = ([\d.]*\d)", text):
            assert float(told) > float(bound), setting
        at_edge += text.count("is at the edge")
        assert text.count("is unstable") + text.count("is at the edge") == sum(not each.stable for each in both)
        assert ("the cloud stays" in text) == all(each.stable for each in both), setting
        if found := re.search(r"look alike: their variances are ([\d.]+)% apart", text):
            first, second = re.findall(r"exact variances are ([\d.,]+) and ([\d.,]+)\.", text)[0]
            apart = float(second.replace(",", "")) / float(first.replace(",", "")) - 1
            assert 100 * apart == pytest.approx(float(found[1]), abs=1), setting
        if found := re.search(r"cloud's variance is ([\d.]+)% larger: its \S+ is ([\d.,]+)% of", text):
            assert float(found[1]) > 9.5
            assert 5 < float(found[2].replace(",", "")) < 100, setting
        assert not re.search(r"is 100% of the stability limit", text)
    assert at_edge >= 60
    assert shown.charts == 2 * len(walked)


def test_the_map_takes_every_setting(shown: Shown) -> None:
    for setting in LOT.sample(list(product(*BOWLS)), 25):
        motion._map(short(*setting))
    assert shown.charts == 25
    shown.checked()


@pytest.mark.parametrize("where", guess.PLACES)
@pytest.mark.parametrize("drawn", [WITHOUT, WITH])
def test_a_guess_says_one_thing_at_every_b(where: str, drawn: str, shown: Shown) -> None:
    medians: list[float] = []
    for size in guess.SIZES:
        shown.said.clear()
        shown.answers.update(B=size, drawn=drawn, at=where)
        guess._body(0)
        text = shown.checked()
        assert f"batch of {size}" in text
        medians += {float(told) for told in re.findall(r"(?:guesses are|move by) ([\d.e-]+) or more", text)}
        if found := re.search(r"are ([\d.e-]+) or more off, (\d+)% of the full gradient's length ([\d.]+);", text):
            assert float(found[2]) == pytest.approx(100 * float(found[1]) / float(found[3]), rel=0.06, abs=0.6)
    assert len(medians) == (9 if drawn == WITH else 8)
    assert medians == sorted(medians, reverse=True)


def wells() -> list[Setting]:
    widths, depths = (0.4, 1.1, 2.0), (0.15, 0.25, 0.4)
    every = [
        Setting(Landscape(Valley(a, c), Valley(b, d)), noise)
        for a, b, c, d, noise in product(widths, widths, depths, depths, NOISES)
    ]
    corners = [one for one in every if not {1.1, 0.25} & {*_numbers(one)}]
    return [*corners[::2], *LOT.sample(every, 8)]


def _numbers(setting: Setting) -> list[float]:
    return [number for side in (setting.landscape.left, setting.landscape.right) for number in (side.width, side.depth)]


def test_valleys_say_nothing_that_their_numbers_contradict(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double_well, "WALKERS", 20)
    monkeypatch.setattr(double_well, "LIVE_WALKERS", 20)
    shown.answers["escapes"] = escapes.MINE
    answers, lost = set(), 0
    for setting in wells():
        shown.said.clear()
        shown.badges.clear()
        walked = double_well.walk(setting, 7)
        stable = walked.diverged == 0
        lost += int((walked.diverged > 0).sum())
        for at, batch in enumerate(BATCHES):
            before = len(shown.said)
            valleys._film(setting, walked, batch)
            film = "\n".join(shown.said[before:])
            inside = np.abs(walked.kept[-1, at]) < 4.99 * np.where(
                walked.kept[-1, at] > 0, setting.landscape.right.width, setting.landscape.left.width
            )
            assert ("thrown out" in film) == (not stable[at]), setting
            assert ("100% of the walkers have" in film) == (not inside.any()), setting
            right = (walked.kept[-1, at] > 0)[inside]
            for told, of in re.findall(r"(\d+)% of the walkers( left)? are in the right", film):
                assert (of == " left") == (not stable[at])
                assert float(told) == pytest.approx(100 * right.mean(), abs=1.0)
                assert (told == "100") == bool(right.all()), setting
        valleys._occupancy(setting, walked, stable)
        assert (not stable.all()) == ("no badge is given" in shown.text)
        assert not (shown.badges and not stable.all()), setting
        escapes.show(setting, [batch for batch, stays in zip(BATCHES, stable, strict=True) if stays], 7)
        for start, end, fewer, more, times in re.findall(
            r"From B/μ = (\d+) to (\d+) the mean escape grows from ([\d,]+) to ([\d,]+) steps: ([\d,.]+) times",
            shown.text,
        ):
            ratio = float(more.replace(",", "")) / float(fewer.replace(",", ""))
            assert float(end) > float(start)
            assert float(times.replace(",", "")) == pytest.approx(ratio, rel=0.08), setting
        shown.checked()
        answers |= {_answer(one) for one in double_well.scenes(setting, list(valleys.SCENES))}
    assert lost
    assert answers >= {"no, only sooner", "yes", "no, less", "neither is flatter"}


def _answer(scene: valley_sentences.Scene) -> str:
    """The answer of a row, which its shares and its depths over noise bear out."""
    answer, why = valley_sentences.prefers(scene)
    left, right = scene.landscape.left, scene.landscape.right
    factors = scene.landscape.noise_factors(scene.noise)
    eff = [side.depth / factor for side, factor in zip((left, right), factors, strict=True)]
    flat, sharp = (1, 0) if right.curvature < left.curvature else (0, 1)
    change = scene.at_most - scene.at_least
    if answer == "yes":
        assert change > 0
        assert eff[sharp] > eff[flat], scene
    if answer == "no, less":
        assert change < 0
        assert eff[flat] > eff[sharp], scene
    if "is the deeper one here" in why:
        assert (left, right)[flat].depth > (left, right)[sharp].depth
    if answer == "no, only sooner":
        assert abs(change) < 0.01
    return answer


def test_the_real_network_says_what_its_measurements_say(shown: Shown) -> None:
    runs, measured = library.gradient_noise()
    traces = set(measured["trace"])
    for run, epoch in product(sorted(runs["batch_size"].unique()), sorted(measured["epoch"].unique())):
        shown.said.clear()
        shown.badges.clear()
        shown.answers.update(part=network.SIZES, run=f"B={run}", epoch=network_sentences.trained_to(int(epoch)))
        network._body(runs, measured)
        slope, largest = shown.badges
        assert (told := re.search(r"multiplies the variance by ([\d.]+) here", shown.checked()))
        assert float(told[1]) == pytest.approx(2**slope.measured, abs=0.005)
        bound = [trace / 1024 * (IMAGES - 1024) / (IMAGES - 1) for trace in traces]
        assert min(abs(largest.predicted / each - 1) for each in bound) < 1e-9
    for part, axis in product((network.MADE_OF, network.ALONG), along.AXES):
        shown.said.clear()
        shown.answers.update(part=part, along=axis)
        network._body(runs, measured)
        text = shown.checked()
        ends = re.findall(r"signal are equal, is ([\d,]+) after epoch 149 of B=16, ([\d,]+) after .* of B=512,", text)
        for told, end in zip(ends[0] if ends else (), (16, 512), strict=bool(ends)):
            scales = measured.merge(runs[["key", "batch_size"]]).query(f"batch_size == {end} and epoch == 149")
            assert float(told.replace(",", "")) in set(scales["noise_scale"].round())
        assert bool(ends) == (part == network.ALONG)
        for first, last in re.findall(r"(?:masks|crops|images) (\d+)% to (\d+)%", text):
            assert 0 <= int(first) < int(last) <= 100
    assert shown.charts == 2 * measured["epoch"].nunique() + 8


CONTROLS: dict[str, list[Any]] = {
    "a long step": limits.OF_LIMIT, "images unlike": limits.UNLIKE_BATCHES, "reshuffling": limits.FLATNESS,
    "training time": [limits.EPOCHS, limits.UPDATES], "sharpness": limits.ALPHAS,
}  # fmt: skip


@pytest.mark.parametrize("case", limits.CASES)
def test_every_limit_says_what_is_exact(case: str, shown: Shown) -> None:
    draw, key = limits.CASES[case]
    numbers = []
    for option in CONTROLS[case]:
        shown.said.clear()
        shown.answers[key] = option
        draw(st.container())
        text = shown.checked()
        if case == "a long step" and option < 1:
            (times,) = {*re.findall(r"variance is ([\d.]+) times", text)}
            numbers.append(float(times))
            assert numbers[-1] == pytest.approx(1 / (1 - option), rel=0.01)
        if case == "reshuffling":
            over, end = re.findall(r"leaves ([\d.]+)% of the images' variance, and ([\d.]+)% at the end", text)[0]
            assert float(end) < float(over) < 100
            numbers.append(float(over))
    assert numbers == sorted(numbers)
    assert shown.charts == len(CONTROLS[case])


def schedules() -> list[RunSpec]:
    found = []
    for name, epochs in product(SCHEDULES, (1, 2, 150, 300)):
        for _ in range(3):
            shape = {field: LOT.choice([one.low, one.high]) for field, one in SLIDERS.items()}
            rate, batch = LOT.choice([1e-5, 1e-4, 1.0]), LOT.choice([1, 16, 4096])
            found.append(
                RunSpec.parse(
                    {**shape, "decay_every": int(shape["decay_every"]), "warmup_epochs": int(shape["warmup_epochs"]),
                     "schedule": name, "epochs": epochs, "learning_rate": rate, "batch_size": batch,
                     "momentum": LOT.choice([0.0, 0.9, 0.99])}
                )
            )  # fmt: skip
    return found


def test_the_workbench_agrees_with_its_own_table(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "vega_lite_chart", lambda rows, chart, **_: json.dumps(chart, allow_nan=False))
    refused: list[str] = []
    specs = schedules()
    for spec, data in product(specs, ("vegetables", "shapes")):
        shown.said.clear()
        images = DATASETS[data].images
        most = min(4.0, 1 / (spec.step_decay if spec.schedule == "step" else 1.0) * spec.batch_growth)
        shown.answers.update(growth=LOT.choice([1.0, most]), all=LOT.choice([False, True]))
        in_steps = SCHEDULES[spec.schedule].in_steps
        try:
            second = (second_schedule._in_steps if in_steps else second_schedule._in_every_epoch)(spec, images)
        except UserError as error:
            refused.append(str(error))
            continue
        first = plan(spec, images)
        workbench._strips({"first": first, "second": second.epochs}, images)
        workbench._totals({"first": first, "second": second.epochs}, images, spec.momentum)
        said = f"{shown.text}\n{second.sentence}"
        assert not re.search(r"\b(nan|inf)\b", said), spec
        for k in second.agreeing:
            assert first[k].learning_rate > 0, (spec, k)
        if "agrees to the end" in second.sentence and "not equal noise" not in second.sentence:
            for one, other in zip(first, second.epochs, strict=True):
                left = [(images - each.batch_size) / (images - 1) for each in (one, other)]
                assert max(left) <= 1.15 * min(left) + 0.02, (spec, data)
    assert all("but must be" in sentence for sentence in refused)
    assert len(refused) < len(specs) / 2
